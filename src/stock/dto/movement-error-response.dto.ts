import { ErrorResponse } from '../../platform/docs/error-response.dto.js';

/** Why a movement can't be recorded. */
export class MovementErrorResponse extends ErrorResponse {
  /**
   * For a 409: how much of the item is in stock, in its unit.
   * @example 1.5
   */
  available?: number;

  /**
   * In a batch: the index of the movement, counted from 0.
   * @example 3
   */
  index?: number;
}
