import { Injectable } from '@nestjs/common';
import { Database, type Reader } from '../platform/database/database.js';
import { BATCH } from '../platform/database/engine.js';
import { commaSeparated, identifier, sql, type SqlFragment } from '../platform/database/sql.js';
import { slicesInTurns } from '../platform/lists/in-turns.js';
import type { Hundredths, TenThousandths, Thousandths } from '../platform/validation/decimal.js';
import { MovementReason } from '../ledger/movement-reason.js';
import { stockAsOf } from '../stock/stock-as-of.js';
import type { Group, Names } from './report-groups.js';

/** A time from which on, and one before which, ISO 8601, UTC. */
export interface TimeSpan {
  from: string;
  to: string;
}

/** The keys that SQL groups by. A minute is `2026-03-01T07:45`, UTC: hours of the shop's clock begin at one of its minutes. */
export interface GroupedRow {
  reason: MovementReason | null;
  item_id: number | null;
  category_id: number | null;
  user_id: number | null;
  minute: string | null;
}

/** What movements add up to. Quantities and values of what left the shelf are negative. */
export interface MovementSums extends GroupedRow {
  movements: number;
  quantity: Thousandths;
  at_price: Hundredths;
  at_cost: TenThousandths;
  without_price: number;
  without_cost: number;
  /** How many have a value that is too large to be computed. */
  too_large: number;
}

/** What sales add up to. */
export interface SalesSums extends GroupedRow {
  quantity: Thousandths;
  revenue: Hundredths;
  discount: Hundredths;
  tax: Hundredths;
  cost: TenThousandths;
  without_cost: number;
  too_large: number;
}

export interface RefundSums extends GroupedRow {
  refunded: Hundredths;
}

/** What the stock of a category is worth. */
export interface StockValue {
  category_id: number | null;
  category_name: string | null;
  items: number;
  quantity: Thousandths;
  at_price: Hundredths;
  at_cost: TenThousandths;
  without_price: number;
  without_cost: number;
  too_large: number;
}

/** Where a table has what rows are grouped by. */
type KeyColumns = Record<Exclude<Group, 'day' | 'category'>, SqlFragment>;

const ABSENT = sql`null`;

const MOVEMENT_KEYS: KeyColumns = {
  reason: sql`moved.reason`,
  item: sql`moved.item_id`,
  user: sql`moved.created_by`,
  hour: sql`substr(moved.occurred_at, 1, 16)`,
};

const CART_KEYS: KeyColumns = {
  reason: ABSENT,
  item: sql`line.item_id`,
  user: sql`cart.updated_by`,
  hour: sql`substr(cart.completed_at, 1, 16)`,
};

const REFUND_KEYS: KeyColumns = {
  reason: ABSENT,
  item: sql`line.item_id`,
  user: sql`refund.created_by`,
  hour: sql`substr(refund.created_at, 1, 16)`,
};

/** The queries that reports are made of. They read what other features write, and write nothing. */
@Injectable()
export class ReportsRepository {
  constructor(private readonly database: Database) {}

  /** Runs the work on one snapshot, beside the requests of others. */
  fromSnapshot<T>(work: (reader: Reader) => Promise<T>): Promise<T> {
    return this.database.fromSnapshot(work);
  }

  /** By when they happened. */
  sumMovements(reader: Reader, { from, to }: TimeSpan, groups: readonly Group[]): Promise<MovementSums[]> {
    const [quantity, price, cost] = [sql`moved.delta`, sql`moved.unit_price`, sql`moved.unit_cost`];
    return reader.read<MovementSums>`
      select ${keysOf(groups, MOVEMENT_KEYS)}, count(*) as movements, ${sumOf(quantity)} as quantity,
        ${sumOf(valueOf(quantity, price))} as at_price, ${sumOf(valueOf(quantity, cost))} as at_cost,
        count(*) - count(moved.unit_price) as without_price, count(*) - count(moved.unit_cost) as without_cost,
        ${countTooLarge([quantity, price], [quantity, cost])} as too_large
      from stock_movements moved ${this.byTime} ${itemsFor(groups, sql`moved.item_id`)}
      where moved.occurred_at >= ${from} and moved.occurred_at < ${to}
      ${groupedBy(groups, MOVEMENT_KEYS)}`;
  }

  /** What carts sold that belong to a trading day, `2026-03-01`. */
  sumCarts(reader: Reader, day: string, groups: readonly Group[]): Promise<SalesSums[]> {
    const [quantity, cost] = [sql`line.quantity`, sql`line.unit_cost`];
    return reader.read<SalesSums>`
      select ${keysOf(groups, CART_KEYS)}, ${sumOf(quantity)} as quantity,
        ${sumOf(sql`line.line_total`)} as revenue, ${sumOf(sql`line.line_discount`)} as discount,
        ${sumOf(sql`line.line_tax`)} as tax, ${sumOf(valueOf(quantity, cost))} as cost,
        count(*) - count(line.unit_cost) as without_cost, ${countTooLarge([quantity, cost])} as too_large
      from carts cart join cart_items line on line.cart_id = cart.id ${itemsFor(groups, sql`line.item_id`)}
      where cart.account_date = ${day} and cart.status = 'completed'
      ${groupedBy(groups, CART_KEYS)}`;
  }

  /** What was sold without a cart, at the price of then: nobody recorded a discount or a tax. By when it happened. */
  sumPlainSales(reader: Reader, { from, to }: TimeSpan, groups: readonly Group[]): Promise<SalesSums[]> {
    const keys = { ...MOVEMENT_KEYS, reason: ABSENT };
    const [quantity, price, cost] = [sql`-moved.delta`, sql`moved.unit_price`, sql`moved.unit_cost`];
    return reader.read<SalesSums>`
      select ${keysOf(groups, keys)}, ${sumOf(quantity)} as quantity, ${sumOf(valueOf(quantity, price))} as revenue,
        0 as discount, 0 as tax, ${sumOf(valueOf(quantity, cost))} as cost,
        count(*) - count(moved.unit_cost) as without_cost,
        ${countTooLarge([quantity, price], [quantity, cost])} as too_large
      from stock_movements moved ${this.byTime} ${itemsFor(groups, sql`moved.item_id`)}
      where moved.occurred_at >= ${from} and moved.occurred_at < ${to}
        and moved.reason = ${MovementReason.Sale} and moved.cart_id is null
      ${groupedBy(groups, keys)}`;
  }

  /** What was paid back on a trading day, of sales of any day. */
  sumRefunds(reader: Reader, day: string, groups: readonly Group[]): Promise<RefundSums[]> {
    return reader.read<RefundSums>`
      select ${keysOf(groups, REFUND_KEYS)}, ${sumOf(sql`part.amount`)} as refunded
      from cart_refunds refund
      join cart_refund_lines part on part.refund_id = refund.id
      join cart_items line on line.id = part.cart_item_id ${itemsFor(groups, sql`line.item_id`)}
      where refund.account_date = ${day}
      ${groupedBy(groups, REFUND_KEYS)}`;
  }

  /**
   * The value of what is in stock, by the categories of today.
   *
   * @param time ISO 8601, UTC: at the quantities, prices and costs of then; now unless it is given
   */
  sumStock(reader: Reader, time: string | undefined): Promise<StockValue[]> {
    const [quantity, price, cost] = [sql`valued.quantity`, sql`valued.unit_price`, sql`valued.unit_cost`];
    return reader.read<StockValue>`
      select category.id as category_id, category.name as category_name, count(*) as items,
        ${sumOf(quantity)} as quantity, ${sumOf(valueOf(quantity, price))} as at_price,
        ${sumOf(valueOf(quantity, cost))} as at_cost, count(*) - count(valued.unit_price) as without_price,
        count(*) - count(valued.unit_cost) as without_cost,
        ${countTooLarge([quantity, price], [quantity, cost])} as too_large
      from ${time === undefined ? VALUED_ENTRIES : valuedEntriesAsOf(time)}
      left join categories category on category.id = valued.category_id
      group by category.id, category.name, category.name_key
      order by category.id is null, category.name_key, category.id`;
  }

  /** Of items that are deleted, the name and SKU of their last movement. */
  async findNames(reader: Reader, ids: Record<'items' | 'categories' | 'users', number[]>): Promise<Names> {
    const names: Names = { items: new Map(), categories: new Map(), users: new Map() };
    await readNames(
      names.items,
      ids.items,
      (some) => reader.read`select id, name, sku from items where id in (${some})`,
    );
    await readNames(
      names.items,
      ids.items.filter((id) => !names.items.has(id)),
      (some) => reader.read`
        select item_id as id, item_name as name, sku from stock_movements where id in (
          select max(id) from stock_movements where item_id in (${some}) group by item_id)`,
    );
    await readNames(
      names.categories,
      ids.categories,
      (some) => reader.read`select id, name from categories where id in (${some})`,
    );
    await readNames(
      names.users,
      ids.users,
      (some) => reader.read`select id, username as name from users where id in (${some})`,
    );
    return names;
  }

  /** Without statistics, SQLite would read all sales to find those of a day. */
  private get byTime(): SqlFragment {
    return this.database.dialect.useIndex('ix_stock_movements_occurred_at');
  }
}

const VALUED_ENTRIES = sql`(
  select item.category_id, entry.quantity, item.unit_price, item.unit_cost
  from stock_entries entry join items item on item.id = entry.item_id
) valued`;

/** Before an item's prices were recorded, those that its history begins with. */
function valuedEntriesAsOf(time: string): SqlFragment {
  const ofItem = sql`select id from item_prices where item_id = entry.item_id`;
  return sql`(
    select item.category_id, entry.quantity, price.unit_price, price.unit_cost
    from ${stockAsOf(time)}
    left join items item on item.id = entry.item_id
    left join item_prices price on price.id = coalesce(
      (${ofItem} and valid_from <= ${time} order by valid_from desc, id desc limit 1),
      (${ofItem} order by valid_from, id limit 1))
  ) valued`;
}

/** Beyond it, a product of two integers of 64 bits may overflow, on which engines don't agree. */
const MAX_PRODUCT = sql`9e18`;

/**
 * A quantity in thousandths times a price or a cost, in the unit of that, rounded half away from zero: so what is recorded and
 * reversed comes to nothing. Null without a price, and where it is too large.
 */
function valueOf(quantity: SqlFragment, price: SqlFragment): SqlFragment {
  const product = sql`(${quantity}) * ${price}`;
  return sql`case when ${isSmall(quantity, price)}
    then (${product} + case when ${quantity} < 0 then -500 else 500 end) / 1000 end`;
}

function isSmall(quantity: SqlFragment, price: SqlFragment): SqlFragment {
  return sql`abs(cast(${quantity} as double precision)) * ${price} < ${MAX_PRODUCT}`;
}

function countTooLarge(...products: [SqlFragment, SqlFragment][]): SqlFragment {
  const counts = products.map(
    ([quantity, price]) =>
      sql`coalesce(sum(case when ${isSmall(quantity, price)} then 0 when ${price} is null then 0 else 1 end), 0)`,
  );
  return sql`cast(${counts.reduce((sum, one) => sql`${sum} + ${one}`)} as integer)`;
}

function sumOf(value: SqlFragment): SqlFragment {
  return sql`cast(coalesce(sum(${value}), 0) as bigint)`;
}

function keysOf(groups: readonly Group[], keys: KeyColumns): SqlFragment {
  const all = columnsOf(groups, keys);
  return commaSeparated(Object.entries(all).map(([name, column]) => sql`${column} as ${identifier(name)}`));
}

/** Null for what is not asked for. */
function columnsOf(groups: readonly Group[], keys: KeyColumns): Record<keyof GroupedRow, SqlFragment> {
  const ifAsked = (group: Group, column: SqlFragment) => (groups.includes(group) ? column : ABSENT);
  return {
    reason: ifAsked('reason', keys.reason),
    item_id: ifAsked('item', keys.item),
    category_id: ifAsked('category', sql`item.category_id`),
    user_id: ifAsked('user', keys.user),
    minute: ifAsked('hour', keys.hour),
  };
}

function groupedBy(groups: readonly Group[], keys: KeyColumns): SqlFragment {
  const columns = Object.values(columnsOf(groups, keys)).filter((column) => column !== ABSENT);
  return columns.length > 0 ? sql`group by ${commaSeparated(columns)}` : sql``;
}

/** Joined only where the category is asked for, as that takes time. */
function itemsFor(groups: readonly Group[], itemId: SqlFragment): SqlFragment {
  return groups.includes('category') ? sql`left join items item on item.id = ${itemId}` : sql``;
}

/** Adds the names of some ids, with requests that run in between. */
async function readNames<Named>(
  names: Map<number, Named>,
  ids: number[],
  read: (ids: SqlFragment) => Promise<(Named & { id: number })[]>,
): Promise<void> {
  for await (const some of slicesInTurns(ids, BATCH)) {
    const rows = await read(commaSeparated(some.map((id) => sql`${id}`)));
    for (const row of rows) names.set(row.id, row);
  }
}
