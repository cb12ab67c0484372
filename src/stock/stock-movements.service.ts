import { Injectable } from '@nestjs/common';
import type { CurrentUser } from '../platform/authorization/current-user.decorator.js';
import { fromThousandths } from '../platform/validation/decimal.js';
import { Database } from '../platform/database/database.js';
import { Versioned } from '../platform/http/versioned.js';
import type { Page } from '../platform/lists/page.js';
import { CodedException } from '../platform/errors/coded.exception.js';
import { ERROR_CODES } from '../platform/errors/error-code.js';
import type { MovementListQuery } from './dto/movement-list-query.dto.js';
import { type MovementResponse, movementResponseOf } from './dto/movement-response.dto.js';
import { type LateChange, LedgerService } from '../ledger/ledger.service.js';
import { MovementReason } from '../ledger/movement-reason.js';
import type { StockMovement } from '../ledger/stock-movement.entity.js';
import { batchOrder } from './batch-order.js';
import type { BatchedMovement, MovementBatch } from './dto/movement-batch.dto.js';
import { type MovementCreate, OnShortfall } from './dto/movement-create.dto.js';
import { assertRecent } from './occurred-at.js';
import { MAX_IN_STOCK } from './quantity.js';
import type { StockEntry } from './stock-entry.entity.js';
import { StockRepository } from './stock.repository.js';

/** What comes and goes: every movement changes the stock and is written down, both or none. */
@Injectable()
export class StockMovementsService {
  constructor(
    private readonly stock: StockRepository,
    private readonly ledger: LedgerService,
    private readonly database: Database,
  ) {}

  /**
   * @throws ValidationException when it happened too long ago
   * @throws CodedException 404 when the item is not in stock
   * @throws CodedException 409 when there is not enough, or another quantity than expected
   */
  async record(
    itemId: number,
    movement: MovementCreate,
    by: CurrentUser,
  ): Promise<Versioned<MovementResponse>> {
    assertRecent([movement], () => []);
    return this.database.transaction(() => this.move(itemId, movement, by));
  }

  /** All or nothing. The error says which of the movements it was. */
  async recordAll({ movements }: MovementBatch, by: CurrentUser): Promise<MovementResponse[]> {
    assertRecent(movements, (index) => ['movements', index]);
    return this.database.transaction(async () => {
      const recorded: MovementResponse[] = [];
      for (const index of batchOrder(movements)) {
        const movement = movements[index] as BatchedMovement;
        const { body } = await this.move(movement.item_id, movement, by).catch((error: unknown) => {
          throw inBatch(error, index);
        });
        recorded[index] = body;
      }
      return recorded;
    });
  }

  /**
   * Undoes a movement by another one, with the same reason, so that what is summed up by reasons comes out right. It happens
   * when the movement did: where something was counted since, the stock of now stays.
   *
   * @throws CodedException 404 when there is no such movement
   * @throws CodedException 409 when there is not enough left
   * @throws CodedException 409 when it can't be undone, or is undone already
   * @throws ConstraintViolation when another request has just undone it
   */
  async reverse(id: number, by: CurrentUser): Promise<Versioned<MovementResponse>> {
    return this.database.transaction(async () => {
      const original = await this.ledger.find(id);
      if (!original) throw new CodedException(404, 'movement_not_found', 'Movement not found');
      const { item_id } = original;
      const entry = await this.stock.lock(item_id);
      const changes = await this.ledger.changesToUndo(original, by.id);
      const delta = changes.reduce((sum, change) => sum + effectOf(change), 0);
      if (!(await this.change(item_id, entry, delta, by))) throw refusalOf(entry as StockEntry, delta);
      const [reversal] = await this.ledger.recordLate(item_id, changes);
      return unchangingResponseOf(reversal as StockMovement);
    });
  }

  async list(query: MovementListQuery): Promise<Page<MovementResponse>> {
    return (await this.ledger.list(query, query)).map(movementResponseOf);
  }

  /**
   * The movements of an item, which may be deleted by now.
   *
   * @throws CodedException 404 when there never was such an item, or it left no trace
   */
  async listOfItem(item_id: number, query: MovementListQuery): Promise<Page<MovementResponse>> {
    if (!(await this.ledger.hasItem(item_id)) && !(await this.stock.hasItem(item_id))) {
      throw new CodedException(404, 'item_not_found', 'Item not found');
    }
    return (await this.ledger.list({ ...query, item_id }, query)).map(movementResponseOf);
  }

  /** @throws CodedException 404 */
  async get(id: number): Promise<Versioned<MovementResponse>> {
    const movement = await this.ledger.find(id);
    if (!movement) throw new CodedException(404, 'movement_not_found', 'Movement not found');
    return unchangingResponseOf(movement);
  }

  private async move(
    itemId: number,
    movement: MovementCreate,
    by: CurrentUser,
  ): Promise<Versioned<MovementResponse>> {
    if (movement.occurred_at != null) return this.moveLate(itemId, movement, movement.occurred_at, by);
    const { delta, counted_quantity, reason, note, reference } = movement;
    const expected = { quantity: movement.expected_quantity ?? undefined };
    const recorded = await this.ledger.recordMovement(
      itemId,
      () =>
        delta == null
          ? this.stock.setQuantity(itemId, counted_quantity as number, by.id, expected)
          : this.stock.addQuantity(itemId, delta, by.id, expected),
      (entry) => ({
        item_id: itemId,
        stock_entry_id: entry.id,
        delta: delta ?? undefined,
        quantity_after: entry.quantity,
        counted_quantity: counted_quantity ?? undefined,
        reason,
        note,
        reference,
        created_by: by.id,
      }),
    );
    return recorded ? unchangingResponseOf(recorded.movement) : this.moveWithShortfall(itemId, movement, by);
  }

  /** What happens now, and could not be done in one statement: it takes more than there was. */
  private async moveWithShortfall(
    itemId: number,
    movement: MovementCreate,
    by: CurrentUser,
  ): Promise<Versioned<MovementResponse>> {
    const entry = await this.stock.lock(itemId);
    if (!entry) throw new CodedException(404, 'not_in_stock', 'The item is not in stock');
    const { expected_quantity, on_shortfall } = movement;
    assertExpected(entry, expected_quantity);
    // A count gets here when the expected quantity was another one, and is there by now.
    const delta = movement.delta ?? (movement.counted_quantity as number) - entry.quantity;
    const missing = on_shortfall === OnShortfall.Correct ? shortfallOf(entry, delta) : 0;
    if (!(await this.change(itemId, entry, delta + missing, by))) throw refusalOf(entry, delta);
    const change = changeOf(movement, entry.id, itemId, by, { delta, anchored_at: null });
    return this.recordCorrected(change, missing, undefined);
  }

  /** What has happened before, and may lie before what is recorded already. */
  private async moveLate(
    itemId: number,
    movement: MovementCreate,
    occurredAt: string,
    by: CurrentUser,
  ): Promise<Versioned<MovementResponse>> {
    const entry = await this.stock.lock(itemId);
    const entryId = (await this.ledger.findEndedEntry(itemId, occurredAt)) ?? entry?.id;
    if (entryId === undefined) return this.throwNotInStock(itemId);
    assertExpected(entry, movement.expected_quantity);
    const { counted_quantity, on_shortfall } = movement;
    const isCount = counted_quantity != null;
    const later = await this.ledger.findLaterHistory(itemId, entryId, occurredAt, { isCount });
    const quantityNow = entry?.id === entryId ? entry.quantity : 0;
    const delta = movement.delta ?? (counted_quantity as number) - (quantityNow - later.since);
    const { anchored_at } = later;
    const change = changeOf(movement, entryId, itemId, by, { delta, anchored_at, occurred_at: occurredAt });
    const effect = effectOf(change);
    const missing = entry && on_shortfall === OnShortfall.Correct ? shortfallOf(entry, effect) : 0;
    if (!(await this.change(itemId, entry, effect + missing, by))) {
      throw refusalOf(entry as StockEntry, effect);
    }
    // What a count leaves too little for is missing behind it, where it is taken away.
    return this.recordCorrected(change, missing, isCount ? later.last_at : occurredAt);
  }

  /** Changes what is in stock now by what has become known; answers false when that can't be. */
  private async change(
    itemId: number,
    entry: StockEntry | undefined,
    delta: number,
    by: CurrentUser,
  ): Promise<boolean> {
    if (entry) return (await this.stock.addQuantity(itemId, delta, by.id, { id: entry.id })) !== undefined;
    await this.stock.markChanged();
    return true;
  }

  private async recordCorrected(
    change: LateChange,
    missing: number,
    missing_at: string | undefined,
  ): Promise<Versioned<MovementResponse>> {
    const { item_id, stock_entry_id, created_by, reference } = change;
    const correction = {
      item_id,
      stock_entry_id,
      delta: missing,
      reason: MovementReason.Correction,
      reference,
      occurred_at: missing_at,
      created_by,
      anchored_at: null,
    };
    const changes = missing > 0 ? [correction, change] : [change];
    const recorded = await this.ledger.recordLate(item_id, changes);
    return unchangingResponseOf(recorded.at(-1) as StockMovement, missing);
  }

  /** Of an item that never was in stock there is nothing; of one that was taken out since, nothing happened later. */
  private async throwNotInStock(itemId: number): Promise<never> {
    if (!(await this.ledger.hasItem(itemId)))
      throw new CodedException(404, 'not_in_stock', 'The item is not in stock');
    throw new CodedException(409, 'taken_out_of_stock', 'The item had been taken out of stock by then');
  }
}

/**
 * With its tag: a movement never changes.
 *
 * @param corrected what was missing in stock when it was recorded, in thousandths
 */
function unchangingResponseOf(movement: StockMovement, corrected = 0): Versioned<MovementResponse> {
  const { id, recorded_at } = movement;
  const response = movementResponseOf(movement);
  if (corrected > 0) response.corrected = fromThousandths(corrected);
  return new Versioned({ id, version: Date.parse(recorded_at) }, response);
}

function changeOf(
  { reason, note, reference, counted_quantity }: MovementCreate,
  stock_entry_id: number,
  item_id: number,
  by: CurrentUser,
  values: Pick<LateChange, 'delta' | 'anchored_at' | 'occurred_at'>,
): LateChange {
  return {
    item_id,
    stock_entry_id,
    reason,
    note,
    reference,
    counted_quantity: counted_quantity ?? undefined,
    created_by: by.id,
    ...values,
  };
}

/** What a change comes to in the stock of now. */
function effectOf({ delta, anchored_at }: LateChange): number {
  return anchored_at === null ? delta : 0;
}

/** How much is missing for a change, in thousandths. */
function shortfallOf({ quantity }: StockEntry, delta: number): number {
  return Math.max(0, -(quantity + delta));
}

/** @throws CodedException 409 */
function assertExpected(entry: StockEntry | undefined, expected: number | null | undefined): void {
  const quantity = entry?.quantity ?? 0;
  if (expected != null && expected !== quantity) throw unexpectedQuantity(quantity);
}

function unexpectedQuantity(quantity: number): CodedException {
  const available = fromThousandths(quantity);
  const sentence = `There is another quantity in stock than expected: ${available}`;
  return new CodedException(409, 'unexpected_quantity', sentence, { available });
}

/** Why a stock entry could not be changed. */
function refusalOf({ quantity }: StockEntry, delta: number): CodedException {
  const available = fromThousandths(quantity);
  return delta < 0
    ? new CodedException(409, 'insufficient_stock', `There is not enough in stock: ${available}`, {
        available,
      })
    : new CodedException(409, 'quantity_too_large', `There can't be more than ${MAX_IN_STOCK} in stock`, {
        available,
      });
}

function inBatch(error: unknown, index: number): unknown {
  if (!(error instanceof CodedException)) return error;
  const { code, message, details } = error;
  return new CodedException(ERROR_CODES[code], code, `Movement ${index}: ${message}`, { index, ...details });
}
