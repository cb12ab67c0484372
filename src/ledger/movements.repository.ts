import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';
import { allOf, commaSeparated, identifier, sql, SqlFragment } from '../platform/database/sql.js';
import type { RowStream } from '../platform/database/row-stream.js';
import type { SortOrder } from '../platform/lists/sort-order.js';
import { type Page, readPage, readWholeList, type Source } from '../platform/lists/page.js';
import type { PageRequest } from '../platform/lists/page-query.dto.js';
import { FEW, MovementCounts } from './movement-counts.js';
import { MovementReason } from './movement-reason.js';
import { STATES_A_QUANTITY, StockMovement } from './stock-movement.entity.js';
import type { Hundredths, TenThousandths, Thousandths } from '../platform/validation/decimal.js';

/** What the next movement of an item continues from. */
export interface LedgerHead {
  /** The id of the next movement. */
  next_id: number;
  item_name: string;
  sku: string | null;
  /** The item's price and cost now; those of its last movement for an item that was deleted. */
  unit_price: Hundredths | null;
  unit_cost: TenThousandths | null;
  /** Quantity and hash of the item's last movement; null when there is none. */
  quantity: Thousandths | null;
  hash: string | null;
  /** The latest time at which a movement, and an anchor, happened; null when there is none. */
  last_at: string | null;
  anchored_at: string | null;
}

/** A position in the history of a stock entry. Movements of the same time are ordered by id. */
export interface PointInTime {
  /** ISO 8601, UTC. */
  occurred_at: string;
  id: number;
}

/** When something happened that arrives late, and to which item. */
export interface LatePoint extends PointInTime {
  item_id: number;
  /** The current stock entry of the item; null when it has none. */
  entry_id: number | null;
}

/** What is recorded of a stock entry after a time. */
export interface LaterHistory {
  /**
   * The entry that the item had at that time, or got next: a removed one, or the current one. Null when there is no current one, and
   * the item has been taken out of stock before.
   */
  stock_entry_id: number | null;
  /** When the next anchor happened; null when there is none, so that a late movement changes the stock of today. */
  anchored_at: string | null;
  /** The sum of what has come and gone since. */
  since: Thousandths;
  /** When the item's latest movement happened. */
  last_at: string;
}

/** Lists the movements that meet every given condition. */
export interface MovementFilter {
  item_id?: number;
  reason?: MovementReason;
  /** At this time or later. */
  from?: string;
  /** Before this time. */
  to?: string;
  created_by?: number;
  reference?: string;
}

const STATES_QUANTITY = new SqlFragment([STATES_A_QUANTITY], []);

/** The movement that put the item in stock: what came before never counts, not even when this is reversed. */
const OPENS_ENTRY = new SqlFragment(
  [`(anchor.reason = '${MovementReason.Initial}' and anchor.reverses_id is null)`],
  [],
);
const IS_REVERSED = sql`exists (select 1 from stock_movements reversal where reversal.reverses_id = anchor.id)`;

/**
 * The item's last movement, by subqueries that use the index. PostgreSQL may plan a join to read a small ledger whole, and
 * keep that plan while the ledger grows.
 */
const LAST_QUANTITY = sql`(
  select quantity_after from stock_movements where item_id = item.id order by id desc limit 1)`;
const LAST_HASH = sql`(select hash from stock_movements where item_id = item.id order by id desc limit 1)`;
const LAST_AT = sql`(
  select occurred_at from stock_movements where item_id = item.id order by occurred_at desc, id desc limit 1)`;
const LAST_ANCHORED_AT = sql`(
  select occurred_at from stock_movements
  where item_id = item.id and (${STATES_QUANTITY}) order by occurred_at desc, id desc limit 1)`;

/** The same for a table `moved` of several items. PostgreSQL would read all items for an `exists`. */
const MOVED_ITEM_EXISTS = sql`(select id from items where id = moved.item_id) is not null`;

function ofMovedItem(column: 'name' | 'sku' | 'unit_price' | 'unit_cost'): SqlFragment {
  return sql`(select ${identifier(column)} from items where id = moved.item_id)`;
}

function lastOfMoved(column: keyof StockMovement): SqlFragment {
  return sql`(
    select ${identifier(column)} from stock_movements where item_id = moved.item_id order by id desc limit 1)`;
}

/** The queries on `stock_movements`. */
@Injectable()
export class MovementsRepository {
  constructor(
    private readonly database: Database,
    private readonly counts: MovementCounts,
  ) {}

  /** Call it inside the transaction that has changed the item's stock entry: until its end, nobody else adds a movement. */
  async findHead(itemId: number): Promise<LedgerHead> {
    const [head] = await this.database.read<LedgerHead>`
      select item.name as item_name, item.sku, item.unit_price, item.unit_cost, ${LAST_QUANTITY} as quantity,
        ${LAST_HASH} as hash, ${LAST_AT} as last_at, ${LAST_ANCHORED_AT} as anchored_at, ${this.nextId} as next_id
      from items item where item.id = ${itemId}`;
    return head as LedgerHead;
  }

  /**
   * The same for several items, which may have been deleted since if they have movements, by item id. Ids are taken separately.
   */
  async findHeadsOfAny(itemIds: number[]): Promise<Map<number, Omit<LedgerHead, 'next_id'>>> {
    const items = this.database.dialect.rowsOf(
      'moved',
      { item_id: 'integer' },
      itemIds.map((item_id) => ({ item_id })),
    );
    const heads = await this.database.read<Omit<LedgerHead, 'next_id'> & { item_id: number }>`
      select moved.item_id, coalesce(${ofMovedItem('name')}, ${lastOfMoved('item_name')}) as item_name,
        case when ${MOVED_ITEM_EXISTS} then ${ofMovedItem('sku')} else ${lastOfMoved('sku')} end as sku,
        coalesce(${ofMovedItem('unit_price')}, ${lastOfMoved('unit_price')}) as unit_price,
        case when ${MOVED_ITEM_EXISTS} then ${ofMovedItem('unit_cost')} else ${lastOfMoved('unit_cost')} end as unit_cost,
        ${lastOfMoved('quantity_after')} as quantity, ${lastOfMoved('hash')} as hash,
        (select max(occurred_at) from stock_movements where item_id = moved.item_id) as last_at,
        (select max(occurred_at) from stock_movements
          where item_id = moved.item_id and (${STATES_QUANTITY})) as anchored_at
      from ${items}`;
    return new Map(heads.map(({ item_id, ...head }) => [item_id, head]));
  }

  /** Ids for the next movements, ascending. */
  takeIds(count: number): Promise<number[]> {
    return this.database.takeIds('stock_movements', count);
  }

  /** What is recorded after a time, for each of them in the same order. */
  async findLaterHistories(points: LatePoint[]): Promise<LaterHistory[]> {
    const late = this.database.dialect.rowsOf(
      'late',
      { place: 'integer', item_id: 'integer', entry_id: 'integer', occurred_at: 'text', id: 'integer' },
      points.map((point, place) => ({ place, ...point })),
    );
    return this.database.read<LaterHistory>`
      select late.stock_entry_id,
        (select anchor.occurred_at from stock_movements anchor
          where item_id = late.item_id and (${STATES_QUANTITY}) and occurred_at >= late.occurred_at
            and stock_entry_id = late.stock_entry_id and (${OPENS_ENTRY} or not ${IS_REVERSED})
            and (occurred_at > late.occurred_at or anchor.id > late.id or reason = ${MovementReason.Removal})
          order by anchor.occurred_at, anchor.id limit 1) as anchored_at,
        (select cast(coalesce(sum(delta), 0) as bigint) from stock_movements
          where item_id = late.item_id and occurred_at > late.occurred_at
            and stock_entry_id = late.stock_entry_id) as since,
        (select max(occurred_at) from stock_movements where item_id = late.item_id) as last_at
      from (
        select late.place, late.item_id, late.occurred_at, late.id, coalesce(
          (select ended.stock_entry_id from stock_movements ended
            where item_id = late.item_id and (${STATES_QUANTITY}) and reason = ${MovementReason.Removal}
              and ended.occurred_at >= late.occurred_at
            order by ended.occurred_at, ended.id limit 1), late.entry_id) as stock_entry_id
        from ${late}
      ) late
      order by late.place`;
  }

  /** The compensations at an anchor that are not yet reversed; none when another anchor of the same time stays. */
  findCompensationsAt(anchor: StockMovement): Promise<StockMovement[]> {
    const { id, item_id, stock_entry_id, occurred_at } = anchor;
    const isThere = sql`item_id = ${item_id} and occurred_at = ${occurred_at} and stock_entry_id = ${stock_entry_id}`;
    return this.database.read<StockMovement>`
      select * from stock_movements anchor
      where ${isThere} and compensates_id is not null and not ${IS_REVERSED} and not exists (
        select 1 from stock_movements anchor
        where ${isThere} and (${STATES_QUANTITY}) and (${OPENS_ENTRY} or not ${IS_REVERSED}) and id <> ${id}
      )
      order by id`;
  }

  /** The open transaction throws ConstraintViolation `uq_stock_movements_reverses` at its end. */
  insert(movement: StockMovement): void {
    this.database.insertPipelined(StockMovement, movement);
  }

  /** The same for several, in the order of their ids. */
  insertAll(movements: StockMovement[]): void {
    this.database.insertAllPipelined(StockMovement, movements);
  }

  async findById(id: number): Promise<StockMovement | undefined> {
    const [movement] = await this.database.read<StockMovement>`
      select * from stock_movements where id = ${id}`;
    return movement;
  }

  /** The next movements after one, by id. A transaction that has not ended may still add one between them. */
  findAfter(id: number, limit: number): Promise<StockMovement[]> {
    return this.database.read<StockMovement>`
      select * from stock_movements where id > ${id} order by id limit ${limit}`;
  }

  async isReversed(id: number): Promise<boolean> {
    const reversals = await this.database.read`select id from stock_movements where reverses_id = ${id}`;
    return reversals.length > 0;
  }

  async hasItem(itemId: number): Promise<boolean> {
    const movements = await this.database.read`
      select id from stock_movements where item_id = ${itemId} limit 1`;
    return movements.length > 0;
  }

  /** Finds the ids of the page and the total in an index alone, and looks up only the rows of the page. */
  async list(filter: MovementFilter, request: PageRequest): Promise<Page<StockMovement>> {
    const index = this.index(filter, request.sort);
    const condition = conditionOf(filter);
    const rows = sql`(select id, occurred_at from stock_movements ${index} where ${condition}) movement`;
    let keys: Source = rows;
    if (!isOfFew(filter)) {
      const total = await this.counts.count(condition, index);
      keys = { rows, total, takesLong: total > FEW && isOfTimeById(filter, request.sort) };
    }
    const page = await readPage<Pick<StockMovement, 'id'>>(this.database, keys, undefined, request);
    const movements = await this.findAll(page.rows.map(({ id }) => id));
    return page.map(({ id }) => movements.get(id) as StockMovement);
  }

  /** All movements that meet the filter, however many, read in their order: SQLite would sort a year's at once. */
  listAll(filter: MovementFilter, sort: SortOrder): Promise<StockMovement[] | RowStream<StockMovement>> {
    const order =
      isOfTimeById(filter, sort) && filter.reference === undefined
        ? this.database.dialect.withoutIndex
        : this.index(filter, sort);
    const rows = sql`(select * from stock_movements ${order} where ${conditionOf(filter)}) movement`;
    return readWholeList(this.database, rows, undefined, sort);
  }

  private async findAll(ids: number[]): Promise<Map<number, StockMovement>> {
    if (ids.length === 0) return new Map();
    const movements = await this.database.read<StockMovement>`
      select * from stock_movements where id in (${commaSeparated(ids.map((id) => sql`${id}`))})`;
    return new Map(movements.map((movement) => [movement.id, movement]));
  }

  /** SQLite has no statistics here and would sort a million sales to find the latest ones. PostgreSQL chooses well. */
  private index(filter: MovementFilter, { column }: SortOrder): SqlFragment {
    const { useIndex } = this.database.dialect;
    const { item_id, reason, from, to, created_by, reference } = filter;
    const isByTime = column === 'occurred_at' || (from ?? to) !== undefined;
    const isByMore = (reason ?? created_by) !== undefined;
    if (reference !== undefined) return useIndex('ix_stock_movements_reference');
    if (item_id !== undefined) {
      return useIndex(`ix_stock_movements_item${isByTime || isByMore ? '_occurred_at' : ''}`);
    }
    if (isByTime) return useIndex('ix_stock_movements_occurred_at');
    if (created_by !== undefined) return useIndex('ix_stock_movements_created_by');
    return reason === undefined ? sql`` : useIndex('ix_stock_movements_reason');
  }

  /** The hash covers the id, so the id is taken before the row is inserted. */
  private readonly nextId = this.database.dialect.nextId('stock_movements');
}

/** Few movements have the same item or reference. */
function isOfFew({ item_id, reference }: MovementFilter): boolean {
  return (item_id ?? reference) !== undefined;
}

/** Found by their time, they have to be sorted. */
function isOfTimeById({ from, to }: MovementFilter, sort: SortOrder): boolean {
  return (from ?? to) !== undefined && sort.column === 'id';
}

function conditionOf(filter: MovementFilter): SqlFragment {
  const { item_id, reason, from, to, created_by, reference } = filter;
  return allOf(
    sql`true`,
    item_id === undefined ? undefined : sql`item_id = ${item_id}`,
    reason === undefined ? undefined : sql`reason = ${reason}`,
    from === undefined ? undefined : sql`occurred_at >= ${from}`,
    to === undefined ? undefined : sql`occurred_at < ${to}`,
    created_by === undefined ? undefined : sql`created_by = ${created_by}`,
    reference === undefined ? undefined : sql`reference = ${reference}`,
  ) as SqlFragment;
}
