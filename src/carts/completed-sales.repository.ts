import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';
import { BATCH } from '../platform/database/engine.js';
import type { RowStream } from '../platform/database/row-stream.js';
import { commaSeparated, identifier, sql, type SqlFragment } from '../platform/database/sql.js';
import type { CartItem } from './cart-item.entity.js';
import type { CartPayment } from './cart-payment.entity.js';
import type { CartRefund } from './cart-refund.entity.js';
import type { Cart } from './cart.entity.js';

/** Where to read: the database as it is now, or the snapshot of a stream. */
export type SalesReader = Pick<Database, 'read'>;

type Frozen<Row> = { [Column in keyof Row]: NonNullable<Row[Column]> };

export type CompletedCart = Frozen<
  Pick<Cart, 'id' | 'subtotal' | 'discount_total' | 'tax_total' | 'total' | 'hash'>
>;

/** Lines of some carts that agree in what they sold at which price. */
export interface SoldLines
  extends
    Frozen<
      Pick<
        CartItem,
        | 'item_id'
        | 'name'
        | 'unit_price'
        | 'discount_rate'
        | 'tax_rate'
        | 'quantity'
        | 'line_subtotal'
        | 'line_discount'
        | 'line_tax'
        | 'line_total'
      >
    >,
    Pick<CartItem, 'sku'> {
  /** How many they are. */
  lines: number;
}

export type PaidAmount = Pick<CartPayment, 'method' | 'amount'>;

export type DayRefund = Pick<CartRefund, 'id' | 'method' | 'amount' | 'hash'>;

const CART = sql`id, subtotal, discount_total, tax_total, total, hash`;
const REFUND = sql`id, method, amount, hash`;

/** The queries on completed carts and refunds that closing a day is made from. Days are written `2026-03-01`. */
@Injectable()
export class CompletedSalesRepository {
  constructor(private readonly database: Database) {}

  /** The carts of a day, by id. */
  streamCarts(day: string): RowStream<CompletedCart> {
    return this.database.stream<CompletedCart>`
      select ${CART} from carts where account_date = ${day} and status = 'completed' order by id`;
  }

  /** The refunds of a day, by id. */
  streamRefunds(day: string): RowStream<DayRefund> {
    return this.database.stream<DayRefund>`
      select ${REFUND} from cart_refunds where account_date = ${day} order by id`;
  }

  /** @param cartIds at least one, of completed carts, and so few that one query can have them all */
  sumLines(reader: SalesReader, cartIds: number[]): Promise<SoldLines[]> {
    return reader.read<SoldLines>`
      select item_id, name, sku, unit_price, discount_rate, tax_rate, count(*) as lines, ${sumOf('quantity')},
        ${sumOf('line_subtotal')}, ${sumOf('line_discount')}, ${sumOf('line_tax')}, ${sumOf('line_total')}
      from cart_items where cart_id in (${listOf(cartIds)})
      group by item_id, name, sku, unit_price, discount_rate, tax_rate`;
  }

  /** @param cartIds as those of {@link sumLines} */
  sumPayments(reader: SalesReader, cartIds: number[]): Promise<PaidAmount[]> {
    return reader.read<PaidAmount>`
      select method, ${sumOf('amount')} from cart_payments where cart_id in (${listOf(cartIds)}) group by method`;
  }

  /** How many carts and refunds a day has. */
  async count(day: string): Promise<{ carts: number; refunds: number }> {
    const [counted] = await this.database.read<{ carts: number; refunds: number }>`
      select (select count(*) from carts where account_date = ${day}) as carts,
        (select count(*) from cart_refunds where account_date = ${day}) as refunds`;
    return counted as { carts: number; refunds: number };
  }

  /** The ids of a day's carts that were completed since a time, ISO 8601, UTC; of all unless it is given. */
  async findCartIds(day: string, since = ''): Promise<number[]> {
    const rows = await this.database.read<{ id: number }>`
      select id from carts where account_date = ${day} and updated_at >= ${since}`;
    return rows.map(({ id }) => id);
  }

  /** The same of its refunds. */
  async findRefundIds(day: string, since = ''): Promise<number[]> {
    const rows = await this.database.read<{ id: number }>`
      select id from cart_refunds where account_date = ${day} and created_at >= ${since}`;
    return rows.map(({ id }) => id);
  }

  findCarts(ids: number[]): Promise<CompletedCart[]> {
    return inBatches(ids, (some) => this.database.read`select ${CART} from carts where id in (${some})`);
  }

  findRefunds(ids: number[]): Promise<DayRefund[]> {
    return inBatches(
      ids,
      (some) => this.database.read`select ${REFUND} from cart_refunds where id in (${some})`,
    );
  }

  async countDrafts(): Promise<number> {
    const [counted] = await this.database.read<{ drafts: number }>`
      select count(*) as drafts from carts where status = 'draft'`;
    return (counted as { drafts: number }).drafts;
  }
}

function sumOf(column: string): SqlFragment {
  return sql`cast(sum(${identifier(column)}) as bigint) as ${identifier(column)}`;
}

function listOf(ids: number[]): SqlFragment {
  return commaSeparated(ids.map((id) => sql`${id}`));
}

async function inBatches<Row>(ids: number[], read: (ids: SqlFragment) => Promise<Row[]>): Promise<Row[]> {
  const rows: Row[] = [];
  for (let start = 0; start < ids.length; start += BATCH) {
    rows.push(...(await read(listOf(ids.slice(start, start + BATCH)))));
  }
  return rows;
}
