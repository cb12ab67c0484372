import { fromThousandths } from '../../common/decimal.js';
import type { Item } from '../item.entity.js';
import { type ItemResponse, itemResponseOf } from './item-response.dto.js';

export class ScannedItemResponse {
  /** The item that the code names. */
  item!: ItemResponse;

  /**
   * How much was scanned, in the item's unit: what a scale's label says, else 1.
   * @example 0.5
   */
  quantity!: number;
}

/** @param quantity in thousandths */
export function scannedItemResponseOf(item: Item, quantity: number): ScannedItemResponse {
  return { item: itemResponseOf(item), quantity: fromThousandths(quantity) };
}
