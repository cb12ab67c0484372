import { Injectable } from '@nestjs/common';
import { Database, haveInCommon } from '../platform/database/database.js';
import { LedgerVerificationRepository, WRITTEN_FIRST } from './ledger-verification.repository.js';
import { MovementsRepository } from './movements.repository.js';
import type { StockMovement } from './stock-movement.entity.js';

/** Reads the ledger in the order of its ids while it grows: no movement is missed, though transactions end in another order. */
@Injectable()
export class LedgerTail {
  constructor(
    private readonly movements: MovementsRepository,
    private readonly ledger: LedgerVerificationRepository,
    private readonly database: Database,
  ) {}

  /** The last movement by now, and a position from which {@link LedgerPosition.readNext} misses none that is recorded later. */
  async open(): Promise<LedgerPosition> {
    return new LedgerPosition(await this.ledger.findLastSettledId(), this.movements, this.database);
  }

  /** Movements after one, by id. All of them are there where the ids are not above that of an open {@link LedgerPosition}. */
  read(afterId: number, limit: number): Promise<StockMovement[]> {
    return this.movements.findAfter(afterId, limit);
  }
}

/** How far the ledger has been read. */
export class LedgerPosition {
  /** Where an id is missing, the transactions that wrote when that was first seen: it belongs to one of them. */
  private gap: { afterId: number; writers: Set<string> } | undefined;

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
    const before = this.gap && (await this.database.readWriters(WRITTEN_FIRST));
    const rows = await this.movements.findAfter(this.lastId, limit);
    const hasEnded =
      this.gap !== undefined && before !== undefined && !haveInCommon(before, this.gap.writers);
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
    const writers = await this.database.readWriters(WRITTEN_FIRST);
    if (!writers) return true;
    this.gap = { afterId, writers };
    return false;
  }
}
