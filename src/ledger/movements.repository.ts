import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';
import { allOf, commaSeparated, sql, SqlFragment } from '../platform/database/sql.js';
import type { RowStream } from '../platform/database/row-stream.js';
import type { SortOrder } from '../platform/lists/sort-order.js';
import { type Page, readPage, readWholeList } from '../platform/lists/page.js';
import type { PageRequest } from '../platform/lists/page-query.dto.js';
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

/** What is recorded of a stock entry after a time. */
export interface LaterHistory {
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
const OPENS_ENTRY = sql`(anchor.reason = ${MovementReason.Initial} and anchor.reverses_id is null)`;
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

/** The queries on `stock_movements`. */
@Injectable()
export class MovementsRepository {
  constructor(private readonly database: Database) {}

  /** Call it inside the transaction that has changed the item's stock entry: until its end, nobody else adds a movement. */
  async findHead(itemId: number): Promise<LedgerHead> {
    const [head] = await this.database.read<LedgerHead>`
      select item.name as item_name, item.sku, item.unit_price, item.unit_cost, ${LAST_QUANTITY} as quantity,
        ${LAST_HASH} as hash, ${LAST_AT} as last_at, ${LAST_ANCHORED_AT} as anchored_at, ${this.nextId} as next_id
      from items item where item.id = ${itemId}`;
    return head as LedgerHead;
  }

  /**
   * The same for an item that has movements and may have been deleted since. Ids are taken separately, as several may be
   * needed.
   */
  async findHeadOfAny(itemId: number): Promise<Omit<LedgerHead, 'next_id'>> {
    const [head] = await this.database.read<Omit<LedgerHead, 'next_id'>>`
      select coalesce(item.name, last.item_name) as item_name,
        case when item.id is null then last.sku else item.sku end as sku,
        case when item.id is null then last.unit_price else item.unit_price end as unit_price,
        case when item.id is null then last.unit_cost else item.unit_cost end as unit_cost,
        last.quantity_after as quantity, last.hash,
        (select max(occurred_at) from stock_movements where item_id = last.item_id) as last_at,
        (select max(occurred_at) from stock_movements
          where item_id = last.item_id and (${STATES_QUANTITY})) as anchored_at
      from (select * from stock_movements where item_id = ${itemId} order by id desc limit 1) last
      left join items item on item.id = last.item_id`;
    return head as Omit<LedgerHead, 'next_id'>;
  }

  /** Ids for the next movements, ascending. */
  takeIds(count: number): Promise<number[]> {
    return this.database.takeIds('stock_movements', count);
  }

  /** The removed stock entry that an item had at a time, or got next; undefined when it still has it. */
  async findEndedEntry(itemId: number, occurredAt: string): Promise<number | undefined> {
    const [removal] = await this.database.read<{ stock_entry_id: number }>`
      select stock_entry_id from stock_movements
      where item_id = ${itemId} and (${STATES_QUANTITY}) and reason = ${MovementReason.Removal}
        and occurred_at >= ${occurredAt}
      order by occurred_at, id limit 1`;
    return removal?.stock_entry_id;
  }

  async findLaterHistory(
    itemId: number,
    entryId: number,
    { occurred_at, id }: PointInTime,
  ): Promise<LaterHistory> {
    const [history] = await this.database.read<LaterHistory>`
      select
        (select anchor.occurred_at from stock_movements anchor
          where item_id = ${itemId} and (${STATES_QUANTITY}) and occurred_at >= ${occurred_at}
            and stock_entry_id = ${entryId} and (${OPENS_ENTRY} or not ${IS_REVERSED})
            and (occurred_at > ${occurred_at} or id > ${id} or reason = ${MovementReason.Removal})
          order by anchor.occurred_at, anchor.id limit 1) as anchored_at,
        (select cast(coalesce(sum(delta), 0) as bigint) from stock_movements
          where item_id = ${itemId} and occurred_at > ${occurred_at} and stock_entry_id = ${entryId}) as since,
        (select max(occurred_at) from stock_movements where item_id = ${itemId}) as last_at`;
    return history as LaterHistory;
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
    const keys = sql`
      (select id, occurred_at from stock_movements ${this.index(filter, request.sort)} where ${conditionOf(filter)}) movement`;
    const page = await readPage<Pick<StockMovement, 'id'>>(this.database, keys, undefined, request);
    const movements = await this.findAll(page.rows.map(({ id }) => id));
    return page.map(({ id }) => movements.get(id) as StockMovement);
  }

  /** All movements that meet the filter, however many, read in their order: SQLite would sort a year's at once. */
  listAll(filter: MovementFilter, sort: SortOrder): Promise<StockMovement[] | RowStream<StockMovement>> {
    const isOfTimeById = (filter.from ?? filter.to) !== undefined && sort.column === 'id';
    const order =
      isOfTimeById && filter.reference === undefined
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
