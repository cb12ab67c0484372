import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { isInOneOf, type RowState } from '../database/row-version.js';
import { allOf, commaSeparated, identifier, sql, type SqlFragment } from '../database/sql.js';
import type { Order } from '../paging/order.js';
import { type Page, readPage } from '../paging/page.js';
import type { PageRequest } from '../paging/page-query.dto.js';
import type { MovementReason } from './movement-reason.js';
import { StockMovement } from './stock-movement.entity.js';

/** Where an item's next movement goes on from. */
export interface LedgerHead {
  /** The id that the next movement is to have. */
  next_id: number;
  item_name: string;
  sku: string | null;
  /** The quantity and the hash of the item's last movement; null when it has none. */
  quantity: number | null;
  hash: string | null;
}

/** Which movements to list: those that meet every condition given. */
export interface MovementFilter {
  item_id?: number;
  reason?: MovementReason;
  /** What happened at this moment or later. */
  from?: string;
  /** What happened before this moment. */
  to?: string;
  created_by?: number;
  reference?: string;
}

/**
 * Of an item's last movement, by the index of its movements: a join may be planned to read a small ledger whole, and the
 * plan be kept while it grows.
 */
const LAST_QUANTITY = sql`(
  select quantity_after from stock_movements where item_id = item.id order by id desc limit 1)`;
const LAST_HASH = sql`(select hash from stock_movements where item_id = item.id order by id desc limit 1)`;

/** The queries on `stock_movements`, and the one on `stock_entries` that ends a stay in stock. */
@Injectable()
export class MovementsRepository {
  constructor(private readonly database: Database) {}

  /** Inside the transaction that changes the item's stock entry, and behind that: until its end, nobody else goes on from here. */
  async findHead(itemId: number): Promise<LedgerHead> {
    const [head] = await this.database.read<LedgerHead>`
      select item.name as item_name, item.sku, ${LAST_QUANTITY} as quantity,
        ${LAST_HASH} as hash, ${this.nextId} as next_id
      from items item where item.id = ${itemId}`;
    return head as LedgerHead;
  }

  /** Inside a transaction, at whose end it throws ConstraintViolation `uq_stock_movements_reverses`. */
  insert(movement: StockMovement): void {
    this.database.insertKnown(StockMovement, movement);
  }

  async findById(id: number): Promise<StockMovement | undefined> {
    const [movement] = await this.database.read<StockMovement>`
      select * from stock_movements where id = ${id}`;
    return movement;
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

  /** Finds the page's movements, and how many there are in all, in an index alone: only the page's rows are looked up. */
  async list(filter: MovementFilter, request: PageRequest): Promise<Page<StockMovement>> {
    const { item_id, reason, from, to, created_by, reference } = filter;
    const condition = allOf(
      sql`true`,
      item_id === undefined ? undefined : sql`item_id = ${item_id}`,
      reason === undefined ? undefined : sql`reason = ${reason}`,
      from === undefined ? undefined : sql`occurred_at >= ${from}`,
      to === undefined ? undefined : sql`occurred_at < ${to}`,
      created_by === undefined ? undefined : sql`created_by = ${created_by}`,
      reference === undefined ? undefined : sql`reference = ${reference}`,
    );
    const keys = sql`
      (select id, occurred_at from stock_movements ${this.index(filter, request.sort)} where ${condition as SqlFragment}) movement`;
    const page = await readPage<Pick<StockMovement, 'id'>>(this.database, keys, undefined, request);
    const movements = await this.findAll(page.rows.map(({ id }) => id));
    return page.map(({ id }) => movements.get(id) as StockMovement);
  }

  /** Deletes an item's stock entry and answers what it was; undefined when there was none in an expected state. */
  async deleteEntry(
    itemId: number,
    expected?: RowState[],
  ): Promise<{ id: number; quantity: number } | undefined> {
    const [entry] = await this.database.write<{ id: number; quantity: number }>`
      delete from stock_entries where item_id = ${itemId} and ${isInOneOf(expected)} returning id, quantity`;
    return entry;
  }

  private async findAll(ids: number[]): Promise<Map<number, StockMovement>> {
    if (ids.length === 0) return new Map();
    const movements = await this.database.read<StockMovement>`
      select * from stock_movements where id in (${commaSeparated(ids.map((id) => sql`${id}`))})`;
    return new Map(movements.map((movement) => [movement.id, movement]));
  }

  /** PostgreSQL knows what its tables hold. SQLite would sort a million sales to find the latest ones. */
  private index(filter: MovementFilter, { column }: Order): SqlFragment {
    if (!this.database.isSqlite) return sql``;
    const { item_id, reason, from, to, created_by, reference } = filter;
    const isByTime = column === 'occurred_at' || (from ?? to) !== undefined;
    const isByMore = (reason ?? created_by) !== undefined;
    if (reference !== undefined) return usingIndex('ix_stock_movements_reference');
    if (item_id !== undefined) {
      return usingIndex(`ix_stock_movements_item${isByTime || isByMore ? '_occurred_at' : ''}`);
    }
    if (isByTime) return usingIndex('ix_stock_movements_occurred_at');
    if (created_by !== undefined) return usingIndex('ix_stock_movements_created_by');
    return reason === undefined ? sql`` : usingIndex('ix_stock_movements_reason');
  }

  /** The hash covers the id, so it is taken before the row is written. SQLite's only writer may count it out. */
  private readonly nextId = this.database.isSqlite
    ? sql`(select coalesce(max(id), 0) + 1 from stock_movements)`
    : sql`nextval('stock_movements_id_seq')`;
}

function usingIndex(name: string): SqlFragment {
  return sql`indexed by ${identifier(name)}`;
}
