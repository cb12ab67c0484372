import { Injectable } from '@nestjs/common';
import { createdBy, updatedBy } from '../platform/database/authorship.js';
import { Database } from '../platform/database/database.js';
import { nameKey, searchKey } from '../platform/database/name-key.js';
import type { RowStream } from '../platform/database/row-stream.js';
import { hasOneOfVersions, type RowVersion } from '../platform/database/row-version.js';
import { allOf, anyOf, commaSeparated, sql, type SqlFragment } from '../platform/database/sql.js';
import { type List, readList, readWholeList } from '../platform/lists/page.js';
import type { PageRequest } from '../platform/lists/page-query.dto.js';
import type { SortOrder } from '../platform/lists/sort-order.js';
import { type BarcodeKey, barcodeColumns, readBarcode } from './barcode.js';
import { Item } from './item.entity.js';

export type ItemValues = Pick<
  Item,
  | 'category_id'
  | 'name'
  | 'description'
  | 'sku'
  | 'barcode'
  | 'image_url'
  | 'unit_price'
  | 'unit_cost'
  | 'unit_type'
  | 'tax_rate'
  | 'discount_rate'
  | 'low_stock_threshold'
  | 'reorder_quantity'
>;

/** Conditions on a list of items, combined with AND. */
export interface ItemFilter {
  category_id?: number;
  barcode?: string;
  sku?: string;
  updated_since?: string;
}

/** An item with the name of its category. */
export type CategorizedItem = Item & { category: string };

/** A cross join, so that SQLite reads the items in the order of an index. */
const CATEGORIZED_ITEMS = sql`(
  select item.*, category.name as category
  from items item cross join categories category where category.id = item.category_id
) item`;

/** A code should have one item. This many are enough to report duplicates. */
const MAX_MATCHES = 10;

/** The queries on `items`. */
@Injectable()
export class ItemsRepository {
  constructor(private readonly database: Database) {}

  /** @throws ConstraintViolation `uq_items_sku`, `fk_items_category` */
  insert(values: ItemValues, userId: number): Promise<Item> {
    return this.database.insert(Item, {
      ...values,
      ...keysOf(values.name),
      ...barcodeColumns(values.barcode),
      ...createdBy(userId, this.database.clock.now()),
    });
  }

  list(filter: ItemFilter, page: PageRequest): Promise<List<Item>> {
    return readList(this.database, 'items', conditionOf(filter), page);
  }

  /** All items that meet the filter, as `list` has them. */
  listWithCategories(
    filter: ItemFilter,
    sort: SortOrder,
  ): Promise<CategorizedItem[] | RowStream<CategorizedItem>> {
    return readWholeList(this.database, CATEGORIZED_ITEMS, conditionOf(filter), sort);
  }

  /** Finds items whose name contains the text, compared by `searchKey`. */
  async search(text: string, page: PageRequest): Promise<List<Item>> {
    return readList(this.database, 'items', await this.nameContains(searchKey(text)), page);
  }

  async findById(id: number): Promise<Item | undefined> {
    const [item] = await this.database.read<Item>`select * from items where id = ${id}`;
    return item;
  }

  /** The items with a barcode, at most {@link MAX_MATCHES}. */
  findByBarcode(key: BarcodeKey): Promise<Item[]> {
    return this.findAll(hasBarcode(key));
  }

  /** The items with one of these SKUs. */
  findBySkus(skus: string[]): Promise<Item[]> {
    return this.findAll(sql`sku in (${commaSeparated(skus.map((sku) => sql`${sku}`))})`);
  }

  /** @throws ConstraintViolation `uq_items_sku`, `fk_items_category` */
  update(
    id: number,
    changes: Partial<ItemValues>,
    userId: number,
    expected?: RowVersion[],
  ): Promise<Item | undefined> {
    return this.database.update(Item, sql`id = ${id} and ${hasOneOfVersions(expected)}`, {
      ...changes,
      ...(changes.name !== undefined && keysOf(changes.name)),
      ...(changes.barcode !== undefined && barcodeColumns(changes.barcode)),
      ...updatedBy(userId, this.database.clock.now()),
    });
  }

  /** Locks an item until the transaction ends: nobody changes it or adds a reference to it. Returns whether it exists. */
  async lock(id: number, expected?: RowVersion[]): Promise<boolean> {
    const locked = await this.database.readForUpdate`
      select id from items where id = ${id} and ${hasOneOfVersions(expected)}`;
    return locked.length > 0;
  }

  async delete(id: number): Promise<void> {
    await this.database.write`delete from items where id = ${id}`;
  }

  private findAll(condition: SqlFragment): Promise<Item[]> {
    return this.database.read<Item>`
      select * from items where ${condition} order by id limit ${MAX_MATCHES}`;
  }

  private async nameContains(key: string): Promise<SqlFragment> {
    // The search key of some characters, such as a kashida, is empty.
    if (key === '') return sql`1 = 0`;
    return this.database.contains({ name: 'search_key', indexTable: 'item_names' }, key);
  }
}

function conditionOf({ category_id, barcode, sku, updated_since }: ItemFilter): SqlFragment | undefined {
  return allOf(
    category_id === undefined ? undefined : sql`category_id = ${category_id}`,
    barcode === undefined ? undefined : anyOf(readBarcode(barcode).keys.map(hasBarcode)),
    sku === undefined ? undefined : sql`sku = ${sku}`,
    updated_since === undefined ? undefined : sql`updated_at >= ${updated_since}`,
  );
}

function hasBarcode(key: BarcodeKey): SqlFragment {
  return 'gtin' in key ? sql`gtin = ${key.gtin}` : sql`barcode = ${key.text}`;
}

function keysOf(name: string): Pick<Item, 'name_key' | 'search_key'> {
  return { name_key: nameKey(name), search_key: searchKey(name) };
}
