import { AsOfField } from './as-of.field.js';

export class CategoryStockQuery {
  /** Returns the stock as of this time, with today's names and categories. */
  @AsOfField()
  as_of?: string;
}
