import { fromHundredthsIfAny, fromThousandths } from '../../platform/validation/decimal.js';
import type { StockedItem } from '../stock.repository.js';

/** For an item that was deleted after `as_of`, fields that are no longer known are null. */
export class StockedItemResponse {
  /**
   * The id of its stock entry.
   * @example 1
   */
  stock_entry_id!: number;

  /** @example 1 */
  item_id!: number;

  /**
   * Null only for an item that was deleted after `as_of`.
   * @example 1
   */
  category_id!: number | null;

  /** @example "Red Apples" */
  item_name!: string;

  /**
   * Further details.
   * @example "Crisp and sweet, from the valley"
   */
  description!: string | null;

  /** @example "FP-APPLE-RED" */
  sku!: string | null;

  /**
   * EAN or UPC.
   * @example "2000000000015"
   */
  barcode!: string | null;

  /**
   * The address of its picture.
   * @example "https://images.corner-cafe.example/red-apples.jpg"
   */
  image_url!: string | null;

  /**
   * Null only for an item that was deleted after `as_of`.
   * @example "kg"
   */
  unit_type!: string | null;

  /**
   * Price of one unit. Null only for an item that was deleted after `as_of`.
   * @example 3.99
   */
  unit_price!: number | null;

  /**
   * Tax in percent. Null only for an item that was deleted after `as_of`.
   * @example 7
   */
  tax_rate!: number | null;

  /**
   * Discount in percent. Null only for an item that was deleted after `as_of`.
   * @example 12.5
   */
  discount_rate!: number | null;

  /**
   * How much is on hand, in the item's unit.
   * @example 12.5
   */
  quantity!: number;
}

export class CategoryStockResponse {
  /**
   * Null only for the last group, of items that were deleted after `as_of`.
   * @example 1
   */
  category_id!: number | null;

  /**
   * Null when the id is null.
   * @example "Fresh Produce"
   */
  category_name!: string | null;

  /** The items of this category that are in stock, sorted by name. */
  items!: StockedItemResponse[];
}

/** Groups rows that come sorted by category. */
export function categoryStockResponsesOf(rows: StockedItem[]): CategoryStockResponse[] {
  const categories: CategoryStockResponse[] = [];
  for (const row of rows) {
    const { category_id, category_name } = row;
    let category = categories.at(-1);
    if (category?.category_id !== category_id) {
      category = { category_id, category_name, items: [] };
      categories.push(category);
    }
    category.items.push(stockedItemResponseOf(row));
  }
  return categories;
}

function stockedItemResponseOf(row: StockedItem): StockedItemResponse {
  return {
    stock_entry_id: row.stock_entry_id,
    item_id: row.item_id,
    category_id: row.category_id,
    item_name: row.item_name,
    description: row.description,
    sku: row.sku,
    barcode: row.barcode,
    image_url: row.image_url,
    unit_type: row.unit_type,
    unit_price: fromHundredthsIfAny(row.unit_price),
    tax_rate: fromHundredthsIfAny(row.tax_rate),
    discount_rate: fromHundredthsIfAny(row.discount_rate),
    quantity: fromThousandths(row.quantity),
  };
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
