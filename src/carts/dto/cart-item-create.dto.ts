import { BarcodeField } from '../../items/dto/barcode.field.js';
import type { Examples } from '../../platform/docs/examples.js';
import type { Thousandths } from '../../platform/validation/decimal.js';
import { DecimalField, IdField } from '../../platform/validation/fields.js';
import { MAX_IN_STOCK } from '../../stock/quantity.js';

/** The smallest quantity that can be sold, in the item's unit. */
export const MIN_QUANTITY = 0.001;

/** An item is named by its id or by its barcode, which may be the label of a scale. */
export class CartItemCreate {
  /**
   * The id of the item. Left out where there is a barcode.
   * @example 1
   */
  @IdField({ optional: hasBarcode, nullAsMissing: true })
  item_id?: number;

  /**
   * What a scanner read, in place of `item_id`. The quantity is then that of the label, otherwise 1, unless it is given.
   * @example "2000000000015"
   */
  @BarcodeField({ optional: true, nullAsMissing: true })
  barcode?: string;

  /**
   * How much, in the item's unit, with at most 3 decimals.
   * @example 1.5
   */
  @DecimalField({
    places: 3,
    min: MIN_QUANTITY,
    max: MAX_IN_STOCK,
    optional: hasBarcode,
    nullAsMissing: true,
  })
  quantity?: Thousandths;
}

function hasBarcode({ barcode }: { barcode?: unknown }): boolean {
  return barcode !== undefined;
}

export const CART_ITEM_CREATE_EXAMPLES: Examples<CartItemCreate> = {
  item: { summary: 'An item', value: { item_id: 1, quantity: 1.5 } },
  barcode: { summary: 'A barcode that was scanned', value: { barcode: '2000000000022' } },
};
