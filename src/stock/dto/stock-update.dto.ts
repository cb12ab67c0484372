import { DecimalField } from '../../validation/fields.js';

const LARGEST_QUANTITY = 1_000_000_000;

export class StockUpdate {
  /**
   * How much is on hand, in the item's unit, with at most 3 decimals.
   * @example 12.5
   */
  @DecimalField({ places: 3, min: 0, max: LARGEST_QUANTITY })
  quantity!: number;
}
