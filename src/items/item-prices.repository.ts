import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';
import { commaSeparated, sql } from '../platform/database/sql.js';
import { type Page, readPage } from '../platform/lists/page.js';
import type { PageRequest } from '../platform/lists/page-query.dto.js';
import type { ItemPrice } from './item-price.entity.js';
import type { Item } from './item.entity.js';

/** What an item is sold as, and for, at some time. Name and SKU are always today's. */
export interface PricedItem
  extends
    Pick<Item, 'name' | 'sku'>,
    Pick<ItemPrice, 'item_id' | 'unit_price' | 'unit_cost' | 'tax_rate' | 'discount_rate'> {}

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

  findToday(itemIds: number[]): Promise<PricedItem[]> {
    return this.database.read<PricedItem>`
      select id as item_id, name, sku, unit_price, unit_cost, tax_rate, discount_rate
      from items where id in (${commaSeparated(itemIds.map((id) => sql`${id}`))})`;
  }

  /** The prices as of a time, or the first ones of an item that had none by then. */
  findAsOf(itemIds: number[], time: string): Promise<PricedItem[]> {
    return this.database.read<PricedItem>`
      select item.id as item_id, item.name, item.sku, price.unit_price, price.unit_cost, price.tax_rate,
        price.discount_rate
      from items item join item_prices price on price.id = coalesce(
        (select id from item_prices where item_id = item.id and valid_from <= ${time}
          order by valid_from desc, id desc limit 1),
        (select id from item_prices where item_id = item.id order by valid_from, id limit 1))
      where item.id in (${commaSeparated(itemIds.map((id) => sql`${id}`))})`;
  }
}
