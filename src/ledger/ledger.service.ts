import { Injectable } from '@nestjs/common';
import { DatabaseClock } from '../platform/database/database-clock.js';
import { CodedException } from '../platform/errors/coded.exception.js';
import { HASH_VERSION, movementHash } from './movement-hash.js';
import { MovementReason } from './movement-reason.js';
import type { Page } from '../platform/lists/page.js';
import type { RowStream } from '../platform/database/row-stream.js';
import type { SortOrder } from '../platform/lists/sort-order.js';
import type { PageRequest } from '../platform/lists/page-query.dto.js';
import {
  type LaterHistory,
  type LatePoint,
  type LedgerHead,
  type PointInTime,
  type MovementFilter,
  MovementsRepository,
} from './movements.repository.js';
import { statesQuantity, type StockMovement } from './stock-movement.entity.js';
import {
  minus,
  negated,
  plus,
  type TenThousandths,
  type Thousandths,
  thousandths,
} from '../platform/validation/decimal.js';

/** What to record about a change of a stock entry. */
export interface NewMovement {
  item_id: number;
  stock_entry_id: number;
  /** Computed from the quantity before and `quantity_after` unless it is given. */
  delta?: Thousandths;
  quantity_after: Thousandths;
  reason: MovementReason;
  note?: string | null;
  reference?: string | null;
  /** ISO 8601, UTC; now unless it is given. */
  occurred_at?: string;
  /** The id of the user who did it. */
  created_by: number;
  /** What was in stock at that time, for a movement that states it. */
  counted_quantity?: Thousandths;
  /** The movement that this one undoes. */
  reverses_id?: number;
  /** What one unit cost; what the item costs now unless it is given. */
  unit_cost?: TenThousandths;
  /** The cart whose sale or return this is. */
  cart_id?: number;
  /** The late movement that this one compensates. */
  compensates_id?: number;
}

/** A movement that may have happened before others that are already recorded. */
export interface LateChange extends Omit<NewMovement, 'quantity_after' | 'compensates_id'> {
  delta: Thousandths;
  /** When the next anchor after it happened, which fixes the stock from there on. Null when there is none. */
  anchored_at: string | null;
}

/** Comes after every movement of the same time: a count states what is left by then. */
const MAX_ID = 2 ** 31 - 1;

const NOTHING = thousandths(0);

/** Records every movement of stock. The quantity in stock is always the sum of its movements. */
@Injectable()
export class LedgerService {
  constructor(
    private readonly movements: MovementsRepository,
    private readonly clock: DatabaseClock,
  ) {}

  /**
   * Changes the stock entry of an item and records the movement, inside the open transaction: both happen or neither.
   *
   * The change goes first, because it locks the entry: nobody else records a movement of the item until the transaction
   * ends. The query for the last movement follows without waiting, which saves a round trip to a remote database.
   *
   * @param change changes the entry and returns it, or undefined when there is no such entry
   * @param movementOf says what to record
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
   * Records a movement of now for each of several items. Call it inside the transaction that has changed their stock entries.
   *
   * @param changes one for each item, by ascending item id
   * @returns the recorded movements, in the same order
   * @throws ConstraintViolation, also at the end of the transaction
   */
  async recordAll(changes: NewMovement[]): Promise<StockMovement[]> {
    const heads = await this.movements.findHeadsOfAny(changes.map(({ item_id }) => item_id));
    const ids = await this.movements.takeIds(changes.length);
    const recorded = changes.map((change, index) => {
      const head = heads.get(change.item_id) as LateHead;
      return this.movementOf({ ...head, next_id: ids[index] as number }, change);
    });
    this.movements.insertAll(recorded);
    return recorded;
  }

  /**
   * Records late movements of some items, each with a compensation at the next anchor after it. Call it inside the transaction that
   * has locked the stock of these items and changes their quantities accordingly.
   *
   * @param changesOfItems those of each item, at least one
   * @returns the recorded movement of each change, in the same order
   */
  async recordLate(changesOfItems: LateChange[][]): Promise<StockMovement[][]> {
    const itemIds = changesOfItems.map(([change]) => (change as LateChange).item_id);
    const count = changesOfItems
      .flat()
      .reduce((sum, { anchored_at }) => sum + (anchored_at === null ? 1 : 2), 0);
    const [heads, ids] = await Promise.all([
      this.movements.findHeadsOfAny(itemIds),
      this.movements.takeIds(count),
    ]);
    const items = changesOfItems.map((changes, index) => {
      const head = heads.get(itemIds[index] as number) as LateHead;
      return { head, changes, entries: inPossibleOrder(head.quantity ?? NOTHING, changes) };
    });
    const recorded = items.map(({ head, changes, entries }) =>
      this.lateMovementsOf(head, changes, entries, ids.splice(0, entries.length)),
    );
    this.movements.insertAll(recorded.flatMap(({ all }) => all));
    return recorded.map(({ ofChanges }) => ofChanges);
  }

  /**
   * What is recorded after some times, each with its item, in the same order. A count comes last of what happens at one time,
   * everything else first.
   */
  findLaterHistories(
    points: Omit<LatePoint, 'id'>[],
    { areCounts }: { areCounts: boolean },
  ): Promise<LaterHistory[]> {
    return this.movements.findLaterHistories(
      points.map((point) => ({ ...point, id: areCounts ? MAX_ID : 0 })),
    );
  }

  /**
   * The movements that reverse another one, at the time it happened. Reversing an anchor also reverses its compensations: what it
   * settled counts again, up to the next anchor. Call it inside the transaction that has locked the item's stock.
   *
   * @throws CodedException 409 when the movement can't be reversed
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
    const [later] = await this.movements.findLaterHistories([{ ...from, item_id, entry_id: stock_entry_id }]);
    const { anchored_at } = later as LaterHistory;
    return [original, ...compensations].map(({ id, delta, reason, reference, occurred_at }) => ({
      item_id,
      stock_entry_id,
      delta: negated(delta),
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

  listAll(filter: MovementFilter, sort: SortOrder): Promise<StockMovement[] | RowStream<StockMovement>> {
    return this.movements.listAll(filter, sort);
  }

  /** Whether an item, possibly deleted by now, has any movement. */
  hasItem(itemId: number): Promise<boolean> {
    return this.movements.hasItem(itemId);
  }

  find(id: number): Promise<StockMovement | undefined> {
    return this.movements.findById(id);
  }

  /** Late movements of an item with their compensations, in the order to insert them; and those of the changes themselves. */
  private lateMovementsOf(
    head: LateHead,
    changes: LateChange[],
    entries: LateEntry[],
    ids: number[],
  ): { all: StockMovement[]; ofChanges: StockMovement[] } {
    const idOf = (change: LateChange) =>
      ids[entries.findIndex((entry) => entry.change === change && !entry.isCompensation)];
    const recorded = new Map<LateChange, StockMovement>();
    let { quantity, hash } = head;
    const all = entries.map(({ change, isCompensation, delta }, index) => {
      const { anchored_at, ...values } = change;
      const own = isCompensation
        ? {
            item_id: change.item_id,
            stock_entry_id: change.stock_entry_id,
            reason: MovementReason.Count,
            occurred_at: anchored_at as string,
            created_by: change.created_by,
            compensates_id: idOf(change),
            unit_cost: change.unit_cost,
          }
        : values;
      const movement = this.movementOf(
        { ...head, quantity, hash, next_id: ids[index] as number },
        { ...own, delta, quantity_after: plus(quantity ?? NOTHING, delta) },
      );
      ({ quantity_after: quantity, hash } = movement);
      if (!isCompensation) recorded.set(change, movement);
      return movement;
    });
    return { all, ofChanges: changes.map((change) => recorded.get(change) as StockMovement) };
  }

  private insert(head: LedgerHead, change: NewMovement): StockMovement {
    const movement = this.movementOf(head, change);
    this.movements.insert(movement);
    return movement;
  }

  private movementOf(head: LedgerHead, change: NewMovement): StockMovement {
    const recorded_at = this.clock.timestamp();
    const delta = change.delta ?? minus(change.quantity_after, head.quantity ?? NOTHING);
    const counted_quantity = change.counted_quantity ?? null;
    const movement = {
      id: head.next_id,
      item_id: change.item_id,
      stock_entry_id: change.stock_entry_id,
      item_name: head.item_name,
      sku: head.sku,
      delta,
      quantity_before: minus(change.quantity_after, delta),
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
      unit_price: head.unit_price,
      unit_cost: change.unit_cost ?? head.unit_cost,
      cart_id: change.cart_id ?? null,
      hash_version: HASH_VERSION,
    };
    return { ...movement, hash: movementHash(movement, head.hash) as string };
  }

  /** Compensations are reversed together with their anchor, a removal stays, and carts undo their movements themselves. */
  private async assertReversible({
    reason,
    compensates_id,
    reverses_id,
    cart_id,
  }: StockMovement): Promise<void> {
    if (cart_id !== null) {
      throw new CodedException(409, 'not_reversible', 'It belongs to a cart: change the cart');
    }
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
 * The time of a movement for which the client gives none: now, but after the last anchor, since at the same time it would
 * come before it. An anchor comes after all other movements, because it states what is in stock now.
 */
function happensNow(now: string, { last_at, anchored_at }: LedgerHead, isAnchor: boolean): string {
  if (isAnchor) return last_at !== null && last_at > now ? last_at : now;
  if (anchored_at === null || anchored_at < now) return now;
  return new Date(Date.parse(anchored_at) + 1).toISOString();
}

type LateHead = Omit<LedgerHead, 'next_id'>;

interface LateEntry {
  change: LateChange;
  isCompensation: boolean;
  delta: Thousandths;
}

/**
 * Orders changes and their compensations so that the quantity never goes below zero. Compensations come first, so that each
 * change ends at the quantity that is then in stock; where that is not possible, additions come first.
 */
function inPossibleOrder(quantity: Thousandths, changes: LateChange[]): LateEntry[] {
  const entries = [
    ...changes
      .filter(({ anchored_at }) => anchored_at !== null)
      .map((change) => ({ change, isCompensation: true, delta: negated(change.delta) })),
    ...changes.map((change) => ({ change, isCompensation: false, delta: change.delta })),
  ];
  let after: number = quantity;
  const isPossible = entries.every(({ delta }) => (after += delta) >= 0);
  return isPossible ? entries : entries.sort((one, other) => other.delta - one.delta);
}
