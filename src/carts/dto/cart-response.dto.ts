import { type Cart, CartStatus } from '../cart.entity.js';
import type { ShownCart } from '../carts.repository.js';
import { ApiProperty } from '@nestjs/swagger';
import { fromThousandths, type Thousandths } from '../../platform/validation/decimal.js';

export class CartResponse {
  /** @example 1 */
  id!: number;

  /**
   * The table or counter it belongs to.
   * @example "7"
   */
  desk_number!: string | null;

  /** Whether it is still being filled. */
  @ApiProperty({ enum: CartStatus, enumName: 'CartStatus' })
  status!: CartStatus;

  /**
   * The trading day that it is accounted for; null until it is completed.
   * @example "2026-03-01"
   */
  account_date!: string | null;

  /**
   * When it was sold; null until it is completed.
   * @example "2026-03-01T07:00:00.000Z"
   */
  completed_at!: string | null;

  /** @example 2 */
  created_by!: number;

  /** @example 2 */
  updated_by!: number;

  /** @example "2026-03-01T07:00:00.000Z" */
  created_at!: string;

  /** @example "2026-03-01T07:00:00.000Z" */
  updated_at!: string;
}

/** How much of an item was missing in stock when a sale arrived that had happened. */
export class CorrectedItem {
  /** @example 1 */
  item_id!: number;

  /**
   * What a `correction` added, in the item's unit.
   * @example 1.5
   */
  quantity!: number;
}

export class CreatedCartResponse extends CartResponse {
  /** Told once, to who sends a sale with `on_shortfall` as `correct`: what was missing in stock, and was added by a `correction` before. */
  @ApiProperty({ type: [CorrectedItem] })
  corrected?: CorrectedItem[];
}

export function cartResponseOf(cart: ShownCart): CartResponse {
  return {
    id: cart.id,
    desk_number: cart.desk_number,
    status: cart.status,
    account_date: cart.account_date,
    completed_at: cart.completed_at,
    created_by: cart.created_by,
    updated_by: cart.updated_by,
    created_at: cart.created_at,
    updated_at: cart.updated_at,
  };
}

/** @param corrected what was missing of each item */
export function createdCartResponseOf(
  cart: Cart,
  corrected: { item_id: number; quantity: Thousandths }[],
): CreatedCartResponse {
  const response: CreatedCartResponse = cartResponseOf(cart);
  if (corrected.length > 0) {
    response.corrected = corrected.map(({ item_id, quantity }) => ({
      item_id,
      quantity: fromThousandths(quantity),
    }));
  }
  return response;
}
