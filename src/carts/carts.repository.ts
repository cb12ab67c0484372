import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';
import { allOf, sql, type SqlFragment } from '../platform/database/sql.js';
import type { RowStream } from '../platform/database/row-stream.js';
import { readAll } from '../platform/lists/read-all.js';
import { type Page, readPage } from '../platform/lists/page.js';
import type { PageRequest } from '../platform/lists/page-query.dto.js';
import type { Hundredths, TenThousandths } from '../platform/validation/decimal.js';
import { CartItem } from './cart-item.entity.js';
import { CartPayment } from './cart-payment.entity.js';
import { Cart, CartStatus } from './cart.entity.js';

/** A line with its names and prices: frozen ones, or those of today while its cart is a draft. */
export interface PricedCartItem extends CartItem {
  name: string;
  unit_price: Hundredths;
  unit_cost: TenThousandths | null;
  discount_rate: Hundredths;
  tax_rate: Hundredths;
}

/** Conditions on a list of carts, combined with AND. */
export interface CartFilter {
  status?: CartStatus;
  desk_number?: string;
  account_date?: string;
}

/** Which lines to list, by their carts. */
export interface CartLineFilter extends CartFilter {
  status: CartStatus;
  /** Trading days, both included. */
  start_date?: string;
  end_date?: string;
}

const LINE_IS_DRAFT = sql`line.line_total is null`;

/** The columns of a {@link PricedCartItem}. */
const PRICED_LINE = sql`
  line.id, line.cart_id, line.item_id, line.stock_entry_id, line.quantity,
  coalesce(line.name, item.name, '') as name,
  case when ${LINE_IS_DRAFT} then item.sku else line.sku end as sku,
  coalesce(line.unit_price, item.unit_price, 0) as unit_price,
  case when ${LINE_IS_DRAFT} then item.unit_cost else line.unit_cost end as unit_cost,
  coalesce(line.discount_rate, item.discount_rate, 0) as discount_rate,
  coalesce(line.tax_rate, item.tax_rate, 0) as tax_rate,
  line.line_subtotal, line.line_discount, line.line_tax, line.line_total, line.refunded_quantity,
  line.created_by, line.updated_by, line.created_at, line.updated_at`;

/** The cart of a line, beside the line's own columns. */
const CART_OF_LINE = sql`
  cart.id as id_of_cart, cart.desk_number, cart.status, cart.account_date, cart.completed_at, cart.created_by as cart_created_by,
  cart.updated_by as cart_updated_by, cart.created_at as cart_created_at, cart.updated_at as cart_updated_at`;

type CartOfLine = Pick<Cart, 'desk_number' | 'status' | 'account_date' | 'completed_at'> & {
  id_of_cart: number;
  cart_created_by: number;
  cart_updated_by: number;
  cart_created_at: string;
  cart_updated_at: string;
};

export type CartLine = CartOfLine & PricedCartItem;

/** What a cart shows of itself. */
export type ShownCart = Omit<
  Cart,
  'prices_include_tax' | 'subtotal' | 'discount_total' | 'tax_total' | 'total' | 'hash' | 'adopted_at'
>;

/** The queries on `carts`, `cart_items` and `cart_payments`. */
@Injectable()
export class CartsRepository {
  constructor(private readonly database: Database) {}

  /** @throws ConstraintViolation `uq_carts_desk_number` */
  insert(desk_number: string | null, userId: number): Promise<Cart> {
    const now = this.database.clock.timestamp();
    return this.database.insert(Cart, {
      desk_number,
      status: CartStatus.Draft,
      ...{ created_by: userId, updated_by: userId, created_at: now, updated_at: now },
    });
  }

  /** Inside the open transaction, which throws at its end when this fails. */
  insertWhole(cart: Cart, lines: CartItem[], payments: Omit<CartPayment, 'id'>[]): void {
    this.database.insertPipelined(Cart, cart);
    this.database.upsertPipelined(CartItem, lines);
    this.insertPayments(payments);
  }

  list({ status, desk_number, account_date }: CartFilter, page: PageRequest): Promise<Page<Cart>> {
    const condition = allOf(
      status === undefined ? undefined : sql`status = ${status}`,
      desk_number === undefined ? undefined : sql`desk_number = ${desk_number}`,
      account_date === undefined ? undefined : sql`account_date = ${account_date}`,
    );
    return readPage<Cart>(this.database, sql`carts`, condition, page);
  }

  /** The drafts at a desk. */
  listAtDesks(): Promise<Cart[]> {
    return this.database.read<Cart>`
      select * from carts where status = ${CartStatus.Draft} and desk_number is not null`;
  }

  async findById(id: number): Promise<Cart | undefined> {
    const [cart] = await this.database.read<Cart>`select * from carts where id = ${id}`;
    return cart;
  }

  /** A cart with its lines in the order in which they were added, as of one moment. */
  async findWithLines(id: number): Promise<{ cart: ShownCart; lines: PricedCartItem[] } | undefined> {
    const rows = await this.database.read<CartLine>`
      select ${CART_OF_LINE}, ${PRICED_LINE}
      from carts cart
      left join cart_items line on line.cart_id = cart.id
      left join items item on item.id = line.item_id
      where cart.id = ${id}
      order by line.id`;
    const [first] = rows;
    if (!first) return undefined;
    // Without lines there is one row, which has none.
    return { cart: cartOf(first), lines: rows.filter(({ cart_id }) => cart_id === id) };
  }

  /** The lines of all carts that meet the filter, each with its cart: the newest cart first, and its lines in their order. */
  listLines(filter: CartLineFilter): Promise<CartLine[] | RowStream<CartLine>> {
    const { status, desk_number, account_date, start_date, end_date } = filter;
    const condition = allOf(
      sql`cart.status = ${status}`,
      desk_number === undefined ? undefined : sql`cart.desk_number = ${desk_number}`,
      account_date === undefined ? undefined : sql`cart.account_date = ${account_date}`,
      start_date === undefined ? undefined : sql`cart.account_date >= ${start_date}`,
      end_date === undefined ? undefined : sql`cart.account_date <= ${end_date}`,
    );
    // SQLite would sort the lines of a year at once.
    const order =
      (desk_number ?? account_date) === undefined ? this.database.dialect.useIndex('ix_carts_status') : sql``;
    return readAll<CartLine>(
      this.database,
      sql`
      select ${CART_OF_LINE}, ${PRICED_LINE}
      from carts cart ${order} cross join cart_items line left join items item on item.id = line.item_id
      where line.cart_id = cart.id and ${condition as SqlFragment}
      order by cart.id desc, line.id`,
    );
  }

  findPayments(cartId: number): Promise<CartPayment[]> {
    return this.database.read<CartPayment>`
      select * from cart_payments where cart_id = ${cartId} order by id`;
  }

  /**
   * Locks a cart until the transaction ends, if it is a draft, and notes who changes it. Every change of a cart begins with this:
   * what follows in the transaction sees what others did before, and nobody else changes the cart meanwhile.
   *
   * @returns undefined when there is no such draft
   */
  lockDraft(
    id: number,
    userId: number,
    changes: Pick<Partial<Cart>, 'desk_number'> = {},
  ): Promise<Cart | undefined> {
    return this.database.update(Cart, sql`id = ${id} and status = ${CartStatus.Draft}`, {
      ...changes,
      updated_by: userId,
      updated_at: this.database.clock.timestamp(),
    });
  }

  /** Locks a cart, whatever its status, until the transaction ends. */
  async lock(id: number): Promise<Cart | undefined> {
    const [cart] = await this.database.readForUpdate<Cart>`select * from carts where id = ${id}`;
    return cart;
  }

  /** Ends a draft that is locked. The transaction throws at its end when this fails. */
  end(cart: Cart, lines: CartItem[], payments: Omit<CartPayment, 'id'>[]): void {
    this.database.upsertPipelined(CartItem, lines);
    this.insertPayments(payments);
    this.database.upsertPipelined(Cart, [cart]);
  }

  /** Of a locked cart: its lines in the order in which they were added, with today's names and prices unless they are frozen. */
  findLines(cartId: number): Promise<PricedCartItem[]> {
    return this.database.read<PricedCartItem>`
      select ${PRICED_LINE}
      from cart_items line left join items item on item.id = line.item_id
      where line.cart_id = ${cartId}
      order by line.id`;
  }

  /** A line of a locked cart, by its id, otherwise by that of its item. */
  async findLine(cartId: number, id: number): Promise<CartItem | undefined> {
    const [line] = await this.database.read<CartItem>`
      select * from cart_items
      where cart_id = ${cartId} and (id = ${id} or item_id = ${id})
      order by case when id = ${id} then 0 else 1 end limit 1`;
    return line;
  }

  /** The line of a locked cart that has an item, null when there is none, and the id for a new one. */
  async findLineOfItem(cartId: number, itemId: number): Promise<{ line_id: number | null; next_id: number }> {
    const [found] = await this.database.read<{ line_id: number | null; next_id: number }>`
      select (select id from cart_items where cart_id = ${cartId} and item_id = ${itemId}) as line_id,
        ${this.nextLineId} as next_id`;
    return found as { line_id: number | null; next_id: number };
  }

  /** Ids for a cart and so many lines, inside the transaction that inserts them. */
  async takeIds(lines: number): Promise<{ cartId: number; lineIds: number[] }> {
    const [[cartId], lineIds] = await Promise.all([
      this.database.takeIds('carts', 1),
      lines === 0 ? [] : this.database.takeIds('cart_items', lines),
    ]);
    return { cartId: cartId as number, lineIds };
  }

  /** The transaction throws at its end when this fails. */
  insertLine(line: CartItem): void {
    this.database.insertPipelined(CartItem, line);
  }

  /** The transaction throws at its end when this fails. */
  setQuantity({ id, quantity, updated_by, updated_at }: CartItem): void {
    this.database.writePipelined(sql`
      update cart_items set quantity = ${quantity}, updated_by = ${updated_by}, updated_at = ${updated_at} where id = ${id}`);
  }

  /** The transaction throws at its end when this fails. */
  deleteLine(id: number): void {
    this.database.writePipelined(sql`delete from cart_items where id = ${id}`);
  }

  /** The transaction throws at its end when this fails. */
  deleteLines(cartId: number): void {
    this.database.writePipelined(sql`delete from cart_items where cart_id = ${cartId}`);
  }

  private insertPayments(payments: Omit<CartPayment, 'id'>[]): void {
    for (const { cart_id, method, amount } of payments) {
      this.database.writePipelined(sql`
        insert into cart_payments (cart_id, method, amount) values (${cart_id}, ${method}, ${amount})`);
    }
  }

  private readonly nextLineId: SqlFragment = this.database.dialect.nextId('cart_items');
}

/** The cart of a line. */
export function cartOf(line: CartOfLine): ShownCart {
  return {
    id: line.id_of_cart,
    desk_number: line.desk_number,
    status: line.status,
    account_date: line.account_date,
    completed_at: line.completed_at,
    created_by: line.cart_created_by,
    updated_by: line.cart_updated_by,
    created_at: line.cart_created_at,
    updated_at: line.cart_updated_at,
  };
}
