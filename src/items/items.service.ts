import { Injectable, NotFoundException } from '@nestjs/common';
import type { CurrentUser } from '../access/current-user.decorator.js';
import { CategoriesService } from '../categories/categories.service.js';
import { showing } from '../conditional/row-states.js';
import { StaleException } from '../conditional/stale.exception.js';
import { Database } from '../database/database.js';
import type { RowState } from '../database/row-version.js';
import { LedgerService } from '../ledger/ledger.service.js';
import type { ItemCreate } from './dto/item-create.dto.js';
import type { ItemListQuery } from './dto/item-list-query.dto.js';
import { type ItemResponse, itemResponseOf } from './dto/item-response.dto.js';
import type { ItemSearchQuery } from './dto/item-search-query.dto.js';
import type { ItemUpdate } from './dto/item-update.dto.js';
import { ItemsRepository } from './items.repository.js';

/** The products of the shop. A SKU is unique, and an item has a category: the database sees to both. */
@Injectable()
export class ItemsService {
  constructor(
    private readonly items: ItemsRepository,
    private readonly categories: CategoriesService,
    private readonly ledger: LedgerService,
    private readonly database: Database,
  ) {}

  /** @throws NotFoundException when there is no such category */
  async create(item: ItemCreate, by: Pick<CurrentUser, 'id'>): Promise<ItemResponse> {
    await this.categories.get(item.category_id);
    const values = {
      description: null,
      sku: null,
      barcode: null,
      image_url: null,
      unit_type: 'piece',
      tax_rate: 0,
      discount_rate: 0,
      low_stock_threshold: null,
      reorder_quantity: null,
      ...item,
    };
    const created = await this.items.insert(values, by.id);
    return showing(created, itemResponseOf(created));
  }

  async list(query: ItemListQuery): Promise<ItemResponse[]> {
    return (await this.items.list(query, query)).answer(itemResponseOf);
  }

  async search(query: ItemSearchQuery): Promise<ItemResponse[]> {
    return (await this.items.search(query.q, query)).answer(itemResponseOf);
  }

  /** @throws NotFoundException */
  async get(id: number): Promise<ItemResponse> {
    const item = (await this.items.findById(id)) ?? notFound();
    return showing(item, itemResponseOf(item));
  }

  /**
   * @throws NotFoundException when there is no such item, or no such category
   * @throws StaleException when the item is in none of the expected states
   */
  async update(
    id: number,
    changes: ItemUpdate,
    by: CurrentUser,
    expected?: RowState[],
  ): Promise<ItemResponse> {
    if (changes.category_id !== undefined) {
      await this.get(id);
      await this.categories.get(changes.category_id);
    }
    const item = await this.items.update(id, changes, by.id, expected);
    return item ? showing(item, itemResponseOf(item)) : this.refuse(id, expected);
  }

  /**
   * Deletes an item. What there is of it in stock goes first, as the ledger is to know.
   *
   * @throws NotFoundException, StaleException
   */
  async delete(id: number, by: CurrentUser, expected?: RowState[]): Promise<void> {
    await this.database.transaction(async () => {
      if (!(await this.items.lock(id, expected))) await this.refuse(id, expected);
      await this.ledger.removeStock(id, by.id);
      await this.items.delete(id);
    });
  }

  /** Says why a write met no row: it is gone, or in none of the expected states. */
  private async refuse(id: number, expected: RowState[] | undefined): Promise<never> {
    if (expected && (await this.items.findById(id))) throw new StaleException();
    notFound();
  }
}

function notFound(): never {
  throw new NotFoundException('Item not found');
}
