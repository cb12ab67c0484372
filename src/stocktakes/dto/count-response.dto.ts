import { fromThousandths } from '../../platform/validation/decimal.js';
import type { StocktakeCount } from '../stocktake-count.entity.js';

/** A count of an item. */
export class CountResponse {
  /** @example 1 */
  id!: number;

  /** @example 1 */
  item_id!: number;

  /**
   * How much was there, in the item's unit.
   * @example 12.5
   */
  quantity!: number;

  /**
   * When it was counted.
   * @example "2026-03-01T07:00:00.000Z"
   */
  counted_at!: string;

  /**
   * The id of the user who counted.
   * @example 1
   */
  counted_by!: number;

  /**
   * When it arrived.
   * @example "2026-03-01T07:00:00.000Z"
   */
  recorded_at!: string;
}

export function countResponseOf(item_id: number, count: StocktakeCount): CountResponse {
  return {
    id: count.id,
    item_id,
    quantity: fromThousandths(count.quantity),
    counted_at: count.counted_at,
    counted_by: count.counted_by,
    recorded_at: count.recorded_at,
  };
}
