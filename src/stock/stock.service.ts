import { Injectable } from '@nestjs/common';
import type { CurrentUser } from '../platform/authorization/current-user.decorator.js';
import { Versioned } from '../platform/http/versioned.js';
import { StaleException } from '../platform/errors/stale.exception.js';
import { Database } from '../platform/database/database.js';
import type { RowState } from '../platform/database/row-version.js';
import { CodedException } from '../platform/errors/coded.exception.js';
import { ItemsService } from '../items/items.service.js';
import { LedgerService } from '../ledger/ledger.service.js';
import { MovementReason } from '../ledger/movement-reason.js';
import type { LedgerHead } from '../ledger/movements.repository.js';
import { ListStream } from '../platform/lists/list-stream.js';
import { type ListResponse, toListResponse } from '../platform/lists/page.js';
import {
  type CategoryStockResponse,
  categoryStockResponsesOf,
  writeByCategory,
} from './dto/category-stock-response.dto.js';
import type { CategoryStockQuery } from './dto/category-stock-query.dto.js';
import { type LowStockResponse, lowStockResponseOf } from './dto/low-stock-response.dto.js';
import type { StockCreate } from './dto/stock-create.dto.js';
import {
  type ListedStockEntryResponse,
  listedStockEntryResponseOf,
  type StockEntryResponse,
  stockEntryResponseOf,
} from './dto/stock-entry-response.dto.js';
import type { StockListQuery } from './dto/stock-list-query.dto.js';
import type { StockUpdate } from './dto/stock-update.dto.js';
import type { StockEntry } from './stock-entry.entity.js';
import { StockRepository } from './stock.repository.js';

/**
 * How much is on the shelf: one entry an item, never below zero. The database sees to both. Whatever is changed here is
 * written down in the ledger.
 */
@Injectable()
export class StockService {
  constructor(
    private readonly stock: StockRepository,
    private readonly items: ItemsService,
    private readonly ledger: LedgerService,
    private readonly database: Database,
  ) {}

  /** @throws CodedException 404 when there is no such item */
  async add(
    { item_id, quantity }: StockCreate,
    by: Pick<CurrentUser, 'id'>,
  ): Promise<Versioned<StockEntryResponse>> {
    await this.items.get(item_id);
    return this.database.transaction(async () => {
      const [entry, head] = await this.ledger.withHead(item_id, this.stock.insert(item_id, quantity, by.id));
      this.record(head, entry, MovementReason.Initial, by);
      return new Versioned(entry, stockEntryResponseOf(entry));
    });
  }

  async list(query: StockListQuery): Promise<ListResponse<ListedStockEntryResponse>> {
    return toListResponse(await this.stock.list(query, query), listedStockEntryResponseOf);
  }

  async listByCategory({ as_of }: CategoryStockQuery): Promise<CategoryStockResponse[] | ListStream> {
    const rows = await (as_of === undefined
      ? this.stock.listByCategory()
      : this.stock.listByCategoryAsOf(as_of));
    return Array.isArray(rows) ? categoryStockResponsesOf(rows) : ListStream.of(rows, writeByCategory);
  }

  async listLow(): Promise<LowStockResponse[]> {
    return (await this.stock.listLow()).map(lowStockResponseOf);
  }

  /** @throws CodedException 404 */
  async get(itemId: number): Promise<Versioned<StockEntryResponse>> {
    const entry = (await this.stock.findByItem(itemId)) ?? notInStock();
    return new Versioned(entry, stockEntryResponseOf(entry));
  }

  /** @throws CodedException 404, StaleException when the entry is in none of the expected states */
  async setQuantity(
    itemId: number,
    { quantity }: StockUpdate,
    by: CurrentUser,
    expected?: RowState[],
  ): Promise<Versioned<StockEntryResponse>> {
    return this.database.transaction(async () => {
      const [entry, head] = await this.ledger.withHead(
        itemId,
        this.stock.setQuantity(itemId, quantity, by.id, { states: expected }),
      );
      if (!entry) return this.refuse(itemId, expected);
      this.record(head, entry, MovementReason.Count, by);
      return new Versioned(entry, stockEntryResponseOf(entry));
    });
  }

  /** @throws CodedException 404, StaleException */
  async remove(itemId: number, by: CurrentUser, expected?: RowState[]): Promise<void> {
    await this.database.transaction(async () => {
      if (!(await this.ledger.removeStock(itemId, by.id, expected))) await this.refuse(itemId, expected);
    });
  }

  /** From nothing, or from whatever the quantity was, to what it is now. */
  private record(
    head: LedgerHead,
    entry: StockEntry,
    reason: MovementReason,
    by: Pick<CurrentUser, 'id'>,
  ): void {
    this.ledger.record(head, {
      item_id: entry.item_id,
      stock_entry_id: entry.id,
      quantity_after: entry.quantity,
      counted_quantity: entry.quantity,
      reason,
      created_by: by.id,
    });
  }

  /** Says why a write met no row: it is gone, or in none of the expected states. */
  private async refuse(itemId: number, expected: RowState[] | undefined): Promise<never> {
    if (expected && (await this.stock.findByItem(itemId))) throw new StaleException();
    notInStock();
  }
}

function notInStock(): never {
  throw new CodedException(404, 'not_in_stock', 'The item is not in stock');
}
