import { fromThousandthsIfAny } from '../../platform/validation/decimal.js';
import type { CountedItem } from '../stocktake-counts.repository.js';

/** An item to count. What is expected is not told. */
export class CountedItemResponse {
  /** @example 1 */
  item_id!: number;

  /**
   * The name of today; of a deleted item the last one.
   * @example "Red Apples"
   */
  item_name!: string;

  /** @example "FP-APPLE-RED" */
  sku!: string | null;

  /**
   * What a scanner reads.
   * @example "2000000000015"
   */
  barcode!: string | null;

  /**
   * The unit to count in; null for a deleted item.
   * @example "kg"
   */
  unit_type!: string | null;

  /**
   * Null for a deleted item.
   * @example 1
   */
  category_id!: number | null;

  /**
   * What was counted last, by `counted_at`; null, like the next two, until it is counted.
   * @example 12.5
   */
  quantity!: number | null;

  /**
   * When it was counted.
   * @example "2026-03-01T07:00:00.000Z"
   */
  counted_at!: string | null;

  /**
   * The id of the user who counted it.
   * @example 1
   */
  counted_by!: number | null;
}

export function countedItemResponseOf(item: CountedItem): CountedItemResponse {
  return {
    item_id: item.item_id,
    item_name: item.item_name,
    sku: item.sku,
    barcode: item.barcode,
    unit_type: item.unit_type,
    category_id: item.category_id,
    quantity: fromThousandthsIfAny(item.quantity),
    counted_at: item.counted_at,
    counted_by: item.counted_by,
  };
}
