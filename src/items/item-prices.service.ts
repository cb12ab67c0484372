import { Injectable } from '@nestjs/common';
import type { Role } from '../platform/authorization/role.js';
import { CodedException } from '../platform/errors/coded.exception.js';
import type { Page } from '../platform/lists/page.js';
import type { ItemPriceListQuery } from './dto/item-price-list-query.dto.js';
import { type ItemPriceResponse, itemPriceResponseOf } from './dto/item-price-response.dto.js';
import { ItemPricesRepository, type PricesAtTime } from './item-prices.repository.js';

/** What items cost and are sold for, now and at any time before. */
@Injectable()
export class ItemPricesService {
  constructor(private readonly prices: ItemPricesRepository) {}

  /**
   * Lists every price of an item, possibly deleted by now.
   *
   * @throws CodedException 404 when there never was such an item
   */
  async list(itemId: number, query: ItemPriceListQuery, role: Role): Promise<Page<ItemPriceResponse>> {
    if (!(await this.prices.hasItem(itemId)))
      throw new CodedException(404, 'item_not_found', 'Item not found');
    return (await this.prices.list(itemId, query)).map((price) => itemPriceResponseOf(price, role));
  }

  /**
   * What items are sold for, and cost, at a time. Also inside an open transaction, and for items that have been deleted since.
   *
   * @param asOf ISO 8601, UTC: before an item's history began, what it began with; now unless it is given
   * @returns by item id: every item has a history
   */
  async find(itemIds: number[], asOf?: string): Promise<Map<number, PricesAtTime>> {
    if (itemIds.length === 0) return new Map();
    const prices = await this.prices.findAsOf(itemIds, asOf);
    return new Map(prices.map((price) => [price.item_id, price]));
  }
}
