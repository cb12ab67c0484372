import { Injectable } from '@nestjs/common';
import type { RowState } from '../database/row-version.js';
import { movementHash } from './movement-hash.js';
import { MovementReason } from './movement-reason.js';
import type { Page } from '../paging/page.js';
import type { PageRequest } from '../paging/page-query.dto.js';
import { type LedgerHead, type MovementFilter, MovementsRepository } from './movements.repository.js';
import type { StockMovement } from './stock-movement.entity.js';

/** A change of a stock entry that has just been made; quantities in thousandths. */
export interface StockChange {
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
  /** The movement that this one undoes. */
  reverses_id?: number;
}

/** The book of all movements. What is in stock is always what its movements add up to. */
@Injectable()
export class LedgerService {
  constructor(private readonly movements: MovementsRepository) {}

  /**
   * The answer to a change of an item's stock, and where the item's next movement goes on from. That is asked for right
   * behind the change, within its transaction and without waiting for its answer: the change keeps everybody else from
   * going on from there, and a database that is far away answers both at once.
   */
  withHead<Answer>(itemId: number, change: Promise<Answer>): Promise<[Answer, LedgerHead]> {
    return Promise.all([change, this.movements.findHead(itemId)]);
  }

  /**
   * Writes a change down, within the transaction that has made it: either both happen or none. At its end, the transaction
   * throws ConstraintViolation when the movement to undo is undone already.
   */
  record(head: LedgerHead, change: StockChange): StockMovement {
    const recorded_at = new Date().toISOString();
    const delta = change.delta ?? change.quantity_after - (head.quantity ?? 0);
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
      occurred_at: change.occurred_at ?? recorded_at,
      recorded_at,
      created_by: change.created_by,
      reverses_id: change.reverses_id ?? null,
    };
    const recorded = { ...movement, hash: movementHash(movement, head.hash) };
    this.movements.insert(recorded);
    return recorded;
  }

  /**
   * Takes an item out of stock, inside a transaction. Whether its entry is deleted for itself or together with the item:
   * this is the only way it goes.
   *
   * @returns false when the item was not in stock, or its entry in none of the expected states
   */
  async removeStock(itemId: number, userId: number, expected?: RowState[]): Promise<boolean> {
    const [entry, head] = await this.withHead(itemId, this.movements.deleteEntry(itemId, expected));
    if (!entry) return false;
    this.record(head, {
      item_id: itemId,
      stock_entry_id: entry.id,
      delta: -entry.quantity,
      quantity_after: 0,
      reason: MovementReason.Removal,
      created_by: userId,
    });
    return true;
  }

  list(filter: MovementFilter, page: PageRequest): Promise<Page<StockMovement>> {
    return this.movements.list(filter, page);
  }

  /** Whether anything was ever written down of an item, which may be deleted by now. */
  knows(itemId: number): Promise<boolean> {
    return this.movements.hasItem(itemId);
  }

  /** A movement by its id, or undefined when there is none. */
  find(id: number): Promise<StockMovement | undefined> {
    return this.movements.findById(id);
  }

  /** Whether a movement has been undone; of two who ask at once, the database refuses one. */
  isReversed(id: number): Promise<boolean> {
    return this.movements.isReversed(id);
  }
}
