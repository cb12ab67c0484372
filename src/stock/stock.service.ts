import { Injectable, NotFoundException } from '@nestjs/common';
import type { CurrentUser } from '../access/current-user.decorator.js';
import { ItemsService } from '../items/items.service.js';
import { type CategoryStockResponse, categoryStockResponsesOf } from './dto/category-stock-response.dto.js';
import type { StockCreate } from './dto/stock-create.dto.js';
import { type StockEntryResponse, stockEntryResponseOf } from './dto/stock-entry-response.dto.js';
import type { StockListQuery } from './dto/stock-list-query.dto.js';
import type { StockUpdate } from './dto/stock-update.dto.js';
import { StockRepository } from './stock.repository.js';

/** How much is on the shelf: one entry an item, never below zero. The database sees to both. */
@Injectable()
export class StockService {
  constructor(
    private readonly stock: StockRepository,
    private readonly items: ItemsService,
  ) {}

  /** @throws NotFoundException when there is no such item */
  async add({ item_id, quantity }: StockCreate, by: Pick<CurrentUser, 'id'>): Promise<StockEntryResponse> {
    await this.items.get(item_id);
    return stockEntryResponseOf(await this.stock.insert(item_id, quantity, by.id));
  }

  async list(query: StockListQuery): Promise<StockEntryResponse[]> {
    return (await this.stock.list(query, query)).answer(stockEntryResponseOf);
  }

  async listByCategory(): Promise<CategoryStockResponse[]> {
    return categoryStockResponsesOf(await this.stock.listByCategory());
  }

  async get(itemId: number): Promise<StockEntryResponse> {
    return stockEntryResponseOf((await this.stock.findByItem(itemId)) ?? notInStock());
  }

  async setQuantity(itemId: number, { quantity }: StockUpdate, by: CurrentUser): Promise<StockEntryResponse> {
    return stockEntryResponseOf((await this.stock.setQuantity(itemId, quantity, by.id)) ?? notInStock());
  }

  async remove(itemId: number): Promise<void> {
    if (!(await this.stock.delete(itemId))) notInStock();
  }
}

function notInStock(): never {
  throw new NotFoundException('The item is not in stock');
}
