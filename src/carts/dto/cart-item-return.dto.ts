import type { Examples } from '../../platform/docs/examples.js';
import type { Thousandths } from '../../platform/validation/decimal.js';
import { DecimalField } from '../../platform/validation/fields.js';
import { MAX_IN_STOCK } from '../../stock/quantity.js';
import { MIN_QUANTITY } from './cart-item-create.dto.js';

export class CartItemReturn {
  /**
   * How much goes back to the shelf, in the item's unit, with at most 3 decimals; all of it unless it is given.
   * @example 0.5
   */
  @DecimalField({ places: 3, min: MIN_QUANTITY, max: MAX_IN_STOCK, optional: true, nullAsMissing: true })
  quantity?: Thousandths;
}

export const CART_ITEM_RETURN_EXAMPLES: Examples<CartItemReturn> = {
  part: { summary: 'A part of it', value: { quantity: 0.5 } },
  all: { summary: 'All of it', value: {} },
};
