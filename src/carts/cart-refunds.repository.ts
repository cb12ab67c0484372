import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';
import { sql } from '../platform/database/sql.js';
import type { Thousandths } from '../platform/validation/decimal.js';
import { CartRefundLine } from './cart-refund-line.entity.js';
import { CartRefund } from './cart-refund.entity.js';

/** The queries on `cart_refunds` and `cart_refund_lines`. */
@Injectable()
export class CartRefundsRepository {
  constructor(private readonly database: Database) {}

  /** The refunds of a cart, the first one first. */
  findOfCart(cartId: number): Promise<CartRefund[]> {
    return this.database.read<CartRefund>`
      select * from cart_refunds where cart_id = ${cartId} order by id`;
  }

  /** The lines of all refunds of a cart, in the order in which they were sent. */
  findLinesOfCart(cartId: number): Promise<CartRefundLine[]> {
    return this.database.read<CartRefundLine>`
      select line.* from cart_refund_lines line
      join cart_refunds refund on refund.id = line.refund_id
      where refund.cart_id = ${cartId}
      order by line.id`;
  }

  /** Ids for a refund and so many lines, inside the transaction that inserts them. */
  async takeIds(lines: number): Promise<{ refundId: number; lineIds: number[] }> {
    const [[refundId], lineIds] = await Promise.all([
      this.database.takeIds('cart_refunds', 1),
      this.database.takeIds('cart_refund_lines', lines),
    ]);
    return { refundId: refundId as number, lineIds };
  }

  /** The open transaction throws at its end when this fails. */
  insert(refund: CartRefund, lines: CartRefundLine[]): void {
    this.database.insertPipelined(CartRefund, refund);
    this.database.upsertPipelined(CartRefundLine, lines);
  }

  /** The open transaction throws ConstraintViolation `ck_cart_items_refunded` at its end for more than was sold. */
  addRefunded(cartItemId: number, quantity: Thousandths): void {
    this.database.writePipelined(sql`
      update cart_items set refunded_quantity = refunded_quantity + ${quantity} where id = ${cartItemId}`);
  }
}
