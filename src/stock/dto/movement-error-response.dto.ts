import { ErrorResponse } from '../../platform/docs/error-response.dto.js';

/** Why a movement can't be made. */
export class MovementErrorResponse extends ErrorResponse {
  /**
   * Of a 409: how much of the item is in stock, in its unit.
   * @example 1.5
   */
  available?: number;

  /**
   * In a batch: which of its movements it is, counted from 0.
   * @example 3
   */
  index?: number;
}
