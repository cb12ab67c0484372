import { AsOfField } from './as-of.field.js';

export class CategoryStockQuery {
  /** Answers the stock as it stood at this moment, under today's names and in today's categories. */
  @AsOfField()
  as_of?: string;
}
