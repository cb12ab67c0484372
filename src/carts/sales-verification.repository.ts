import { Injectable } from '@nestjs/common';
import { MovementReason } from '../ledger/movement-reason.js';
import { Database } from '../platform/database/database.js';
import type { RowStream } from '../platform/database/row-stream.js';
import { commaSeparated, sql, type SqlFragment } from '../platform/database/sql.js';
import type { Thousandths } from '../platform/validation/decimal.js';
import type { CartItem } from './cart-item.entity.js';
import type { CartPayment } from './cart-payment.entity.js';
import type { CartRefundLine } from './cart-refund-line.entity.js';
import type { CartRefund } from './cart-refund.entity.js';
import type { Cart } from './cart.entity.js';

/** Carts and refunds that are read at a time: about a millisecond's work. */
const SLICE = 50;

/** What the ledger says that left the shelf for a cart, or came back, of one item. */
export interface CartMovements {
  cart_id: number;
  item_id: number;
  reason: MovementReason.Sale | MovementReason.Return;
  delta: Thousandths;
}

/** A cart with all that belongs to it. */
export interface StoredSale {
  cart: Cart;
  /** By id, as the payments. */
  lines: CartItem[];
  payments: CartPayment[];
  /** What was refunded of it, on whatever day; by id. */
  refunded: CartRefundLine[];
  movements: CartMovements[];
}

/** A refund with its lines, by id. */
export interface StoredRefund {
  refund: CartRefund;
  lines: CartRefundLine[];
}

/** The snapshot of a stream. */
type Snapshot = Pick<RowStream<unknown>, 'read'>;

/** The queries that a verification of sales is made from. Days are written `2026-03-01`. */
@Injectable()
export class SalesVerificationRepository {
  constructor(private readonly database: Database) {}

  /** The completed carts of a day, by id. */
  streamCarts(day: string): RowStream<Cart> {
    return this.database.stream<Cart>`
      select * from carts where account_date = ${day} and status = 'completed' order by id`;
  }

  /** Drafts and deleted carts, by id. */
  streamUnsoldCarts(): RowStream<Cart> {
    return this.database.stream<Cart>`select * from carts where status <> 'completed' order by id`;
  }

  /** The first cart that movements name and that is not there; undefined when there is none. */
  async findMissingCart(): Promise<number | undefined> {
    const [missing] = await this.database.read<{ id: number | null }>`
      select min(cart_id) as id from stock_movements movement
      where cart_id is not null and not exists (select 1 from carts where id = movement.cart_id)`;
    return missing?.id ?? undefined;
  }

  /** What belongs to some carts, in slices, all from one snapshot. */
  async *readSales(snapshot: Snapshot, carts: Cart[]): AsyncGenerator<StoredSale[]> {
    for (let start = 0; start < carts.length; start += SLICE) {
      yield await this.readSlice(snapshot, carts.slice(start, start + SLICE));
    }
  }

  /** The refunds of a day by id, in slices, all from one snapshot. */
  async *readRefunds(snapshot: Snapshot, day: string): AsyncGenerator<StoredRefund[]> {
    for (let last = 0; ;) {
      const refunds = await snapshot.read<CartRefund>`
        select * from cart_refunds where account_date = ${day} and id > ${last} order by id limit ${SLICE}`;
      if (refunds.length === 0) return;
      const lines = await snapshot.read<CartRefundLine>`
        select * from cart_refund_lines where refund_id in (${listOf(refunds.map(({ id }) => id))}) order by id`;
      const linesOf = groupBy(lines, ({ refund_id }) => refund_id);
      yield refunds.map((refund) => ({ refund, lines: linesOf.get(refund.id) ?? [] }));
      last = (refunds.at(-1) as CartRefund).id;
    }
  }

  private async readSlice(snapshot: Snapshot, carts: Cart[]): Promise<StoredSale[]> {
    const ids = listOf(carts.map(({ id }) => id));
    const lines = await snapshot.read<CartItem>`
      select * from cart_items where cart_id in (${ids}) order by id`;
    const payments = await snapshot.read<CartPayment>`
      select * from cart_payments where cart_id in (${ids}) order by id`;
    const refunded = await snapshot.read<CartRefundLine & { cart_id: number }>`
      select line.*, refund.cart_id from cart_refunds refund
      join cart_refund_lines line on line.refund_id = refund.id
      where refund.cart_id in (${ids}) order by line.id`;
    const movements = await snapshot.read<CartMovements>`
      select cart_id, item_id, reason, cast(sum(delta) as bigint) as delta from stock_movements
      where cart_id is not null and cart_id in (${ids})
        and (reason = ${MovementReason.Sale} or reason = ${MovementReason.Return})
      group by cart_id, item_id, reason order by cart_id, item_id`;
    const cartIdOf = ({ cart_id }: { cart_id: number }) => cart_id;
    const linesOf = groupBy(lines, cartIdOf);
    const paymentsOf = groupBy(payments, cartIdOf);
    const refundedOf = groupBy(refunded, cartIdOf);
    const movementsOf = groupBy(movements, cartIdOf);
    return carts.map((cart) => ({
      cart,
      lines: linesOf.get(cart.id) ?? [],
      payments: paymentsOf.get(cart.id) ?? [],
      refunded: refundedOf.get(cart.id) ?? [],
      movements: movementsOf.get(cart.id) ?? [],
    }));
  }
}

function listOf(ids: number[]): SqlFragment {
  return commaSeparated(ids.map((id) => sql`${id}`));
}

function groupBy<Row>(rows: Row[], keyOf: (row: Row) => number): Map<number, Row[]> {
  const groups = new Map<number, Row[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group) group.push(row);
    else groups.set(keyOf(row), [row]);
  }
  return groups;
}
