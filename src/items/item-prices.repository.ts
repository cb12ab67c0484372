import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';
import { commaSeparated, sql } from '../platform/database/sql.js';
import { type Page, readPage } from '../platform/lists/page.js';
import type { PageRequest } from '../platform/lists/page-query.dto.js';
import type { ItemPrice } from './item-price.entity.js';

/** What an item is sold for, and costs, at some time. */
export type PricesAtTime = Pick<
  ItemPrice,
  'item_id' | 'unit_price' | 'unit_cost' | 'tax_rate' | 'discount_rate'
>;

/** The queries on `item_prices`, which triggers write. */
@Injectable()
export class ItemPricesRepository {
  constructor(private readonly database: Database) {}

  list(itemId: number, request: PageRequest): Promise<Page<ItemPrice>> {
    return readPage(this.database, 'item_prices', sql`item_id = ${itemId}`, request);
  }

  /** Whether an item, possibly deleted by now, has any price. */
  async hasItem(itemId: number): Promise<boolean> {
    const prices = await this.database.read`select id from item_prices where item_id = ${itemId} limit 1`;
    return prices.length > 0;
  }

  /**
   * The prices of items, also of deleted ones, at a time: before an item's history began, those that it began with.
   *
   * @param time ISO 8601, UTC; now unless it is given
   */
  findAsOf(itemIds: number[], time: string | undefined): Promise<PricesAtTime[]> {
    const latest = sql`order by valid_from desc, id desc limit 1`;
    const first = sql`order by valid_from, id limit 1`;
    const priceOf = (id: number) => {
      const ofItem = sql`select id from item_prices where item_id = ${id}`;
      return time === undefined
        ? sql`(${ofItem} ${latest})`
        : sql`coalesce((${ofItem} and valid_from <= ${time} ${latest}), (${ofItem} ${first}))`;
    };
    return this.database.read<PricesAtTime>`
      select item_id, unit_price, unit_cost, tax_rate, discount_rate
      from item_prices where id in (${commaSeparated(itemIds.map(priceOf))})`;
  }
}
