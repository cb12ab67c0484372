import { ErrorResponse } from '../../platform/docs/error-response.dto.js';

/** Why a cart can't be changed. */
export class CartErrorResponse extends ErrorResponse {
  /**
   * When there is not enough in stock: how much there is, in the item's unit.
   * @example 1.5
   */
  available?: number;

  /**
   * When the item is in the cart already: the id of its line.
   * @example 1
   */
  cart_item_id?: number;

  /**
   * When it is about one of several lines that were sent: its index, counted from 0.
   * @example 3
   */
  index?: number;

  /**
   * When the payments are another amount: what the customer has to pay.
   * @example 10.43
   */
  total?: number;

  /**
   * When more should be returned than is in the cart: how much there is, in the item's unit.
   * @example 2
   */
  in_cart?: number;

  /**
   * When more should be refunded than was sold: how much is not refunded yet, in the item's unit.
   * @example 0.5
   */
  refundable?: number;
}
