import { IdField } from '../../platform/validation/fields.js';
import { StockUpdate } from './stock-update.dto.js';

export class StockCreate extends StockUpdate {
  /**
   * The id of the item to put in stock.
   * @example 33
   */
  @IdField()
  item_id!: number;
}
