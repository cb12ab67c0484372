import { Injectable } from '@nestjs/common';
import { DatabaseClock } from '../platform/database/database-clock.js';
import { CodedException } from '../platform/errors/coded.exception.js';
import { HASH_VERSION, movementHash } from './movement-hash.js';
import { MovementReason } from './movement-reason.js';
import type { Page } from '../platform/lists/page.js';
import type { PageRequest } from '../platform/lists/page-query.dto.js';
import {
  type LaterHistory,
  type LedgerHead,
  type PointInTime,
  type MovementFilter,
  MovementsRepository,
} from './movements.repository.js';
import { statesQuantity, type StockMovement } from './stock-movement.entity.js';

/** What to record about a change of a stock entry; quantities in thousandths. */
export interface NewMovement {
  item_id: number;
  stock_entry_id: number;
  /** Without it the change led to `quantity_after` from wherever the item was before. */
  delta?: number;
  quantity_after: number;
  reason: MovementReason;
  note?: string | null;
  reference?: string | null;
  /** ISO 8601, UTC; now unless it is given. */
  occurred_at?: string;
  /** Who did it: a user's id. */
  created_by: number;
  /** What was there at that moment, for a change that says so. */
  counted_quantity?: number;
  /** The movement that this one undoes. */
  reverses_id?: number;
  /** The movement that this one makes up for. */
  compensates_id?: number;
}

/** A change that may have happened before others which are recorded already. */
export interface LateChange extends Omit<NewMovement, 'quantity_after' | 'compensates_id'> {
  delta: number;
  /** When the first anchor behind it happened: from there on the stock is what it was. Null where there is none. */
  anchored_at: string | null;
}

/** Behind all that happens at one moment: a count then says what is left. */
const MAX_ID = 2 ** 31 - 1;

/** The book of all movements. What is in stock is always what its movements add up to. */
@Injectable()
export class LedgerService {
  constructor(
    private readonly movements: MovementsRepository,
    private readonly clock: DatabaseClock,
  ) {}

  /**
   * Changes a stock entry of an item and records the movement, inside the transaction that is open: both happen or none.
   *
   * The change is sent first, as it locks the entry: nobody else records a movement of the item until the transaction ends. Where
   * the item's last movement is, is asked right behind it, without waiting: a database that is far away returns both at once.
   *
   * @param change changes the entry and returns it; undefined when there is none to change
   * @param movementOf what to record
   * @returns the entry and the movement; undefined when nothing was changed
   * @throws ConstraintViolation, also at the end of the transaction
   */
  async recordMovement<Entry>(
    itemId: number,
    change: () => Promise<Entry | undefined>,
    movementOf: (entry: Entry) => NewMovement,
  ): Promise<{ entry: Entry; movement: StockMovement } | undefined> {
    const changing = change();
    const [entry, head] = await Promise.all([changing, this.movements.findHead(itemId)]);
    return entry && { entry, movement: this.insert(head, movementOf(entry)) };
  }

  /**
   * Writes down what happened to an item, and what makes up for it at the anchors behind it, within the transaction that has
   * locked the item's stock and changes it accordingly.
   *
   * @returns the movement of each change, in their order
   */
  async recordLate(itemId: number, changes: LateChange[]): Promise<StockMovement[]> {
    const head = await this.movements.findHeadOfAny(itemId);
    const entries = inPossibleOrder(head.quantity ?? 0, changes);
    const ids = await this.movements.takeIds(entries.length);
    const idOf = (change: LateChange) =>
      ids[entries.findIndex((entry) => entry.change === change && !entry.isCompensation)];
    const recorded = new Map<LateChange, StockMovement>();
    let { quantity, hash } = head;
    entries.forEach(({ change, isCompensation, delta }, index) => {
      const { anchored_at, ...values } = change;
      const own = isCompensation
        ? {
            item_id: itemId,
            stock_entry_id: change.stock_entry_id,
            reason: MovementReason.Count,
            occurred_at: anchored_at as string,
            created_by: change.created_by,
            compensates_id: idOf(change),
          }
        : values;
      const movement = this.insert(
        { ...head, quantity, hash, next_id: ids[index] as number },
        { ...own, delta, quantity_after: (quantity ?? 0) + delta },
      );
      ({ quantity_after: quantity, hash } = movement);
      if (!isCompensation) recorded.set(change, movement);
    });
    return changes.map((change) => recorded.get(change) as StockMovement);
  }

  /** Whether a movement that happened at a moment belongs to a stock entry that the item has no more, and to which. */
  findEndedEntry(itemId: number, occurredAt: string): Promise<number | undefined> {
    return this.movements.findEndedEntry(itemId, occurredAt);
  }

  /** What is recorded already behind a moment, which a count of that moment comes last of and anything else does not. */
  findLaterHistory(
    itemId: number,
    entryId: number,
    occurred_at: string,
    { isCount }: { isCount: boolean },
  ): Promise<LaterHistory> {
    return this.movements.findLaterHistory(itemId, entryId, {
      occurred_at,
      id: isCount ? MAX_ID : 0,
    });
  }

  /**
   * What undoes a movement, at the moment when that happened, inside the transaction that has locked the item's stock. With an
   * anchor go its compensations: what it settled then counts again, up to the next anchor.
   *
   * @throws CodedException 409 when it can't be undone
   */
  async changesToUndo(original: StockMovement, userId: number): Promise<LateChange[]> {
    if (await this.movements.isReversed(original.id)) {
      throw new CodedException(409, 'already_reversed', 'The movement has been reversed already');
    }
    await this.assertReversible(original);
    const isAnchor = statesQuantity(original);
    const isOpening = original.reason === MovementReason.Initial;
    const compensations = isAnchor && !isOpening ? await this.movements.findCompensationsAt(original) : [];
    const from: PointInTime = { occurred_at: original.occurred_at, id: isAnchor ? original.id : 0 };
    const { item_id, stock_entry_id } = original;
    const { anchored_at } = await this.movements.findLaterHistory(item_id, stock_entry_id, from);
    return [original, ...compensations].map(({ id, delta, reason, reference, occurred_at }) => ({
      item_id,
      stock_entry_id,
      delta: -delta,
      reason,
      reference,
      occurred_at,
      created_by: userId,
      reverses_id: id,
      anchored_at,
    }));
  }

  list(filter: MovementFilter, page: PageRequest): Promise<Page<StockMovement>> {
    return this.movements.list(filter, page);
  }

  /** Whether anything was ever written down of an item, which may be deleted by now. */
  hasItem(itemId: number): Promise<boolean> {
    return this.movements.hasItem(itemId);
  }

  /** A movement by its id, or undefined when there is none. */
  find(id: number): Promise<StockMovement | undefined> {
    return this.movements.findById(id);
  }

  /** At its end, the transaction throws ConstraintViolation when the movement to undo is undone already. */
  private insert(head: LedgerHead, change: NewMovement): StockMovement {
    const recorded_at = this.clock.timestamp();
    const delta = change.delta ?? change.quantity_after - (head.quantity ?? 0);
    const counted_quantity = change.counted_quantity ?? null;
    const movement = {
      id: head.next_id,
      item_id: change.item_id,
      stock_entry_id: change.stock_entry_id,
      item_name: head.item_name,
      sku: head.sku,
      delta,
      quantity_before: change.quantity_after - delta,
      quantity_after: change.quantity_after,
      reason: change.reason,
      note: change.note ?? null,
      reference: change.reference ?? null,
      occurred_at: change.occurred_at ?? happensNow(recorded_at, head, counted_quantity !== null),
      recorded_at,
      created_by: change.created_by,
      reverses_id: change.reverses_id ?? null,
      counted_quantity,
      compensates_id: change.compensates_id ?? null,
      hash_version: HASH_VERSION,
    };
    const recorded = { ...movement, hash: movementHash(movement, head.hash) as string };
    this.movements.insert(recorded);
    return recorded;
  }

  /** What the program itself writes beside others goes with them, and what an item was taken out of stock with stays. */
  private async assertReversible({ reason, compensates_id, reverses_id }: StockMovement): Promise<void> {
    if (reason === MovementReason.Removal) {
      throw new CodedException(
        409,
        'not_reversible',
        'The item was taken out of stock by it: put it in stock again',
      );
    }
    if (compensates_id !== null) {
      throw new CodedException(
        409,
        'not_reversible',
        'It makes up for a late movement, and is reversed together with the count',
      );
    }
    const reversed = reverses_id === null ? undefined : await this.movements.findById(reverses_id);
    if (reversed && (statesQuantity(reversed) || reversed.compensates_id !== null)) {
      throw new CodedException(409, 'not_reversible', 'It reverses a count: count again');
    }
  }
}

/**
 * When something happened that a client gives no time for: now, and behind the last anchor, which it would come before at
 * the same moment. What states a quantity comes last of all, as it states what is there now.
 */
function happensNow(now: string, { last_at, anchored_at }: LedgerHead, isAnchor: boolean): string {
  if (isAnchor) return last_at !== null && last_at > now ? last_at : now;
  if (anchored_at === null || anchored_at < now) return now;
  return new Date(Date.parse(anchored_at) + 1).toISOString();
}

interface LateEntry {
  change: LateChange;
  isCompensation: boolean;
  delta: number;
}

/**
 * Changes and their compensations, in an order in which nothing goes below zero: compensations first, so that each change leads
 * to what is in stock then; where that is too little, what adds goes first.
 */
function inPossibleOrder(quantity: number, changes: LateChange[]): LateEntry[] {
  const entries = [
    ...changes
      .filter(({ anchored_at }) => anchored_at !== null)
      .map((change) => ({ change, isCompensation: true, delta: -change.delta })),
    ...changes.map((change) => ({ change, isCompensation: false, delta: change.delta })),
  ];
  let after = quantity;
  const isPossible = entries.every(({ delta }) => (after += delta) >= 0);
  return isPossible ? entries : entries.sort((one, other) => other.delta - one.delta);
}
