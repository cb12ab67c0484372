import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';
import type { RowStream } from '../platform/database/row-stream.js';
import { allOf, commaSeparated, sql, type SqlFragment } from '../platform/database/sql.js';
import type { ErrorCode } from '../platform/errors/error-code.js';
import { type List, readList } from '../platform/lists/page.js';
import type { PageRequest } from '../platform/lists/page-query.dto.js';
import { readAll } from '../platform/lists/read-all.js';
import type { Hundredths, TenThousandths, Thousandths } from '../platform/validation/decimal.js';
import { expectedQuantity } from '../stock/expected-quantity.js';
import { type Stocktake, Uncounted } from './stocktake.entity.js';
import type { StocktakeCount } from './stocktake-count.entity.js';
import type { StocktakeItem } from './stocktake-item.entity.js';

/** An item to count, with the count that counts; null until there is one. */
export interface CountedItem extends Pick<
  StocktakeItem,
  'item_id' | 'quantity' | 'counted_at' | 'counted_by'
> {
  item_name: string;
  sku: string | null;
  barcode: string | null;
  /** Null, like the next one, for an item that has been deleted since. */
  unit_type: string | null;
  category_id: number | null;
}

/** What became of the count of an item: its movement, or why there is none. */
export type CountOutcome = Pick<StocktakeItem, 'id' | 'movement_id' | 'refused_because'>;

/** What was counted beside what was expected. */
export interface Variance extends Omit<CountedItem, 'category_id'> {
  /** Null when the item was not in stock at that time. */
  expected: Thousandths | null;
  /** Of now, or, once it is recorded, of then. */
  unit_price: Hundredths | null;
  unit_cost: TenThousandths | null;
  movement_id: number | null;
  refused_because: ErrorCode | null;
}

/** After all that is recorded, even by a clock that is ahead. */
const END_OF_TIME = '9999-12-31T23:59:59.999Z';

/** Name and SKU of today, or the last ones of a deleted item. */
const LAST_OF_ITEM = sql`from stock_movements where item_id = counted.item_id order by id desc limit 1`;
const NAMES = sql`
  coalesce(item.name, (select item_name ${LAST_OF_ITEM})) as item_name,
  case when item.id is null then (select sku ${LAST_OF_ITEM}) else item.sku end as sku, item.barcode, item.unit_type`;

const COUNTED_ITEMS = sql`(
  select counted.stocktake_id, counted.item_id, ${NAMES}, item.category_id,
    counted.quantity, counted.counted_at, counted.counted_by
  from stocktake_items counted left join items item on item.id = counted.item_id
) counted`;

const IS_TO_RECORD = sql`movement_id is null and refused_because is null`;

/** The queries on `stocktake_items` and `stocktake_counts`. */
@Injectable()
export class StocktakeCountsRepository {
  constructor(private readonly database: Database) {}

  async findItem(stocktakeId: number, itemId: number): Promise<StocktakeItem | undefined> {
    const [item] = await this.database.read<StocktakeItem>`
      select * from stocktake_items where stocktake_id = ${stocktakeId} and item_id = ${itemId}`;
    return item;
  }

  /**
   * Adds a count, inside the open transaction. The last one by `counted_at` counts, whichever arrives last.
   *
   * @returns the count; the earlier one when the same was sent before
   */
  async add(count: Omit<StocktakeCount, 'id'>): Promise<StocktakeCount> {
    const { stocktake_item_id: itemId, quantity, counted_at, counted_by, recorded_at } = count;
    const [added] = await this.database.write<StocktakeCount>`
      insert into stocktake_counts (stocktake_item_id, quantity, counted_at, counted_by, recorded_at)
      values (${itemId}, ${quantity}, ${counted_at}, ${counted_by}, ${recorded_at})
      on conflict (stocktake_item_id, counted_at, counted_by, quantity) do nothing returning *`;
    if (added) {
      await this.database.write`
        update stocktake_items
        set quantity = ${quantity}, counted_at = ${counted_at}, counted_by = ${counted_by}
        where id = ${itemId} and (counted_at is null or counted_at <= ${counted_at})`;
      return added;
    }
    const [earlier] = await this.database.read<StocktakeCount>`
      select * from stocktake_counts
      where stocktake_item_id = ${itemId} and counted_at = ${counted_at} and counted_by = ${counted_by}
        and quantity = ${quantity}`;
    return earlier as StocktakeCount;
  }

  listItems(
    { stocktake_id, isCounted }: { stocktake_id: number; isCounted?: boolean },
    page: PageRequest,
  ): Promise<List<CountedItem>> {
    const condition = allOf(
      sql`stocktake_id = ${stocktake_id}`,
      isCounted === undefined ? undefined : isCounted ? sql`counted_at is not null` : sql`counted_at is null`,
    );
    return readList<CountedItem>(this.database, COUNTED_ITEMS, condition, page);
  }

  /** All counts of an item, the last one by `counted_at` first. */
  listCounts(stocktakeItemId: number): Promise<StocktakeCount[]> {
    return this.database.read<StocktakeCount>`
      select * from stocktake_counts where stocktake_item_id = ${stocktakeItemId} order by counted_at desc, id desc`;
  }

  /** By item id. What is not counted is compared with now, or with when the stocktake was approved or cancelled. */
  listVariances({ id, approved_at, cancelled_at }: Stocktake): Promise<Variance[] | RowStream<Variance>> {
    const time = sql`coalesce(counted.counted_at, ${approved_at ?? cancelled_at ?? END_OF_TIME})`;
    const ifRecorded = (recorded: SqlFragment, other: SqlFragment) =>
      sql`case when movement.id is null then ${other} else ${recorded} end`;
    return readAll<Variance>(
      this.database,
      sql`
      select counted.item_id, ${NAMES}, coalesce(counted.quantity, movement.counted_quantity) as quantity,
        counted.counted_at, counted.counted_by, counted.movement_id, counted.refused_because,
        ${ifRecorded(
          sql`movement.counted_quantity - movement.delta`,
          expectedQuantity(sql`counted.item_id`, time),
        )} as expected,
        ${ifRecorded(sql`movement.unit_price`, sql`item.unit_price`)} as unit_price,
        ${ifRecorded(sql`movement.unit_cost`, sql`item.unit_cost`)} as unit_cost
      from stocktake_items counted
      left join items item on item.id = counted.item_id
      left join stock_movements movement on movement.id = counted.movement_id
      where counted.stocktake_id = ${id}
      order by counted.item_id`,
    );
  }

  /** The ids of all rows whose counts are to be recorded, by id of the item. */
  async findIdsToRecord({ id, uncounted }: Stocktake): Promise<number[]> {
    const isCounted = uncounted === Uncounted.Zero ? sql`true` : sql`counted_at is not null`;
    const rows = await this.database.read<{ id: number }>`
      select id from stocktake_items
      where stocktake_id = ${id} and ${isCounted} and ${IS_TO_RECORD}
      order by item_id`;
    return rows.map(({ id }) => id);
  }

  /** Locks those of these rows whose counts are still to be recorded, by id of the item. */
  lockToRecord(ids: number[]): Promise<StocktakeItem[]> {
    return this.database.readForUpdate<StocktakeItem>`
      select * from stocktake_items
      where id in (${commaSeparated(ids.map((id) => sql`${id}`))}) and ${IS_TO_RECORD}
      order by item_id`;
  }

  /** Notes what became of some counts. The transaction throws at its end when this fails. */
  setOutcomes(outcomes: CountOutcome[]): void {
    const rows = this.database.dialect.rowsOf(
      'outcome',
      { id: 'integer', movement_id: 'integer', refused_because: 'text' },
      outcomes,
    );
    // Without the ids as parameters, PostgreSQL reads the whole table.
    const ids = commaSeparated(outcomes.map(({ id }) => sql`${id}`));
    this.database.writePipelined(sql`
      update stocktake_items set movement_id = outcome.movement_id, refused_because = outcome.refused_because
      from ${rows} where outcome.id = stocktake_items.id and stocktake_items.id in (${ids})`);
  }
}
