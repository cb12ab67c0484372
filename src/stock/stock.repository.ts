import { Injectable } from '@nestjs/common';
import { createdBy, updatedBy } from '../platform/database/authorship.js';
import { Database } from '../platform/database/database.js';
import type { RowStream } from '../platform/database/row-stream.js';
import { nameKey } from '../platform/database/name-key.js';
import { hasOneOfVersions, type RowVersion } from '../platform/database/row-version.js';
import { commaSeparated, sql, type SqlFragment } from '../platform/database/sql.js';
import { type List, readList, readWholeList, type Source } from '../platform/lists/page.js';
import type { PageRequest } from '../platform/lists/page-query.dto.js';
import type { SortOrder } from '../platform/lists/sort-order.js';
import { MAX_THOUSANDTHS_IN_STOCK } from './quantity.js';
import { readAll } from '../platform/lists/read-all.js';
import { countAsOf, endedSince, stockAsOf } from './stock-as-of.js';
import { StockEntry } from './stock-entry.entity.js';
import type { Hundredths, TenThousandths, Thousandths } from '../platform/validation/decimal.js';

/** A stock entry with the name and SKU of its item. */
export type ListedStockEntry = Omit<StockEntry, 'version'> & { item_name: string; sku: string | null };

/**
 * An item in stock with its category; price and rates in hundredths, quantity in thousandths. For an item that has been
 * deleted since, only name, SKU and quantity are known.
 */
export interface StockedItem {
  category_id: number | null;
  category_name: string | null;
  stock_entry_id: number;
  item_id: number;
  item_name: string;
  description: string | null;
  sku: string | null;
  barcode: string | null;
  image_url: string | null;
  unit_type: string | null;
  unit_price: Hundredths | null;
  tax_rate: Hundredths | null;
  discount_rate: Hundredths | null;
  quantity: Thousandths;
}

/** An item at or below its threshold; quantities in thousandths. */
export interface LowStock {
  /** Null for an item that is not in stock. */
  stock_entry_id: number | null;
  item_id: number;
  item_name: string;
  sku: string | null;
  category_id: number;
  category_name: string;
  unit_type: string;
  quantity: Thousandths;
  low_stock_threshold: Thousandths;
  reorder_quantity: Thousandths | null;
}

const ENTRY_COLUMNS = sql`
  entry.id, entry.item_id, entry.quantity, entry.created_by, entry.updated_by, entry.created_at, entry.updated_at`;

/** The fields of an "edit item" form. */
const ITEM_COLUMNS = sql`
  item.description, item.barcode, item.image_url, item.unit_type, item.unit_price, item.tax_rate, item.discount_rate`;

/** Stock entries with the names of their items. About the cross join see `listByCategory`. */
const NAMED_ENTRIES = {
  table: 'stock_entries',
  rows: sql`(
    select ${ENTRY_COLUMNS}, item.name as item_name, item.sku
    from stock_entries entry cross join items item where item.id = entry.item_id
  ) entry`,
};

/** Name and SKU of an item in `stockAsOf`: today's, or the last ones of a deleted item. */
const KNOWN_NAMES = sql`
  coalesce(item.name, entry.item_name) as item_name, case when item.id is null then entry.sku else item.sku end as sku`;

/** Which entries to list, and as of when. */
interface StockFilter {
  updated_since?: string;
  as_of?: string;
}

/** What users set; the quantity in thousandths. */
type StockValues = Pick<StockEntry, 'quantity'>;

/** The queries on `stock_entries`. */
@Injectable()
export class StockRepository {
  constructor(private readonly database: Database) {}

  /** @throws ConstraintViolation `uq_stock_entries_item`, `fk_stock_entries_item` */
  insert(itemId: number, values: StockValues, userId: number): Promise<StockEntry> {
    return this.database.insert(StockEntry, {
      item_id: itemId,
      ...values,
      ...createdBy(userId, this.database.clock.now()),
    });
  }

  /**
   * Sets the quantities of several items, inside the open transaction, and puts those in stock that are not. By ascending item id,
   * so that two transactions can't wait for each other.
   *
   * @returns the entries, by item id
   * @throws ConstraintViolation `fk_stock_entries_item`
   */
  async setAll(
    counts: Pick<StockEntry, 'item_id' | 'quantity'>[],
    userId: number,
  ): Promise<Map<number, StockEntry & { is_new: boolean }>> {
    const ids = await this.database.takeIds('stock_entries', counts.length);
    const { created_by, updated_by, created_at, updated_at, version } = createdBy(
      userId,
      this.database.clock.now(),
    );
    const rows = counts.map(
      ({ item_id, quantity }, index) =>
        sql`(${ids[index] as number}, ${item_id}, ${quantity}, ${created_by}, ${updated_by}, ${created_at}, ${updated_at}, ${version})`,
    );
    const entries = await this.database.write<StockEntry>`
      insert into stock_entries (id, item_id, quantity, created_by, updated_by, created_at, updated_at, version)
      values ${commaSeparated(rows)}
      on conflict (item_id) do update set
        quantity = excluded.quantity, updated_by = excluded.updated_by, updated_at = excluded.updated_at,
        version = case when stock_entries.version >= excluded.version then stock_entries.version + 1 else excluded.version end
      returning *`;
    const added = new Set(ids);
    return new Map(entries.map((entry) => [entry.item_id, { ...entry, is_new: added.has(entry.id) }]));
  }

  /** What is in stock of these items, by item id. */
  async findQuantities(itemIds: number[]): Promise<Map<number, Thousandths>> {
    const entries = await this.database.read<Pick<StockEntry, 'item_id' | 'quantity'>>`
      select item_id, quantity from stock_entries
      where item_id in (${commaSeparated(itemIds.map((id) => sql`${id}`))})`;
    return new Map(entries.map(({ item_id, quantity }) => [item_id, quantity]));
  }

  list(filter: StockFilter, page: PageRequest): Promise<List<ListedStockEntry>> {
    return readList(this.database, entriesOf(filter), conditionOf(filter), page);
  }

  /** All entries that meet the filter, however many. */
  listAll(filter: StockFilter, sort: SortOrder): Promise<ListedStockEntry[] | RowStream<ListedStockEntry>> {
    return readWholeList(this.database, entriesOf(filter), conditionOf(filter), sort);
  }

  /**
   * Sorted by category name, then by item name. A cross join fixes the order in which SQLite reads the tables
   * (https://www.sqlite.org/optoverview.html#crossjoin), so that indexes return the rows already sorted.
   */
  listByCategory(): Promise<StockedItem[] | RowStream<StockedItem>> {
    const select = sql`
      select category.id as category_id, category.name as category_name, entry.id as stock_entry_id,
        item.id as item_id, item.name as item_name, item.sku, ${ITEM_COLUMNS}, entry.quantity
      from categories category cross join items item cross join stock_entries entry
      where item.category_id = category.id and entry.item_id = item.id
      order by category.name_key, category.id, item.name_key, item.id`;
    return readAll(this.database, select);
  }

  /** The same at an earlier time. */
  streamByCategoryAsOf(time: string): RowStream<StockedItem> {
    return this.database.stream<StockedItem>`
      select category.id as category_id, category.name as category_name, entry.id as stock_entry_id, item.id as item_id,
        item.name as item_name, item.sku, ${ITEM_COLUMNS}, entry.quantity
      from categories category cross join items item cross join ${stockAsOf(time)}
      where item.category_id = category.id and entry.item_id = item.id
      order by category.name_key, category.id, item.name_key, item.id, entry.id`;
  }

  /** What was in stock at an earlier time of items that have been deleted since, sorted by name, in the snapshot of the stream. */
  async listDeletedAsOf(stream: RowStream<unknown>, time: string): Promise<StockedItem[]> {
    const rows = await stream.read<StockedItem>`
      select null as category_id, null as category_name, entry.id as stock_entry_id, entry.item_id, entry.item_name, entry.sku, ${ITEM_COLUMNS}, entry.quantity
      from ${endedSince(time)} left join items item on item.id = entry.item_id
      where item.id is null`;
    return rows.sort(byName);
  }

  /**
   * Items at or below their threshold. Kilograms and pieces can't be compared, so they are sorted by the share of the threshold
   * that is left, then by name. Items that are not in stock come first.
   */
  listLow(): Promise<LowStock[]> {
    const share = sql`cast(entry.quantity as double precision) / nullif(item.low_stock_threshold, 0)`;
    return this.database.read<LowStock>`
      select entry.id as stock_entry_id, item.id as item_id, item.name as item_name, item.sku,
        category.id as category_id, category.name as category_name, item.unit_type,
        coalesce(entry.quantity, 0) as quantity, item.low_stock_threshold, item.reorder_quantity
      from items item
      left join stock_entries entry on entry.item_id = item.id
      join categories category on category.id = item.category_id
      where item.low_stock_threshold is not null and coalesce(entry.quantity, 0) <= item.low_stock_threshold
      order by entry.id is not null, coalesce(${share}, 0), item.name_key, item.id`;
  }

  async findByItem(itemId: number): Promise<StockEntry | undefined> {
    const [entry] = await this.database.read<StockEntry>`
      select * from stock_entries where item_id = ${itemId}`;
    return entry;
  }

  /**
   * Locks the entry of an item until the transaction ends. When there is none, nobody else can create one meanwhile, and late
   * movements of an item that is out of stock, or deleted, are recorded one at a time.
   */
  async lock(itemId: number): Promise<StockEntry | undefined> {
    const find = () => this.database.readForUpdate<StockEntry>`
      select * from stock_entries where item_id = ${itemId}`;
    const [entry] = await find();
    if (entry) return entry;
    await this.lockItem(itemId);
    await this.database.lock(`history of item ${itemId}`);
    const [added] = await find();
    return added;
  }

  /** The same for several items, by item id, which are locked in that order. */
  async lockAll(itemIds: number[]): Promise<Map<number, StockEntry>> {
    const ids = commaSeparated(itemIds.map((id) => sql`${id}`));
    const entries = await this.database.readForUpdate<StockEntry>`
      select * from stock_entries where item_id in (${ids}) order by item_id`;
    const found = new Map(entries.map((entry) => [entry.item_id, entry]));
    for (const itemId of itemIds) {
      const entry = found.get(itemId) ?? (await this.lock(itemId));
      if (entry) found.set(itemId, entry);
    }
    return found;
  }

  /** Makes remembered lists of the stock and of movements outdated although no entry changes: the past has changed. */
  async markChanged(): Promise<void> {
    await this.database.touch('stock_entries');
  }

  /** Only when the entry has one of the expected versions, or the expected quantity, if given. */
  update(
    itemId: number,
    values: StockValues,
    userId: number,
    expected: { states?: RowVersion[]; quantity?: Thousandths },
  ): Promise<StockEntry | undefined> {
    const condition = sql`item_id = ${itemId} and ${hasOneOfVersions(expected.states)} and ${isQuantity(expected.quantity)}`;
    return this.database.update(StockEntry, condition, {
      ...values,
      ...updatedBy(userId, this.database.clock.now()),
    });
  }

  /**
   * Adds to the quantity of an entry unless the result would be below zero or above the maximum.
   *
   * @param expected the entry it must be, and the quantity it must have, if given
   * @returns undefined when nothing was changed
   */
  addQuantity(
    itemId: number,
    delta: Thousandths,
    userId: number,
    expected: { id?: number; quantity?: Thousandths },
  ): Promise<StockEntry | undefined> {
    const isEntry = expected.id === undefined ? sql`true` : sql`id = ${expected.id}`;
    const isPossible = sql`quantity + ${delta} between 0 and ${MAX_THOUSANDTHS_IN_STOCK}`;
    const condition = sql`item_id = ${itemId} and ${isEntry} and ${isQuantity(expected.quantity)} and ${isPossible}`;
    return this.database.update(StockEntry, condition, {
      quantity: sql`quantity + ${delta}`,
      ...updatedBy(userId, this.database.clock.now()),
    });
  }

  /**
   * Adds to the quantities of several entries, inside the open transaction, each unless the result would be out of range.
   *
   * @returns the ids of those that have changed
   */
  async addQuantities(changes: { id: number; delta: Thousandths }[], userId: number): Promise<Set<number>> {
    if (changes.length === 0) return new Set();
    const { updated_by, updated_at, version } = updatedBy(userId, this.database.clock.now());
    const rows = this.database.dialect.rowsOf('change', { id: 'integer', delta: 'bigint' }, changes);
    // Without the ids as parameters, PostgreSQL reads the whole table.
    const ids = commaSeparated(changes.map(({ id }) => sql`${id}`));
    const changed = await this.database.write<Pick<StockEntry, 'id'>>`
      update stock_entries
      set quantity = quantity + change.delta, updated_by = ${updated_by}, updated_at = ${updated_at}, version = ${version}
      from ${rows}
      where change.id = stock_entries.id and stock_entries.id in (${ids})
        and quantity + change.delta between 0 and ${MAX_THOUSANDTHS_IN_STOCK}
      returning stock_entries.id`;
    return new Set(changed.map(({ id }) => id));
  }

  /** Deletes the entry of an item and returns it; undefined when there is none of an expected version. */
  async delete(itemId: number, expected?: RowVersion[]): Promise<StockEntry | undefined> {
    const [entry] = await this.database.write<StockEntry>`
      delete from stock_entries where item_id = ${itemId} and ${hasOneOfVersions(expected)} returning *`;
    return entry;
  }

  /**
   * Sets what one unit of an item costs, unless that is what it costs already. Deleting an item locks the item before its stock
   * entry, so this goes before a change of the entry.
   */
  async setCost(itemId: number, unit_cost: TenThousandths, userId: number): Promise<void> {
    const { updated_by, updated_at, version } = updatedBy(userId, this.database.clock.now());
    await this.database.write`
      update items
      set unit_cost = ${unit_cost}, updated_by = ${updated_by}, updated_at = ${updated_at}, version = ${version}
      where id = ${itemId} and unit_cost is distinct from ${unit_cost}`;
  }

  /** Locks an item until the transaction ends. */
  async lockItem(itemId: number): Promise<void> {
    await this.database.readForUpdate`select id from items where id = ${itemId}`;
  }

  async hasItem(itemId: number): Promise<boolean> {
    const items = await this.database.read`select id from items where id = ${itemId}`;
    return items.length > 0;
  }
}

function isQuantity(expected: Thousandths | undefined): SqlFragment {
  return expected === undefined ? sql`true` : sql`quantity = ${expected}`;
}

function byName(one: StockedItem, other: StockedItem): number {
  const [key, otherKey] = [nameKey(one.item_name), nameKey(other.item_name)];
  return key < otherKey ? -1 : key > otherKey ? 1 : one.stock_entry_id - other.stock_entry_id;
}

function entriesOf({ as_of }: StockFilter): Source {
  if (as_of === undefined) return NAMED_ENTRIES;
  const rows = sql`(
    select ${ENTRY_COLUMNS}, ${KNOWN_NAMES}
    from ${stockAsOf(as_of)} left join items item on item.id = entry.item_id
  ) entry`;
  return { rows, total: countAsOf(as_of), takesLong: true };
}

function conditionOf({ updated_since }: StockFilter): SqlFragment | undefined {
  return updated_since === undefined ? undefined : sql`updated_at >= ${updated_since}`;
}
