import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';
import { MovementsRepository } from './movements.repository.js';
import type { StockMovement } from './stock-movement.entity.js';

/** How often a start looks whether the transactions that are running have ended. */
const SETTLE_INTERVAL_MS = 10;

/** Reads the ledger in the order of its ids while it grows: no movement is missed, though transactions end in another order. */
@Injectable()
export class LedgerTail {
  constructor(
    private readonly movements: MovementsRepository,
    private readonly database: Database,
  ) {}

  /** The last movement by now, and a position from which {@link LedgerPosition.readNext} misses none that is recorded later. */
  async open(): Promise<LedgerPosition> {
    const lastId = await this.movements.findLastId();
    const begun = await this.database.readTransactionBounds();
    for (let now = begun; begun && now && now.oldest < begun.next;) {
      await new Promise((resolve) => setTimeout(resolve, SETTLE_INTERVAL_MS));
      now = await this.database.readTransactionBounds();
    }
    return new LedgerPosition(lastId, this.movements, this.database);
  }

  /** Movements after one, by id. All of them are there where the ids are not above that of an open {@link LedgerPosition}. */
  read(afterId: number, limit: number): Promise<StockMovement[]> {
    return this.movements.findAfter(afterId, limit);
  }
}

/** How far the ledger has been read. */
export class LedgerPosition {
  /** Where an id is missing, the number of the next transaction when that was first seen: it belongs to one below. */
  private gap: { afterId: number; next: number } | undefined;

  constructor(
    private lastId: number,
    private readonly movements: MovementsRepository,
    private readonly database: Database,
  ) {}

  /** The last movement that was read. */
  get id(): number {
    return this.lastId;
  }

  /**
   * The next movements, by id; none when there are none yet. An id that is missing is waited for until its transaction has ended:
   * one that rolls back leaves a gap for good.
   */
  async readNext(limit: number): Promise<StockMovement[]> {
    const before = this.gap && (await this.database.readTransactionBounds());
    const rows = await this.movements.findAfter(this.lastId, limit);
    const hasEnded = this.gap !== undefined && before !== undefined && before.oldest >= this.gap.next;
    const read: StockMovement[] = [];
    let last = this.lastId;
    for (const row of rows) {
      if (row.id !== last + 1 && !(await this.isForGood(last, hasEnded))) break;
      read.push(row);
      last = row.id;
    }
    this.lastId = last;
    return read;
  }

  /** Whether ids that are missing after one will never come. */
  private async isForGood(afterId: number, hasEnded: boolean): Promise<boolean> {
    if (this.gap?.afterId === afterId) {
      if (hasEnded) this.gap = undefined;
      return hasEnded;
    }
    const now = await this.database.readTransactionBounds();
    if (!now) return true;
    this.gap = { afterId, next: now.next };
    return false;
  }
}
