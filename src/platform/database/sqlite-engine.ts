import type { Database as Connection } from 'better-sqlite3';
import pLimit from 'p-limit';
import { type DataSource, type Logger, QueryFailedError } from 'typeorm';
import type { BetterSqlite3Driver } from 'typeorm/driver/better-sqlite3/BetterSqlite3Driver.js';
import { translateError } from './translate-error.js';
import type { Cursor, CursorOptions, Engine, EngineLoad, Transaction } from './engine.js';
import { render, sql, type SqlFragment } from './sql.js';
import { SqliteConnection, type SqliteCommand } from './sqlite-connection.js';
import { openReader } from './sqlite-reader.js';
import { sqliteDialect } from './sqlite-dialect.js';
import { SqliteCursor } from './sqlite-cursor.js';
import { SqliteReadingThread } from './sqlite-reading-thread.js';
import { SqliteTransaction } from './sqlite-transaction.js';

/** A few milliseconds' work, so that requests run in between. */
const MAX_GROUP_SIZE = 100;

/** A statement or a transaction in the queue. */
interface PendingWrite {
  perform: () => unknown;
  resolve: (result: never) => void;
  reject: (error: unknown) => void;
}

/**
 * SQLite, with one connection that writes, and one that reads and never sees what is not committed.
 *
 * Statements and transactions that write wait in a queue. Those that arrive together are committed together (group commit):
 * each one succeeds or fails by itself, a transaction in a savepoint, but they wait for the disk once, and that is most of a
 * commit's time. No write returns before the commit.
 */
export class SqliteEngine implements Engine {
  readonly dialect = sqliteDialect;
  /** Each one opens a connection. */
  readonly maxCursors = 16;
  private readonly writeMutex = pLimit(1);
  private pending: PendingWrite[] = [];
  /** Whether the read snapshot is kept until the end of this turn of the event loop. */
  private isSnapshotShared = false;
  private readonly log?: Logger;
  private readonly thread: SqliteReadingThread;

  private constructor(
    private readonly dataSource: DataSource,
    private readonly writer: SqliteConnection,
    private readonly reader: SqliteConnection,
  ) {
    if (dataSource.options.logging) this.log = dataSource.logger;
    this.thread = new SqliteReadingThread(writer.file, dataSource);
  }

  /** @param dataSource its connection is the one that writes */
  static async open(dataSource: DataSource): Promise<SqliteEngine> {
    const writer = (dataSource.driver as BetterSqlite3Driver).databaseConnection as Connection;
    // Otherwise SQLite writes to a file what a rollback to a savepoint needs. Not before the migrations are done, because
    // they sort whole tables for an index.
    writer.pragma('temp_store = memory');
    return new SqliteEngine(
      dataSource,
      new SqliteConnection(writer),
      new SqliteConnection(await openReader(writer.name)),
    );
  }

  readonly load: EngineLoad = {
    metric: 'database_writes',
    help: 'Writes and transactions that run or wait for their turn.',
    read: () => ({
      running: this.writeMutex.activeCount,
      waiting: this.writeMutex.pendingCount + this.pending.length,
    }),
  };

  async assertWritable(): Promise<void> {
    // Whether a file can be written to, only a write would tell.
    await this.read(sql`select 1`);
  }

  shareReadSnapshot(): void {
    if (this.isSnapshotShared) return;
    this.isSnapshotShared = true;
    setImmediate(() => {
      this.isSnapshotShared = false;
      this.endReadSnapshot();
    });
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- async, as what is thrown has to be a rejection.
  async read<Row>(statement: SqlFragment): Promise<Row[]> {
    this.beginReadSnapshot();
    return this.query<Row>(this.reader, statement);
  }

  write<Row>(statement: SqlFragment): Promise<Row[]> {
    return this.enqueue(() => this.query<Row>(this.writer, statement));
  }

  transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.enqueue(() => this.runInSavepoint(work));
  }

  /**
   * Shares its commit with no other write. A savepoint would keep every page that it changes in memory, to restore it: without
   * one, what is rolled back is just left behind in the log.
   */
  largeTransaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.writeMutex(() => this.runAlone(work));
  }

  async openCursor(statement: SqlFragment, { takesLong }: CursorOptions): Promise<Cursor> {
    const { text } = render(statement, sqliteDialect);
    this.log?.logQuery(text);
    if (takesLong) return this.thread.openCursor(statement);
    try {
      const connection = new SqliteConnection(await openReader(this.writer.file));
      return new SqliteCursor(connection, statement, this.dataSource);
    } catch (error) {
      throw this.translateError(error, text);
    }
  }

  async close(): Promise<void> {
    this.reader.close();
    await this.thread.close();
  }

  private enqueue<T>(perform: () => T | Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      // After all requests that have arrived by now.
      if (this.pending.length === 0) setImmediate(() => void this.writeMutex(() => this.writePending()));
      this.pending.push({ perform, resolve, reject });
    });
  }

  private async writePending(): Promise<void> {
    const writes = this.pending;
    this.pending = [];
    while (writes.length > 0) await this.commitGroup(writes.splice(0, MAX_GROUP_SIZE));
  }

  private async commitGroup(writes: PendingWrite[]): Promise<void> {
    const settle: (() => void)[] = [];
    try {
      this.execute(this.writer, 'begin immediate');
      for (const { perform, resolve, reject } of writes) {
        try {
          const result = (await perform()) as never;
          settle.push(() => {
            resolve(result);
          });
        } catch (error) {
          // A failed write has changed nothing. Only when SQLite has rolled back (full disk, no memory) do the others fail, too.
          if (!this.writer.isInTransaction) throw error;
          settle.push(() => {
            reject(error);
          });
        }
      }
      // Who reads after the commit has to see it.
      this.endReadSnapshot();
      this.execute(this.writer, 'commit');
    } catch (error) {
      this.rollBack();
      for (const { reject } of writes) reject(error);
      return;
    }
    for (const settleOne of settle) settleOne();
  }

  private async runAlone<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    try {
      this.execute(this.writer, 'begin immediate');
      const result = await this.run(work);
      // Who reads after the commit has to see it.
      this.endReadSnapshot();
      this.execute(this.writer, 'commit');
      return result;
    } catch (error) {
      this.rollBack();
      throw error;
    }
  }

  private async runInSavepoint<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    this.execute(this.writer, 'savepoint work');
    try {
      const result = await this.run(work);
      this.execute(this.writer, 'release work');
      return result;
    } catch (error) {
      if (this.writer.isInTransaction) {
        this.execute(this.writer, 'rollback to work');
        this.execute(this.writer, 'release work');
      }
      throw error;
    }
  }

  private run<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return new SqliteTransaction((statement) => this.query(this.writer, statement)).run(work);
  }

  /**
   * Reads use one snapshot until the program turns to the next event, or until the end of the turn where it is shared: locking
   * and unlocking the file takes longer than finding a row.
   */
  private beginReadSnapshot(): void {
    if (this.reader.isInTransaction) return;
    this.execute(this.reader, 'begin');
    if (this.isSnapshotShared) return;
    process.nextTick(() => {
      this.endReadSnapshot();
    });
  }

  private endReadSnapshot(): void {
    if (this.reader.isInTransaction) this.execute(this.reader, 'commit');
  }

  private execute(connection: SqliteConnection, sql: SqliteCommand): void {
    try {
      connection.execute(sql);
    } catch (error) {
      throw this.translateError(error, sql);
    }
  }

  /** SQLite may have rolled back by itself, for example when the disk is full. */
  private rollBack(): void {
    if (this.writer.isInTransaction) this.writer.execute('rollback');
  }

  private query<Row>(connection: SqliteConnection, statement: SqlFragment): Row[] {
    this.log?.logQuery(render(statement, sqliteDialect).text);
    try {
      return connection.query<Row>(statement);
    } catch (error) {
      throw this.translateError(error, render(statement, sqliteDialect).text);
    }
  }

  /** Parameters stay out of the error: they may be personal. */
  private translateError(error: unknown, query: string): unknown {
    return translateError(new QueryFailedError(query, [], error as Error), this.dataSource);
  }
}
