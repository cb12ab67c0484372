import type { Database as Connection } from 'better-sqlite3';
import pLimit from 'p-limit';
import { type DataSource, type Logger, QueryFailedError } from 'typeorm';
import type { BetterSqlite3Driver } from 'typeorm/driver/better-sqlite3/BetterSqlite3Driver.js';
import { BUSY_TIMEOUT } from './data-source-options.js';
import { meaningOf } from './failure.js';
import type { Engine, Transaction } from './engine.js';
import { render, type SqlFragment } from './sql.js';
import { SqliteConnection } from './sqlite-connection.js';

/** A few milliseconds' work: others want the processor, too. */
const LARGEST_GROUP = 100;

interface PendingWrite {
  statement: SqlFragment;
  resolve: (rows: never[]) => void;
  reject: (error: unknown) => void;
}

/**
 * SQLite, with one connection that writes and one that reads, where nothing uncommitted is ever seen.
 *
 * Writes queue up. Those that come in together are committed together: each one is still done or refused by itself, but
 * they share the wait for the disk, which is most of a commit's time. Nobody is answered before the commit.
 */
export class SqliteEngine implements Engine {
  readonly isSqlite = true;
  private readonly takeTurn = pLimit(1);
  private pending: PendingWrite[] = [];
  private readonly log?: Logger;

  private constructor(
    private readonly dataSource: DataSource,
    private readonly writer: SqliteConnection,
    private readonly reader: SqliteConnection,
  ) {
    if (dataSource.options.logging) this.log = dataSource.logger;
  }

  /** @param dataSource whose connection is the writer */
  static async open(dataSource: DataSource): Promise<SqliteEngine> {
    const { default: Sqlite } = await import('better-sqlite3');
    const writer = (dataSource.driver as BetterSqlite3Driver).databaseConnection as Connection;
    const reader = new Sqlite(writer.name, { readonly: true, timeout: BUSY_TIMEOUT });
    return new SqliteEngine(dataSource, new SqliteConnection(writer), new SqliteConnection(reader));
  }

  get load(): Record<string, number> {
    return { running: this.takeTurn.activeCount, waiting: this.takeTurn.pendingCount + this.pending.length };
  }

  read<Row>(statement: SqlFragment): Promise<Row[]> {
    return this.promise(this.reader, statement);
  }

  write<Row>(statement: SqlFragment): Promise<Row[]> {
    return new Promise((resolve, reject) => {
      // After all requests that have arrived by now.
      if (this.pending.length === 0) {
        setImmediate(() => {
          void this.takeTurn(() => {
            this.writePending();
          });
        });
      }
      this.pending.push({ statement, resolve, reject });
    });
  }

  transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.takeTurn(async () => {
      this.execute('begin immediate');
      try {
        const result = await work(this.openTransaction);
        this.execute('commit');
        return result;
      } catch (error) {
        this.rollBack();
        throw error;
      }
    });
  }

  close(): void {
    this.reader.close();
  }

  /** It has been alone since it began. */
  private readonly openTransaction: Transaction = {
    query: (statement) => this.promise(this.writer, statement),
    lockExclusively: () => Promise.resolve(),
  };

  private writePending(): void {
    const writes = this.pending;
    this.pending = [];
    while (writes.length > 0) this.writeTogether(writes.splice(0, LARGEST_GROUP));
  }

  private writeTogether(writes: PendingWrite[]): void {
    const settle: (() => void)[] = [];
    try {
      this.execute('begin immediate');
      for (const { statement, resolve, reject } of writes) {
        try {
          const rows = this.query<never>(this.writer, statement);
          settle.push(() => {
            resolve(rows);
          });
        } catch (error) {
          // A refused statement leaves nothing of itself; only a failing disk or memory takes the transaction along.
          if (!this.writer.isInTransaction) throw error;
          settle.push(() => {
            reject(error);
          });
        }
      }
      this.execute('commit');
    } catch (error) {
      this.rollBack();
      for (const { reject } of writes) reject(error);
      return;
    }
    for (const tell of settle) tell();
  }

  private execute(sql: 'begin immediate' | 'commit'): void {
    try {
      this.writer.execute(sql);
    } catch (error) {
      throw this.meaningOf(error, sql);
    }
  }

  /** SQLite may have rolled back by itself, when the disk is full for one. */
  private rollBack(): void {
    if (this.writer.isInTransaction) this.writer.execute('rollback');
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- async, as what is thrown has to be a rejection.
  private async promise<Row>(connection: SqliteConnection, statement: SqlFragment): Promise<Row[]> {
    return this.query<Row>(connection, statement);
  }

  private query<Row>(connection: SqliteConnection, statement: SqlFragment): Row[] {
    this.log?.logQuery(render(statement, this).text);
    try {
      return connection.query<Row>(statement);
    } catch (error) {
      throw this.meaningOf(error, render(statement, this).text);
    }
  }

  /** Parameters stay out of the error: they may be personal. */
  private meaningOf(error: unknown, query: string): unknown {
    return meaningOf(new QueryFailedError(query, [], error as Error), this.dataSource);
  }
}
