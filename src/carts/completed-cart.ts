import { CodedException } from '../platform/errors/coded.exception.js';
import { fromHundredths, type Hundredths } from '../platform/validation/decimal.js';
import { type CartPayment, PaymentMethod } from './cart-payment.entity.js';
import { assertExact, type CartTotals, totalsOf } from './cart-sums.js';
import { type Cart, CartStatus } from './cart.entity.js';
import type { SummedCartItem } from './cart-lines.js';
import type { PaymentCreate } from './dto/cart-complete.dto.js';
import { cartHash } from './sale-hash.js';

/**
 * A cart as it is completed: with the totals of its lines, and the hash of all of it.
 *
 * @param cart with its day and the time of the sale
 * @param lines frozen
 * @param payments as sent; none for a sale of which nobody says how it was paid
 * @throws CodedException 409 for a cart without lines, an amount that is too large, or payments that are not the total
 */
export function completedCart(cart: Cart, lines: SummedCartItem[], payments?: PaymentCreate[]): Cart {
  if (lines.length === 0) throw new CodedException(409, 'cart_empty', 'The cart is empty');
  for (const { line_subtotal, line_total } of lines) assertExact(line_subtotal, line_total);
  const totals = totalsOf(lines);
  assertExact(totals.subtotal, totals.total);
  assertPaid(totals, payments);
  const completed = { ...cart, ...totals, status: CartStatus.Completed };
  return { ...completed, hash: cartHash(completed, lines, paymentsOf(completed, payments)) };
}

/** The payments of a completed cart: as sent, otherwise one of which nobody says how. */
export function paymentsOf(
  { id: cart_id, total }: Cart,
  payments: PaymentCreate[] = [],
): Omit<CartPayment, 'id'>[] {
  const kept =
    payments.length > 0 ? payments : [{ method: PaymentMethod.Unspecified, amount: total as Hundredths }];
  return kept.map(({ method, amount }) => ({ cart_id, method, amount }));
}

function assertPaid({ total }: CartTotals, payments: PaymentCreate[] = []): void {
  const paid = payments.reduce((sum, { amount }) => sum + amount, 0);
  if (payments.length === 0 || paid === total) return;
  const amounts = { total: fromHundredths(total) };
  throw new CodedException(
    409,
    'payments_mismatch',
    `The payments are not the total, which is ${amounts.total}`,
    amounts,
  );
}
