import type { Role } from '../../platform/authorization/role.js';
import { fromThousandths, type Thousandths } from '../../platform/validation/decimal.js';
import type { Gs1Data } from '../gs1.js';
import type { Item } from '../item.entity.js';
import { type Gs1Response, gs1ResponseOf } from './gs1-response.dto.js';
import { type ItemResponse, itemResponseOf } from './item-response.dto.js';

export class ScannedItemResponse {
  /** The item with this barcode. */
  item!: ItemResponse;

  /**
   * The scanned quantity in the item's unit: from the scale label or the GS1 barcode, otherwise 1.
   * @example 0.5
   */
  quantity!: number;

  /** Only for a GS1 barcode. */
  gs1?: Gs1Response;
}

/**
 * @param role of the user who gets it
 * @throws CodedException 409 for a price on the label with more decimals than prices have
 */
export function scannedItemResponseOf(
  item: Item,
  quantity: Thousandths,
  role: Role,
  gs1?: Gs1Data,
): ScannedItemResponse {
  return {
    item: itemResponseOf(item, role),
    quantity: fromThousandths(quantity),
    ...(gs1 && { gs1: gs1ResponseOf(gs1) }),
  };
}
