import { fromThousandths } from '../../platform/validation/decimal.js';
import type { CartItem } from '../cart-item.entity.js';

/** A line of a cart, as it is changed. Names and prices are in the cart's summary. */
export class CartItemResponse {
  /** @example 1 */
  id!: number;

  /**
   * The id of its cart.
   * @example 1
   */
  cart_id!: number;

  /** @example 1 */
  item_id!: number;

  /**
   * In the item's unit.
   * @example 1.5
   */
  quantity!: number;

  /** @example 2 */
  created_by!: number;

  /** @example 2 */
  updated_by!: number;

  /** @example "2026-03-01T07:00:00.000Z" */
  created_at!: string;

  /** @example "2026-03-01T07:00:00.000Z" */
  updated_at!: string;
}

export function cartItemResponseOf(line: CartItem): CartItemResponse {
  const { id, cart_id, item_id, created_by, updated_by, created_at, updated_at } = line;
  const quantity = fromThousandths(line.quantity);
  return { id, cart_id, item_id, quantity, created_by, updated_by, created_at, updated_at };
}
