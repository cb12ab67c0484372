import type { DataSource } from 'typeorm';
import type { Dialect } from './dialect.js';
import type { SqlFragment } from './sql.js';

/** Runs statements on SQLite or PostgreSQL. */
export interface Engine {
  readonly dialect: Dialect;

  /** What runs and waits, for the metrics: writes on SQLite, connections of the pool on PostgreSQL. */
  readonly load: EngineLoad;

  /** How many cursors may be open at once, so that there is room for everything else. */
  readonly maxCursors: number;

  /**
   * Lets all reads of this turn of the event loop use one read snapshot, where that takes less time. To be called when a
   * request arrives, so that the snapshot is never older than the request.
   */
  shareReadSnapshot(): void;

  /** The server's clock, in milliseconds since 1970. Not there where the database runs in this process. */
  readTime?(): Promise<number>;

  /** @throws DatabaseUnavailable when the database can't be reached, or is on a server that can only be read */
  assertWritable(): Promise<void>;

  /** Sees committed rows only. */
  read<Row>(statement: SqlFragment): Promise<Row[]>;

  /** Returns when the write is committed. */
  write<Row>(statement: SqlFragment): Promise<Row[]>;

  /**
   * Commits when the work ends, rolls back when it throws. When one of its statements fails, it rolls back and throws that
   * statement's error, even if the work caught it; or it runs the work again, where that helps.
   */
  transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;

  /** A {@link transaction} that changes very many rows, in memory that does not grow with them. */
  largeTransaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;

  /** Reads a select from one snapshot of the database, while others go on reading and writing. */
  openCursor(statement: SqlFragment, options: CursorOptions): Promise<Cursor>;

  /** Closes what the engine opened beside its data source. Cursors that are open fail. */
  close(): Promise<void>;
}

export interface EngineLoad {
  readonly metric: string;
  readonly help: string;
  /** The current counts, by state. */
  readonly read: () => Record<string, number>;
}

/** What can be done inside an open transaction. */
export interface Transaction {
  /** Statements that are sent without waiting for each other run in the order of the calls. */
  query<Row>(statement: SqlFragment): Promise<Row[]>;

  /** Sends a statement whose result nobody needs. When it fails, the transaction fails. */
  pipeline(statement: SqlFragment): void;

  /**
   * Makes every other transaction that calls this wait until this one ends, in all processes on the database.
   *
   * @param options withoutTimeout: waits as long as it takes
   */
  lockExclusively(options: { withoutTimeout?: boolean }): Promise<void>;

  /** Takes the lock of that name until the transaction ends, and waits while another transaction has it. */
  lock(name: string): Promise<void>;

  /** Like {@link lock}, but returns false, without waiting, while another transaction has it. */
  tryLock(name: string): Promise<boolean>;
}

export interface CursorOptions {
  /** Whether a statement finds or sorts all its rows before the first one. */
  takesLong: boolean;
}

/** A select that is read piece by piece, with the snapshot of the database that it reads. One call at a time. */
export interface Cursor {
  /** The next {@link BATCH} rows; fewer at the end, then none. */
  fetch<Row>(): Promise<Row[]>;

  /** Rows of another select from the same snapshot. */
  query<Row>(statement: SqlFragment): Promise<Row[]>;

  close(): Promise<void>;
}

/** Rows that a cursor reads at a time: about a millisecond's work, with all that is done to them. */
export const BATCH = 200;

/** There are two engines: what is not SQLite is PostgreSQL. */
export function isSqlite({ options }: Pick<DataSource, 'options'>): boolean {
  return options.type === 'better-sqlite3';
}
