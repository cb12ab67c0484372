import { Injectable, NotFoundException } from '@nestjs/common';
import type { CurrentUser } from '../access/current-user.decorator.js';
import { CategoriesService } from '../categories/categories.service.js';
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
      ...item,
    };
    return itemResponseOf(await this.items.insert(values, by.id));
  }

  async list(query: ItemListQuery): Promise<ItemResponse[]> {
    return (await this.items.list(query, query)).answer(itemResponseOf);
  }

  async search(query: ItemSearchQuery): Promise<ItemResponse[]> {
    return (await this.items.search(query.q, query)).answer(itemResponseOf);
  }

  /** @throws NotFoundException */
  async get(id: number): Promise<ItemResponse> {
    return itemResponseOf((await this.items.findById(id)) ?? notFound());
  }

  /** @throws NotFoundException when there is no such item, or no such category */
  async update(id: number, changes: ItemUpdate, by: CurrentUser): Promise<ItemResponse> {
    if (changes.category_id !== undefined) {
      await this.get(id);
      await this.categories.get(changes.category_id);
    }
    return itemResponseOf((await this.items.update(id, changes, by.id)) ?? notFound());
  }

  async delete(id: number): Promise<void> {
    if (!(await this.items.delete(id))) notFound();
  }
}

function notFound(): never {
  throw new NotFoundException('Item not found');
}
