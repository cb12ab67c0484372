import { fromHundredths, fromThousandths } from '../../common/decimal.js';
import type { StockedItem } from '../stock.repository.js';

export class StockedItemResponse {
  /**
   * The id of its stock entry.
   * @example 1
   */
  stock_entry_id!: number;

  /** @example 1 */
  item_id!: number;

  /** @example "Red Apples" */
  item_name!: string;

  /** @example "FP-APPLE-RED" */
  sku!: string | null;

  /**
   * Null only of an item that has been deleted since `as_of`.
   * @example "kg"
   */
  unit_type!: string | null;

  /**
   * Price of one unit. Null only of an item that has been deleted since `as_of`.
   * @example 3.99
   */
  unit_price!: number | null;

  /**
   * How much is on hand, in the item's unit.
   * @example 12.5
   */
  quantity!: number;
}

export class CategoryStockResponse {
  /**
   * Null only of the last group, of items that have been deleted since `as_of`.
   * @example 1
   */
  category_id!: number | null;

  /**
   * Null where the id is.
   * @example "Fresh Produce"
   */
  category_name!: string | null;

  /** What is in stock of this category, sorted by name. */
  items!: StockedItemResponse[];
}

/** Groups rows that come sorted by category. */
export function categoryStockResponsesOf(rows: StockedItem[]): CategoryStockResponse[] {
  const categories: CategoryStockResponse[] = [];
  for (const { category_id, category_name, unit_price, quantity, ...item } of rows) {
    let category = categories.at(-1);
    if (category?.category_id !== category_id) {
      category = { category_id, category_name, items: [] };
      categories.push(category);
    }
    category.items.push({
      ...item,
      unit_price: unit_price === null ? null : fromHundredths(unit_price),
      quantity: fromThousandths(quantity),
    });
  }
  return categories;
}

/** Writes them as one JSON array, from batches that end in the middle of a category. */
export async function* writeByCategory(batches: AsyncIterable<StockedItem[]>): AsyncIterable<string> {
  let last: number | null | undefined;
  for await (const batch of batches) {
    let text = '';
    for (const category of categoryStockResponsesOf(batch)) {
      // Without the `]}` at its end: more of it may follow.
      if (category.category_id === last) text += `,${JSON.stringify(category.items).slice(1, -1)}`;
      else text += `${last === undefined ? '[' : ']},'}${JSON.stringify(category).slice(0, -2)}`;
      last = category.category_id;
    }
    yield text;
  }
  yield last === undefined ? '[]' : ']}]';
}
