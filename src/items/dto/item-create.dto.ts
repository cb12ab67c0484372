import type { Examples } from '../../platform/docs/examples.js';
import { DecimalField, IdField, TextField, UrlField } from '../../platform/validation/fields.js';
import type { Hundredths, TenThousandths, Thousandths } from '../../platform/validation/decimal.js';

export const MAX_PRICE = 1_000_000_000;
const MAX_QUANTITY = 1_000_000_000;
const MIN_QUANTITY = 0.001;

export class ItemCreate {
  /**
   * The id of the item's category.
   * @example 1
   */
  @IdField()
  category_id!: number;

  /**
   * The name of the item.
   * @example "Red Apples"
   */
  @TextField({ min: 1, max: 200 })
  name!: string;

  /**
   * Further details.
   * @example "Crisp and sweet, from the valley"
   */
  @TextField({ max: 2000, multiline: true, nullable: true, optional: true })
  description?: string | null;

  /**
   * Stock keeping unit: the shop's own number for the item. Unique if set.
   * @example "FP-APPLE-RED"
   */
  @TextField({ min: 1, max: 50, nullable: true, optional: true })
  sku?: string | null;

  /**
   * EAN or UPC, or a code of the shop. A GTIN is stored without the separators between its digits.
   * @example "2000000000015"
   */
  @TextField({ max: 50, nullable: true, optional: true })
  barcode?: string | null;

  /**
   * The address of its picture: http or https.
   * @example "https://images.corner-cafe.example/red-apples.jpg"
   */
  @UrlField({ max: 500, nullable: true, optional: true })
  image_url?: string | null;

  /**
   * Price of one unit, with at most 2 decimals.
   * @example 3.99
   */
  @DecimalField({ places: 2, min: 0, max: MAX_PRICE })
  unit_price!: Hundredths;

  /**
   * What one unit costs the shop, with at most 4 decimals; null when it is not known. Owners only may send it.
   * @example 2.125
   */
  @DecimalField({ places: 4, min: 0, max: MAX_PRICE, nullable: true, optional: true })
  unit_cost?: TenThousandths | null;

  /**
   * The unit in which it is counted: kg, piece, cup, litre … The default for a new item is `piece`.
   * @example "kg"
   */
  @TextField({ min: 1, max: 20, optional: true })
  unit_type?: string;

  /**
   * Tax in percent, with at most 2 decimals. The default for a new item is 0. Null counts as left out.
   * @example 7
   */
  @DecimalField({ places: 2, min: 0, max: 100, nullAsMissing: true, optional: true })
  tax_rate?: Hundredths;

  /**
   * Discount in percent, with at most 2 decimals. The default for a new item is 0. Null counts as left out.
   * @example 12.5
   */
  @DecimalField({ places: 2, min: 0, max: 100, nullAsMissing: true, optional: true })
  discount_rate?: Hundredths;

  /**
   * The stock is low at this quantity or below; null for an item whose stock is never low. In its unit, with at most 3
   * decimals.
   * @example 5
   */
  @DecimalField({ places: 3, min: 0, max: MAX_QUANTITY, nullable: true, optional: true })
  low_stock_threshold?: Thousandths | null;

  /**
   * How much to order when the stock is low, in its unit, with at most 3 decimals.
   * @example 20
   */
  @DecimalField({
    places: 3,
    min: MIN_QUANTITY,
    max: MAX_QUANTITY,
    nullable: true,
    optional: true,
  })
  reorder_quantity?: Thousandths | null;
}

export const ITEM_CREATE_EXAMPLES: Examples<ItemCreate> = {
  full: {
    summary: 'With all fields',
    value: {
      category_id: 1,
      name: 'Conference Pears',
      description: 'Juicy, from the valley',
      sku: 'FP-PEAR-CONFERENCE',
      barcode: '2000000000336',
      image_url: 'https://images.corner-cafe.example/conference-pears.jpg',
      unit_price: 3.29,
      unit_cost: 1.875,
      unit_type: 'kg',
      tax_rate: 7,
      discount_rate: 12.5,
      low_stock_threshold: 5,
      reorder_quantity: 20,
    },
  },
  short: {
    summary: 'With the required fields only',
    value: { category_id: 1, name: 'Kiwi', unit_price: 0.45 },
  },
};
