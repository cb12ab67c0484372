import { fromThousandths, fromThousandthsIfAny } from '../../platform/validation/decimal.js';
import type { LowStock } from '../stock.repository.js';

export class LowStockResponse {
  /**
   * The id of its stock entry; null for an item that is not in stock.
   * @example 1
   */
  stock_entry_id!: number | null;

  /** @example 1 */
  item_id!: number;

  /** @example "Red Apples" */
  item_name!: string;

  /** @example "FP-APPLE-RED" */
  sku!: string | null;

  /** @example 1 */
  category_id!: number;

  /**
   * The name of its category.
   * @example "Fresh Produce"
   */
  category_name!: string;

  /**
   * The unit in which it is counted.
   * @example "kg"
   */
  unit_type!: string;

  /**
   * How much is on hand, in the item's unit: 0 for an item that is not in stock.
   * @example 1.5
   */
  quantity!: number;

  /**
   * The stock is low at this quantity or below.
   * @example 5
   */
  low_stock_threshold!: number;

  /**
   * How much to order.
   * @example 20
   */
  reorder_quantity!: number | null;
}

export function lowStockResponseOf(entry: LowStock): LowStockResponse {
  return {
    ...entry,
    quantity: fromThousandths(entry.quantity),
    low_stock_threshold: fromThousandths(entry.low_stock_threshold),
    reorder_quantity: fromThousandthsIfAny(entry.reorder_quantity),
  };
}
