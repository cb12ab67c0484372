import { ErrorResponse } from '../../platform/docs/error-response.dto.js';

/** Why a stocktake can't begin. */
export class StocktakeErrorResponse extends ErrorResponse {
  /**
   * When some items are not in stock: their ids, 100 at most.
   * @example [4, 5]
   */
  item_ids?: number[];
}
