import { Injectable } from '@nestjs/common';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Database } from '../platform/database/database.js';
import { BATCH } from '../platform/database/engine.js';
import type { RowStream } from '../platform/database/row-stream.js';
import type { StockMovement } from './stock-movement.entity.js';
import type { Balance, StoredMovement } from './ledger-verification.js';

export type MovementDigest = Pick<StockMovement, 'id' | 'hash'>;

/** The table to which a transaction writes before it takes the ids of movements. */
export const WRITTEN_FIRST = 'stock_entries';

/** The queries that a verification of the ledger is made from. */
@Injectable()
export class LedgerVerificationRepository {
  constructor(private readonly database: Database) {}

  /**
   * The id of the last movement below which no other can appear; 0 when there is none. On PostgreSQL, a transaction may commit
   * after one with a higher id: this waits for those that are running.
   */
  async findLastSettledId(): Promise<number> {
    const lastId = await this.findLastId();
    await this.database.afterWriters(WRITTEN_FIRST);
    return lastId;
  }

  /** All of them, by id. */
  streamMovements(): RowStream<StoredMovement> {
    return this.database.stream<StoredMovement>`
      select movement.*, reversed.item_id as reversed_item_id, reversed.delta as reversed_delta,
        compensated.item_id as compensated_item_id, compensated.stock_entry_id as compensated_entry_id,
        compensated.delta as compensated_delta
      from stock_movements movement
      left join stock_movements reversed on reversed.id = movement.reverses_id
      left join stock_movements compensated on compensated.id = movement.compensates_id
      order by movement.id`;
  }

  /** The hashes of the movements behind one and up to another, by id. */
  streamHashes({ after, until }: { after: number; until: number }): RowStream<MovementDigest> {
    return this.database.stream<MovementDigest>`
      select id, hash from stock_movements where id > ${after} and id <= ${until} order by id`;
  }

  /** What was in stock in the snapshot of the stream, which has not ended. */
  async *readBalances(stream: RowStream<unknown>): AsyncGenerator<Balance[]> {
    for (let last = 0; ;) {
      const balances = await stream.read<Balance>`
        select id, item_id, quantity from stock_entries where id > ${last} order by id limit ${BATCH}`;
      if (balances.length === 0) return;
      yield balances;
      last = (balances.at(-1) as Balance).id;
      await nextTurn();
    }
  }

  /** The id of the last movement; 0 when there is none. */
  async findLastId(): Promise<number> {
    const [last] = await this.database.read<{ id: number }>`
      select coalesce(max(id), 0) as id from stock_movements`;
    return (last as { id: number }).id;
  }
}
