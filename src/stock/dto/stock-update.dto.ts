import { DecimalField } from '../../platform/validation/fields.js';
import { MAX_IN_STOCK } from '../quantity.js';
import type { Thousandths } from '../../platform/validation/decimal.js';

export class StockUpdate {
  /**
   * How much is on hand, in the item's unit, with at most 3 decimals.
   * @example 12.5
   */
  @DecimalField({ places: 3, min: 0, max: MAX_IN_STOCK })
  quantity!: Thousandths;
}
