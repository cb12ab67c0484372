import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Database, type Reader } from '../platform/database/database.js';
import { sql, type SqlFragment } from '../platform/database/sql.js';
import { LedgerVerificationRepository, WRITTEN_FIRST } from './ledger-verification.repository.js';

/** So many are counted, or sorted, in a millisecond or two. */
export const FEW = 10_000;

const MAX_REMEMBERED = 200;

/** How many of the movements up to an id meet a condition. */
interface Counted {
  count: number;
  until: number;
}

/**
 * Counts movements. None is ever changed or deleted, so that of a million only those are counted that came since the last time. Many are
 * counted beside the requests of others.
 */
@Injectable()
export class MovementCounts {
  private readonly remembered = new LRUCache<string, Counted>({ max: MAX_REMEMBERED });

  constructor(
    private readonly database: Database,
    private readonly ledger: LedgerVerificationRepository,
  ) {}

  /** @param index by which SQLite is to find what meets the condition */
  async count(condition: SqlFragment, index: SqlFragment): Promise<number> {
    const key = JSON.stringify(condition);
    let counted = this.remembered.get(key) ?? { count: 0, until: 0 };
    const until = await this.ledger.findLastId();
    if (until - counted.until > FEW && (await this.isSettled())) {
      const { count, until: after } = counted;
      const more = await this.database.fromSnapshot((snapshot) =>
        countIn(snapshot, sql`${index} where ${condition} and id > ${after} and id <= ${until}`),
      );
      counted = { count: count + more, until };
      this.remembered.set(key, counted);
    }
    if (counted.until === 0) return countIn(this.database, sql`${index} where ${condition}`);
    const { withoutIndex } = this.database.dialect;
    const since = sql`${withoutIndex} where ${condition} and id > ${counted.until}`;
    return counted.count + (await countIn(this.database, since));
  }

  /** Whether no movement can appear any more before those that are there. On PostgreSQL, a transaction may commit after later ones. */
  private async isSettled(): Promise<boolean> {
    const writers = await this.database.readWriters(WRITTEN_FIRST);
    return writers === undefined || writers.size === 0;
  }
}

async function countIn(reader: Reader, found: SqlFragment): Promise<number> {
  const [counted] = await reader.read<{
    count: number;
  }>`select count(*) as count from stock_movements ${found}`;
  return (counted as { count: number }).count;
}
