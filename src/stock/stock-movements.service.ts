import { Injectable } from '@nestjs/common';
import type { CurrentUser } from '../platform/authorization/current-user.decorator.js';
import { isOwner, type Role } from '../platform/authorization/role.js';
import {
  fromThousandths,
  minus,
  negated,
  plus,
  type Thousandths,
  thousandths,
} from '../platform/validation/decimal.js';
import { Table } from '../platform/csv/table.js';
import { Database } from '../platform/database/database.js';
import type { ErrorCode } from '../platform/errors/error-code.js';
import { Versioned } from '../platform/http/versioned.js';
import type { Page } from '../platform/lists/page.js';
import { atIndex, CodedException } from '../platform/errors/coded.exception.js';
import { movementColumnsFor, type MovementExportQuery } from './dto/movement-export-query.dto.js';
import type { MovementListQuery } from './dto/movement-list-query.dto.js';
import { type MovementResponse, movementResponseOf } from './dto/movement-response.dto.js';
import type { LaterHistory } from '../ledger/movements.repository.js';
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

const NOTHING = thousandths(0);

/** What a cart sells, takes back or gives back. */
export interface CartMovement extends Pick<MovementCreate, 'note' | 'occurred_at' | 'on_shortfall'> {
  item_id: number;
  /** Below zero for what leaves the shelf. */
  delta: Thousandths;
  reason: MovementReason.Sale | MovementReason.Return;
  reference: string;
  cart_id: number;
}

export interface RecordedMovement {
  /** With the id of the stock entry that it belongs to. */
  movement: StockMovement;
  /** The shortfall that a `correction` has added before; nothing unless it was asked for. */
  corrected: Thousandths;
}

/** What was counted of an item, and when: however long ago. */
export interface ItemCount extends Required<Pick<MovementCreate, 'reference'>> {
  item_id: number;
  counted_quantity: Thousandths;
  occurred_at: string;
}

type Actor = Pick<CurrentUser, 'id'>;

/** The current stock entry of an item, if there is one, and what is recorded after a time. */
interface FoundStock {
  entry: StockEntry | undefined;
  later: LaterHistory;
}

/** A movement of the past, and what it changes. */
interface LateMove {
  entry: StockEntry | undefined;
  change: LateChange;
  /** By how much it changes the quantity of now. */
  effect: Thousandths;
  /** The shortfall to correct first, and when that was. */
  missing: Thousandths;
  missing_at: string | undefined;
}

/** A movement that a client or a cart records. */
type Movement = MovementCreate & { cart_id?: number };

/** Records movements. Each changes the stock and is added to the ledger: both happen or neither. */
@Injectable()
export class StockMovementsService {
  constructor(
    private readonly stock: StockRepository,
    private readonly ledger: LedgerService,
    private readonly database: Database,
  ) {}

  /**
   * @throws ValidationException when it happened more than a week ago
   * @throws CodedException 404 when the item is not in stock
   * @throws CodedException 409 when there is not enough, or another quantity than expected
   */
  async record(
    itemId: number,
    movement: MovementCreate,
    actor: CurrentUser,
  ): Promise<Versioned<MovementResponse>> {
    assertRecent([movement.occurred_at], () => ['body', 'occurred_at']);
    const moved = await this.database.transaction(() => this.move(itemId, movement, actor));
    return versionedResponseOf(moved, actor.role);
  }

  /**
   * Records a movement of a cart, inside the open transaction. Only the cart can undo it. To avoid deadlocks, a transaction records
   * the movements of several items by ascending item id.
   *
   * @param movement how long ago it happened, if it is not of now, is for the cart to check
   * @throws CodedException 404 `not_in_stock`; 409 `insufficient_stock` with `available`, `taken_out_of_stock`, `quantity_too_large`
   */
  async recordForCart(
    { item_id, ...movement }: CartMovement,
    actor: Pick<CurrentUser, 'id'>,
  ): Promise<RecordedMovement> {
    return this.database.transaction(() => this.move(item_id, movement, actor));
  }

  /**
   * Records what was counted of several items, each once and by ascending item id, inside the open transaction. A count that leaves
   * less than what went since is corrected.
   *
   * @returns for each count the id of its movement, or the code of why there can be none: `taken_out_of_stock`, `quantity_too_large`
   */
  async recordCounts(counts: ItemCount[], actor: Actor): Promise<(number | ErrorCode)[]> {
    return this.database.transaction(async () => {
      const found = await this.findLate(counts, { areCounts: true });
      const moves = counts.map(({ item_id, occurred_at, ...count }, index) => {
        const movement = { ...count, reason: MovementReason.Count, on_shortfall: OnShortfall.Correct };
        return lateMoveOf(found[index] as FoundStock, item_id, movement, occurred_at, actor);
      });
      const possible = await this.applyAll(
        moves.filter((move) => move !== undefined),
        actor,
      );
      const recorded = possible.length > 0 ? await this.ledger.recordLate(possible.map(changesOf)) : [];
      const ids = new Map(
        possible.map((move, index) => [move, (recorded[index]?.at(-1) as StockMovement).id]),
      );
      return moves.map((move) =>
        move === undefined ? 'taken_out_of_stock' : (ids.get(move) ?? 'quantity_too_large'),
      );
    });
  }

  /** Records all movements or none. The error says which one can't be recorded. */
  async recordAll({ movements }: MovementBatch, actor: CurrentUser): Promise<MovementResponse[]> {
    assertRecent(
      movements.map(({ occurred_at }) => occurred_at),
      (index) => ['body', 'movements', index, 'occurred_at'],
    );
    return this.database.transaction(async () => {
      const recorded: MovementResponse[] = [];
      const itemsToCost = new Set(movements.filter(statesCost).map(({ item_id }) => item_id));
      for (const index of batchOrder(movements)) {
        const movement = movements[index] as BatchedMovement;
        // Before the first of its movements locks the stock entry: see `setCost`.
        if (itemsToCost.delete(movement.item_id)) await this.stock.lockItem(movement.item_id);
        const moved = await this.move(movement.item_id, movement, actor).catch((error: unknown) => {
          throw atIndex(error, 'Movement', index);
        });
        recorded[index] = responseOf(moved, actor.role);
      }
      return recorded;
    });
  }

  /**
   * Reverses a movement by another one with the same reason, so that sums by reason stay right. The reversal happens at the time
   * of the movement: if the item was counted since, the stock of today stays.
   *
   * @throws CodedException 404 when there is no such movement
   * @throws CodedException 409 when there is not enough left
   * @throws CodedException 409 when it can't be reversed, or is already reversed
   * @throws ConstraintViolation when a concurrent request has reversed it
   */
  async reverse(id: number, actor: CurrentUser): Promise<Versioned<MovementResponse>> {
    return this.database.transaction(async () => {
      const original = await this.ledger.find(id);
      if (!original) throw new CodedException(404, 'movement_not_found', 'Movement not found');
      const { item_id } = original;
      const entry = await this.stock.lock(item_id);
      const changes = await this.ledger.changesToUndo(original, actor.id);
      const delta = changes.reduce((sum, change) => plus(sum, effectOf(change)), NOTHING);
      if (!(await this.change(item_id, entry, delta, actor)))
        throw outOfRangeError(entry as StockEntry, delta);
      const [[reversal] = []] = await this.ledger.recordLate([changes]);
      return versionedResponseOf({ movement: reversal as StockMovement, corrected: NOTHING }, actor.role);
    });
  }

  async list(query: MovementListQuery, role: Role): Promise<Page<MovementResponse>> {
    return (await this.ledger.list(query, query)).map((movement) => movementResponseOf(movement, role));
  }

  /** The movements of all items as a file. */
  async export(query: MovementExportQuery, role: Role): Promise<Table> {
    const movements = await this.ledger.listAll(query, query.sort);
    const rows = movements.map((movement) => movementResponseOf(movement, role));
    return Table.of(rows, movementColumnsFor(role), query);
  }

  /**
   * Lists the movements of an item, possibly deleted by now.
   *
   * @throws CodedException 404 when there is no such item and it has no movements
   */
  async listOfItem(item_id: number, query: MovementListQuery, role: Role): Promise<Page<MovementResponse>> {
    if (!(await this.ledger.hasItem(item_id)) && !(await this.stock.hasItem(item_id))) {
      throw new CodedException(404, 'item_not_found', 'Item not found');
    }
    const page = await this.ledger.list({ ...query, item_id }, query);
    return page.map((movement) => movementResponseOf(movement, role));
  }

  /** @throws CodedException 404 */
  async get(id: number, role: Role): Promise<Versioned<MovementResponse>> {
    const movement = await this.ledger.find(id);
    if (!movement) throw new CodedException(404, 'movement_not_found', 'Movement not found');
    return versionedResponseOf({ movement, corrected: NOTHING }, role);
  }

  private async move(itemId: number, movement: Movement, actor: Actor): Promise<RecordedMovement> {
    if (movement.unit_cost != null) await this.stock.setCost(itemId, movement.unit_cost, actor.id);
    if (movement.occurred_at != null) return this.moveLate(itemId, movement, movement.occurred_at, actor);
    const { delta, counted_quantity, reason, note, reference, unit_cost, cart_id } = movement;
    const expected = { quantity: movement.expected_quantity ?? undefined };
    const recorded = await this.ledger.recordMovement(
      itemId,
      () =>
        delta == null
          ? this.stock.update(itemId, { quantity: counted_quantity as Thousandths }, actor.id, expected)
          : this.stock.addQuantity(itemId, delta, actor.id, expected),
      (entry) => ({
        item_id: itemId,
        stock_entry_id: entry.id,
        delta: delta ?? undefined,
        quantity_after: entry.quantity,
        counted_quantity: counted_quantity ?? undefined,
        reason,
        note,
        reference,
        unit_cost: unit_cost ?? undefined,
        cart_id,
        created_by: actor.id,
      }),
    );
    return recorded
      ? { movement: recorded.movement, corrected: NOTHING }
      : this.moveWithShortfall(itemId, movement, actor);
  }

  /** A movement of now that was not possible in one statement, because there is too little in stock. */
  private async moveWithShortfall(
    itemId: number,
    movement: Movement,
    actor: Actor,
  ): Promise<RecordedMovement> {
    const entry = await this.stock.lock(itemId);
    if (!entry) throw new CodedException(404, 'not_in_stock', 'The item is not in stock');
    const { expected_quantity, on_shortfall } = movement;
    assertExpected(entry, expected_quantity);
    // A count gets here when the expected quantity came true only after the first try.
    const delta = movement.delta ?? minus(movement.counted_quantity as Thousandths, entry.quantity);
    const missing = on_shortfall === OnShortfall.Correct ? shortfallOf(entry, delta) : NOTHING;
    if (!(await this.change(itemId, entry, plus(delta, missing), actor))) throw outOfRangeError(entry, delta);
    const change = changeOf(movement, entry.id, itemId, actor, { delta, anchored_at: null });
    const changes = changesOf({ change, missing, missing_at: undefined });
    const [recorded = []] = await this.ledger.recordLate([changes]);
    return { movement: recorded.at(-1) as StockMovement, corrected: missing };
  }

  /** A movement of the past, possibly before others that are already recorded. */
  private async moveLate(
    itemId: number,
    movement: Movement,
    occurredAt: string,
    actor: Actor,
  ): Promise<RecordedMovement> {
    const areCounts = movement.counted_quantity != null;
    const [found] = await this.findLate([{ item_id: itemId, occurred_at: occurredAt }], { areCounts });
    const move = lateMoveOf(found as FoundStock, itemId, movement, occurredAt, actor);
    if (!move) return this.throwNotInStock(itemId);
    const { entry, effect, missing } = move;
    assertExpected(entry, movement.expected_quantity);
    if (!(await this.apply(move, actor))) throw outOfRangeError(entry as StockEntry, effect);
    const [recorded = []] = await this.ledger.recordLate([changesOf(move)]);
    return { movement: recorded.at(-1) as StockMovement, corrected: missing };
  }

  /** Locks the stock of some items, by ascending id, and finds what happened there since. */
  private async findLate(
    points: { item_id: number; occurred_at: string }[],
    { areCounts }: { areCounts: boolean },
  ): Promise<FoundStock[]> {
    const entries = await this.stock.lockAll(points.map(({ item_id }) => item_id));
    const later = await this.ledger.findLaterHistories(
      points.map(({ item_id, occurred_at }) => {
        return { item_id, occurred_at, entry_id: entries.get(item_id)?.id ?? null };
      }),
      { areCounts },
    );
    return points.map(({ item_id }, index) => {
      return { entry: entries.get(item_id), later: later[index] as LaterHistory };
    });
  }

  private apply({ change, entry, effect, missing }: LateMove, actor: Actor): Promise<boolean> {
    return this.change(change.item_id, entry, plus(effect, missing), actor);
  }

  /** Applies moves of different items. Returns those that were possible. */
  private async applyAll(moves: LateMove[], actor: Actor): Promise<LateMove[]> {
    const changes = moves.flatMap(({ entry, effect, missing }) =>
      entry ? [{ id: entry.id, delta: plus(effect, missing) }] : [],
    );
    const changed = await this.stock.addQuantities(changes, actor.id);
    if (changes.length < moves.length) await this.stock.markChanged();
    return moves.filter(({ entry }) => !entry || changed.has(entry.id));
  }

  /** Adds to the current quantity. Returns false when the result would be out of range. */
  private async change(
    itemId: number,
    entry: StockEntry | undefined,
    delta: Thousandths,
    actor: Actor,
  ): Promise<boolean> {
    if (entry) return (await this.stock.addQuantity(itemId, delta, actor.id, { id: entry.id })) !== undefined;
    await this.stock.markChanged();
    return true;
  }

  /** An item that never was in stock is a 404; a time after its removal is a 409. */
  private async throwNotInStock(itemId: number): Promise<never> {
    if (!(await this.ledger.hasItem(itemId)))
      throw new CodedException(404, 'not_in_stock', 'The item is not in stock');
    throw new CodedException(409, 'taken_out_of_stock', 'The item had been taken out of stock by then');
  }
}

/** A movement never changes, so its version is when it was recorded. */
function versionedResponseOf(recorded: RecordedMovement, role: Role): Versioned<MovementResponse> {
  const { id, recorded_at } = recorded.movement;
  const version = { id, version: Date.parse(recorded_at) };
  return new Versioned(version, responseOf(recorded, role), isOwner(role));
}

function responseOf({ movement, corrected }: RecordedMovement, role: Role): MovementResponse {
  const response = movementResponseOf(movement, role);
  if (corrected > 0) response.corrected = fromThousandths(corrected);
  return response;
}

function statesCost({ unit_cost }: MovementCreate): boolean {
  return unit_cost != null;
}

function changeOf(
  { reason, note, reference, counted_quantity, unit_cost, cart_id }: Movement,
  stock_entry_id: number,
  item_id: number,
  actor: Actor,
  values: Pick<LateChange, 'delta' | 'anchored_at' | 'occurred_at'>,
): LateChange {
  return {
    item_id,
    stock_entry_id,
    reason,
    note,
    reference,
    counted_quantity: counted_quantity ?? undefined,
    unit_cost: unit_cost ?? undefined,
    cart_id,
    created_by: actor.id,
    ...values,
  };
}

/** What a late movement changes; undefined when the item was not in stock then, nor is later. */
function lateMoveOf(
  { entry, later }: FoundStock,
  itemId: number,
  movement: Movement,
  occurred_at: string,
  actor: Actor,
): LateMove | undefined {
  const { stock_entry_id, anchored_at } = later;
  if (stock_entry_id === null) return undefined;
  const { counted_quantity, on_shortfall } = movement;
  const isCount = counted_quantity != null;
  const quantityNow = entry?.id === stock_entry_id ? entry.quantity : NOTHING;
  const delta = movement.delta ?? minus(counted_quantity as Thousandths, minus(quantityNow, later.since));
  const change = changeOf(movement, stock_entry_id, itemId, actor, { delta, anchored_at, occurred_at });
  const effect = effectOf(change);
  const missing = entry && on_shortfall === OnShortfall.Correct ? shortfallOf(entry, effect) : NOTHING;
  // After a count that leaves too little for what went since, the shortfall is at the latest movement.
  return { entry, change, effect, missing, missing_at: isCount ? later.last_at : occurred_at };
}

/** What to record of a move: the change, after the correction that adds what is missing for it, if anything is. */
function changesOf({
  change,
  missing,
  missing_at,
}: Pick<LateMove, 'change' | 'missing' | 'missing_at'>): LateChange[] {
  if (missing <= 0) return [change];
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
  return [correction, change];
}

/** By how much a change changes the current quantity. */
function effectOf({ delta, anchored_at }: LateChange): Thousandths {
  return anchored_at === null ? delta : NOTHING;
}

/** How much is missing in stock for a change, in thousandths. */
function shortfallOf({ quantity }: StockEntry, delta: Thousandths): Thousandths {
  const after = plus(quantity, delta);
  return after < 0 ? negated(after) : NOTHING;
}

/** @throws CodedException 409 */
function assertExpected(entry: StockEntry | undefined, expected: Thousandths | null | undefined): void {
  const quantity = entry?.quantity ?? NOTHING;
  if (expected != null && expected !== quantity) throw unexpectedQuantityError(quantity);
}

function unexpectedQuantityError(quantity: Thousandths): CodedException {
  const available = fromThousandths(quantity);
  const sentence = `There is another quantity in stock than expected: ${available}`;
  return new CodedException(409, 'unexpected_quantity', sentence, { available });
}

/** The error for a change that would lead below zero or above the maximum. */
function outOfRangeError({ quantity }: StockEntry, delta: Thousandths): CodedException {
  const available = fromThousandths(quantity);
  return delta < 0
    ? new CodedException(409, 'insufficient_stock', `There is not enough in stock: ${available}`, {
        available,
      })
    : new CodedException(409, 'quantity_too_large', `There can't be more than ${MAX_IN_STOCK} in stock`, {
        available,
      });
}
