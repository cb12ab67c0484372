import { fromThousandths } from '../../platform/validation/decimal.js';
import type { StockEntry } from '../stock-entry.entity.js';
import type { ListedStockEntry } from '../stock.repository.js';

export class StockEntryResponse {
  /** @example 1 */
  id!: number;

  /** @example 1 */
  item_id!: number;

  /**
   * How much is on hand, in the item's unit.
   * @example 12.5
   */
  quantity!: number;

  /**
   * The id of the user who put the item in stock.
   * @example 1
   */
  created_by!: number;

  /**
   * The id of the user who changed the quantity last.
   * @example 2
   */
  updated_by!: number;

  /** @example "2026-03-01T07:00:00.000Z" */
  created_at!: string;

  /** @example "2026-03-01T07:00:00.000Z" */
  updated_at!: string;
}

/** A stock entry in a list, where it is shown with its item. */
export class ListedStockEntryResponse extends StockEntryResponse {
  /** @example "Red Apples" */
  item_name!: string;

  /** @example "FP-APPLE-RED" */
  sku!: string | null;
}

export function stockEntryResponseOf(entry: StockEntry): StockEntryResponse {
  const { id, item_id, created_by, updated_by, created_at, updated_at } = entry;
  const quantity = fromThousandths(entry.quantity);
  return { id, item_id, quantity, created_by, updated_by, created_at, updated_at };
}

export function listedStockEntryResponseOf(entry: ListedStockEntry): ListedStockEntryResponse {
  const { id, item_id, item_name, sku, created_by, updated_by, created_at, updated_at } = entry;
  const quantity = fromThousandths(entry.quantity);
  return { id, item_id, item_name, sku, quantity, created_by, updated_by, created_at, updated_at };
}
