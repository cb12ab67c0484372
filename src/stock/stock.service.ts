import { Injectable } from '@nestjs/common';
import type { CurrentUser } from '../platform/authorization/current-user.decorator.js';
import { Versioned } from '../platform/http/versioned.js';
import { PreconditionFailedException } from '../platform/errors/precondition-failed.exception.js';
import { Database } from '../platform/database/database.js';
import type { RowVersion } from '../platform/database/row-version.js';
import { CodedException } from '../platform/errors/coded.exception.js';
import { LedgerService, type NewMovement } from '../ledger/ledger.service.js';
import { MovementReason } from '../ledger/movement-reason.js';
import { negated, type Thousandths, thousandths } from '../platform/validation/decimal.js';
import { Table } from '../platform/csv/table.js';
import { ListStream } from '../platform/lists/list-stream.js';
import { type ListResponse, toListResponse } from '../platform/lists/page.js';
import {
  type CategoryStockResponse,
  categoryStockResponsesOf,
  writeByCategory,
} from './dto/category-stock-response.dto.js';
import type { CategoryStockQuery } from './dto/category-stock-query.dto.js';
import { type LowStockResponse, lowStockResponseOf } from './dto/low-stock-response.dto.js';
import { STOCK_COLUMNS, type StockExportQuery } from './dto/stock-export-query.dto.js';
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
 * How much of each item is on hand: one entry for each item, never below zero, which the database enforces. Every change is
 * recorded in the ledger.
 */
@Injectable()
export class StockService {
  constructor(
    private readonly stock: StockRepository,
    private readonly ledger: LedgerService,
    private readonly database: Database,
  ) {}

  /** @throws ConstraintViolation when there is no such item, or it is in stock already */
  async add(
    { item_id, ...values }: StockCreate,
    actor: Pick<CurrentUser, 'id'>,
  ): Promise<Versioned<StockEntryResponse>> {
    return this.database.transaction(async () => {
      const recorded = await this.ledger.recordMovement(
        item_id,
        () => this.stock.insert(item_id, values, actor.id),
        (added) => statedQuantity(added, MovementReason.Initial, actor),
      );
      const { entry } = recorded as { entry: StockEntry };
      return new Versioned(entry, stockEntryResponseOf(entry));
    });
  }

  async list(query: StockListQuery): Promise<ListResponse<ListedStockEntryResponse>> {
    return toListResponse(await this.stock.list(query, query), listedStockEntryResponseOf);
  }

  /** The list as a file. */
  async export(query: StockExportQuery): Promise<Table> {
    const entries = await this.stock.listAll(query, query.sort);
    return Table.of(entries.map(listedStockEntryResponseOf), STOCK_COLUMNS, query);
  }

  async listByCategory({ as_of }: CategoryStockQuery): Promise<CategoryStockResponse[] | ListStream> {
    if (as_of === undefined) {
      const rows = await this.stock.listByCategory();
      return Array.isArray(rows) ? categoryStockResponsesOf(rows) : ListStream.of(rows, writeByCategory);
    }
    const rows = this.stock.streamByCategoryAsOf(as_of);
    const deleted = await this.stock.listDeletedAsOf(rows, as_of);
    return ListStream.of(rows, (batches) => writeByCategory(followedBy(batches, deleted)));
  }

  async listLow(): Promise<LowStockResponse[]> {
    return (await this.stock.listLow()).map(lowStockResponseOf);
  }

  /** @throws CodedException 404 */
  async get(itemId: number): Promise<Versioned<StockEntryResponse>> {
    const entry = (await this.stock.findByItem(itemId)) ?? notInStock();
    return new Versioned(entry, stockEntryResponseOf(entry));
  }

  /** @throws CodedException 404, PreconditionFailedException when the entry has none of the expected versions */
  async setQuantity(
    itemId: number,
    values: StockUpdate,
    actor: CurrentUser,
    expected?: RowVersion[],
  ): Promise<Versioned<StockEntryResponse>> {
    return this.database.transaction(async () => {
      const recorded = await this.ledger.recordMovement(
        itemId,
        () => this.stock.update(itemId, values, actor.id, { states: expected }),
        (entry) => statedQuantity(entry, MovementReason.Count, actor),
      );
      if (!recorded) return this.throwNotChanged(itemId, expected);
      return new Versioned(recorded.entry, stockEntryResponseOf(recorded.entry));
    });
  }

  /**
   * Records counts of several items, inside the open transaction, and puts those in stock that are not.
   *
   * @param counts one for each item, by ascending item id; the items are locked
   * @returns the ids of the items whose stock is another one now
   */
  async countAll(
    counts: Pick<StockEntry, 'item_id' | 'quantity'>[],
    actor: Pick<CurrentUser, 'id'>,
  ): Promise<number[]> {
    const entries = await this.stock.setAll(counts, actor.id);
    const recorded = await this.ledger.recordAll(
      counts.map(({ item_id }) => {
        const { is_new, ...entry } = entries.get(item_id) as StockEntry & { is_new: boolean };
        return statedQuantity(entry, is_new ? MovementReason.Initial : MovementReason.Count, actor);
      }),
    );
    return recorded
      .filter(({ delta, reason }) => delta !== 0 || reason === MovementReason.Initial)
      .map(({ item_id }) => item_id);
  }

  /** What is in stock of these items, by item id; nothing for an item that is not in stock. */
  quantitiesOf(itemIds: number[]): Promise<Map<number, Thousandths>> {
    return this.stock.findQuantities(itemIds);
  }

  /** @throws CodedException 404, PreconditionFailedException */
  async remove(itemId: number, actor: CurrentUser, expected?: RowVersion[]): Promise<void> {
    await this.database.transaction(async () => {
      if (!(await this.removeFromStock(itemId, actor, expected)))
        await this.throwNotChanged(itemId, expected);
    });
  }

  /**
   * Removes an item from stock, inside the open transaction: by itself, or before the item is deleted.
   *
   * @returns whether there was an entry of an expected version
   */
  async removeFromStock(
    itemId: number,
    actor: Pick<CurrentUser, 'id'>,
    expected?: RowVersion[],
  ): Promise<boolean> {
    const recorded = await this.ledger.recordMovement(
      itemId,
      () => this.stock.delete(itemId, expected),
      (entry) => ({
        ...statedQuantity({ ...entry, quantity: thousandths(0) }, MovementReason.Removal, actor),
        delta: negated(entry.quantity),
      }),
    );
    return recorded !== undefined;
  }

  /** Throws the reason why a write met no row: there is none, or it has none of the expected versions. */
  private async throwNotChanged(itemId: number, expected: RowVersion[] | undefined): Promise<never> {
    if (expected && (await this.stock.findByItem(itemId))) throw new PreconditionFailedException();
    notInStock();
  }
}

/** A movement that states what is in stock. */
function statedQuantity(
  { id, item_id, quantity }: StockEntry,
  reason: MovementReason,
  actor: Pick<CurrentUser, 'id'>,
): NewMovement {
  return {
    item_id,
    stock_entry_id: id,
    quantity_after: quantity,
    counted_quantity: quantity,
    reason,
    created_by: actor.id,
  };
}

async function* followedBy<Row>(batches: AsyncIterable<Row[]>, last: Row[]): AsyncIterable<Row[]> {
  yield* batches;
  yield last;
}

function notInStock(): never {
  throw new CodedException(404, 'not_in_stock', 'The item is not in stock');
}
