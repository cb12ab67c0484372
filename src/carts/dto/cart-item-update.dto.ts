import type { Thousandths } from '../../platform/validation/decimal.js';
import { DecimalField } from '../../platform/validation/fields.js';
import { MAX_IN_STOCK } from '../../stock/quantity.js';

export class CartItemUpdate {
  /**
   * How much is in the cart, in the item's unit, with at most 3 decimals; 0 removes the line.
   * @example 2
   */
  @DecimalField({ places: 3, min: 0, max: MAX_IN_STOCK })
  quantity!: Thousandths;
}
