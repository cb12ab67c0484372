import { ApiProperty } from '@nestjs/swagger';
import { fromHundredths, fromThousandths } from '../../platform/validation/decimal.js';
import { PaymentMethod } from '../cart-payment.entity.js';
import type { CartRefundLine } from '../cart-refund-line.entity.js';
import type { CartRefund } from '../cart-refund.entity.js';

export class RefundLineResponse {
  /**
   * The id of the line of the cart.
   * @example 1
   */
  cart_item_id!: number;

  /** @example 1 */
  item_id!: number;

  /**
   * How much was refunded, in the item's unit.
   * @example 0.5
   */
  quantity!: number;

  /** Whether it went back to the shelf. */
  restock!: boolean;

  /**
   * What was paid back for it.
   * @example 2.14
   */
  amount!: number;
}

export class RefundResponse {
  /** @example 1 */
  id!: number;

  /**
   * The id of the cart.
   * @example 1
   */
  cart_id!: number;

  /**
   * The trading day on which it was paid back.
   * @example "2026-03-01"
   */
  account_date!: string;

  /**
   * Why.
   * @example "Bruised"
   */
  reason!: string | null;

  /** How it was paid back. */
  @ApiProperty({ enum: PaymentMethod, enumName: 'PaymentMethod' })
  method!: PaymentMethod;

  /**
   * The sum of its lines.
   * @example 2.14
   */
  amount!: number;

  /** What came back. */
  @ApiProperty({ type: [RefundLineResponse] })
  lines!: RefundLineResponse[];

  /** @example 2 */
  created_by!: number;

  /** @example "2026-03-01T07:00:00.000Z" */
  created_at!: string;
}

export function refundResponseOf(refund: CartRefund, lines: CartRefundLine[]): RefundResponse {
  return {
    id: refund.id,
    cart_id: refund.cart_id,
    account_date: refund.account_date,
    reason: refund.reason,
    method: refund.method,
    amount: fromHundredths(refund.amount),
    lines: lines.map(({ cart_item_id, item_id, quantity, restock, amount }) => ({
      cart_item_id,
      item_id,
      quantity: fromThousandths(quantity),
      // SQLite has no booleans: it returns 0 and 1.
      restock: Number(restock) === 1,
      amount: fromHundredths(amount),
    })),
    created_by: refund.created_by,
    created_at: refund.created_at,
  };
}
