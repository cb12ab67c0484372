import { Injectable } from '@nestjs/common';
import { createdBy, updatedBy } from '../platform/database/authorship.js';
import { chunksOf } from '../platform/database/chunks.js';
import { Database } from '../platform/database/database.js';
import { nameKey, searchKey } from '../platform/database/name-key.js';
import type { RowVersion } from '../platform/database/row-version.js';
import { commaSeparated, identifier, sql, type SqlFragment } from '../platform/database/sql.js';
import { type BarcodeColumns, barcodeColumns } from './barcode.js';
import { Item } from './item.entity.js';
import type { ItemValues } from './items.repository.js';

/** By what items are looked up, many at once. */
export interface ItemKeys {
  skus: string[];
  barcodes: BarcodeColumns[];
  /** Names within categories. */
  names: Pick<Item, 'category_id' | 'name'>[];
}

/** New values of an item that still has this version. */
export interface ItemChange extends RowVersion {
  changes: Partial<ItemValues>;
}

/** Columns of numbers; the others are text. */
const NUMBERS: readonly string[] = [
  'category_id',
  'unit_price',
  'unit_cost',
  'tax_rate',
  'discount_rate',
  'low_stock_threshold',
  'reorder_quantity',
] satisfies (keyof ItemValues)[];

/** The statements on `items` that read and write many rows at once. */
@Injectable()
export class ItemBatchesRepository {
  constructor(private readonly database: Database) {}

  /** The items that have one of the keys, however many. */
  async findByKeys({ skus, barcodes, names }: ItemKeys): Promise<Item[]> {
    const gtins = barcodes.flatMap(({ gtin }) => gtin ?? []);
    const texts = barcodes.flatMap(({ gtin, barcode }) => (gtin === null ? (barcode ?? []) : []));
    const keys = names.map(
      ({ category_id, name }) => sql`(cast(${category_id} as integer), ${nameKey(name)})`,
    );
    const found = await Promise.all([
      this.find('sku', skus),
      this.find('gtin', gtins),
      this.find('barcode', texts),
      keys.length === 0
        ? []
        : this.database.read<Item>`
            select * from items where (category_id, name_key) in (values ${commaSeparated(keys)})`,
    ]);
    return [...new Map(found.flat().map((item) => [item.id, item])).values()];
  }

  /**
   * Inserts items inside the open transaction, and returns their ids, in the same order.
   *
   * @throws ConstraintViolation `uq_items_sku`, `fk_items_category`, also at the end of the transaction
   */
  async insertAll(items: ItemValues[], userId: number): Promise<number[]> {
    const ids = await this.database.takeIds('items', items.length);
    const author = createdBy(userId, this.database.clock.now());
    this.database.insertAllPipelined(
      Item,
      items.map((values, index) => ({
        id: ids[index] as number,
        ...values,
        ...keyColumnsOf(values),
        ...author,
      })),
    );
    return ids;
  }

  /**
   * Locks items until the transaction ends, by ascending id: nobody changes them or adds a reference to them.
   *
   * @returns their versions by id, without items that are not there
   */
  async lockAll(ids: number[]): Promise<Map<number, number>> {
    const rows = await this.database.readForUpdate<RowVersion>`
      select id, version from items where id in (${parameters(ids)}) order by id`;
    return new Map(rows.map(({ id, version }) => [id, version]));
  }

  /**
   * Changes items inside the open transaction. All of them have the same columns among their changes.
   *
   * @returns how many still had the version that was expected
   * @throws ConstraintViolation `uq_items_sku`, `fk_items_category`
   */
  async updateAll(items: ItemChange[], userId: number): Promise<number> {
    const { updated_by, updated_at, version } = updatedBy(userId, this.database.clock.now());
    const rows = items.map(({ changes, ...row }) => ({
      row,
      values: Object.entries({ ...changes, ...keyColumnsOf(changes) }),
    }));
    let updated = 0;
    for (const chunk of chunksOf(rows)) {
      const columns = chunk[0]?.values.map(([column]) => column) ?? [];
      const assignments = columns.map(
        (column, index) => sql`${identifier(column)} = change.${identifier(`column${index + 3}`)}`,
      );
      const changes = chunk.map(({ row, values }) => {
        const cells = values.map(([column, value]) => cell(column, value));
        return sql`(${commaSeparated([cell('id', row.id), cell('version', row.version), ...cells])})`;
      });
      const changed = await this.database.write`
        update items
        set ${commaSeparated(assignments)}, updated_by = ${updated_by}, updated_at = ${updated_at}, version = ${version}
        from (values ${commaSeparated(changes)}) change
        where items.id = change.column1 and items.version = change.column2
        returning items.id`;
      updated += changed.length;
    }
    return updated;
  }

  private find(column: 'sku' | 'gtin' | 'barcode', values: string[]): Promise<Item[]> {
    if (values.length === 0) return Promise.resolve([]);
    return this.database.read<Item>`
      select * from items where ${identifier(column)} in (${parameters(values)})`;
  }
}

/** The columns that are computed of others. */
function keyColumnsOf({ name, barcode }: Partial<ItemValues>): Partial<Item> {
  return {
    ...(name !== undefined && { name_key: nameKey(name), search_key: searchKey(name) }),
    ...(barcode !== undefined && barcodeColumns(barcode)),
  };
}

function parameters(values: (string | number)[]): SqlFragment {
  return commaSeparated(values.map((value) => sql`${value}`));
}

/** Both engines call the columns of `values` column1, column2 … PostgreSQL takes parameters there for text unless it is told. */
function cell(column: string, value: unknown): SqlFragment {
  const parameter = (value ?? null) as string | number | null;
  const isNumber = column === 'id' || column === 'version' || NUMBERS.includes(column);
  return isNumber ? sql`cast(${parameter} as bigint)` : sql`cast(${parameter} as text)`;
}
