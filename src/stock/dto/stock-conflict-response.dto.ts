import { ErrorResponse } from '../../docs/error-response.dto.js';

/** Why the stock does not allow a movement. */
export class StockConflictResponse extends ErrorResponse {
  /**
   * How much of the item is in stock, in its unit.
   * @example 1.5
   */
  available?: number;

  /**
   * Which movement of a batch it is, counted from 0.
   * @example 3
   */
  index?: number;
}
