import type { DataSource } from 'typeorm';
import type { SqlFragment } from './sql.js';

/** Runs statements on one of the two databases, as fast and as safely as that one can. */
export interface Engine {
  readonly isSqlite: boolean;

  /** What runs and waits: writes on SQLite, connections of the pool and statements without one on PostgreSQL. */
  readonly load: Record<string, number>;

  /**
   * Lets all that is read in this turn of the event loop be read at one moment, where that takes less time. For what has
   * just arrived, when the loop polls: so the moment is never one from before that.
   */
  shareReadSnapshot(): void;

  /** The time by the server's clock, in milliseconds since 1970. There is none where the database is in this process. */
  readTime?(): Promise<number>;

  /** Sees what is committed, and nothing else. */
  read<Row>(statement: SqlFragment): Promise<Row[]>;

  /** Answers once the write is committed. */
  write<Row>(statement: SqlFragment): Promise<Row[]>;

  /**
   * Commits when the work ends well, rolls back when it throws. When one of its statements fails it does not commit, even if
   * the work goes on: that statement's error is the answer.
   */
  transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;

  /** How many cursors may be open at once, so that there is room for everything else. */
  readonly maxCursors: number;

  /** Reads a select from one moment of the database, while others go on reading and writing. */
  openCursor(statement: SqlFragment): Promise<Cursor>;

  /** Closes what the engine has opened beside its data source, and is not a cursor. */
  close(): void;
}

/** What can be done inside a transaction that is open. */
export interface Transaction {
  /** Those that are called one after the other, without waiting, are carried out in that order. */
  query<Row>(statement: SqlFragment): Promise<Row[]>;

  /** Carries out a statement whose answer nobody needs: when it fails, the transaction does. */
  pipeline(statement: SqlFragment): void;

  /**
   * Keeps every other transaction that calls this waiting until this one ends, in whatever process it is.
   *
   * @param options withoutTimeout: waits for its turn as long as it takes
   */
  lockExclusively(options: { withoutTimeout?: boolean }): Promise<void>;

  /** Takes the lock of that name until the end, and waits while another transaction has it. */
  lock(name: string): Promise<void>;

  /** Takes the lock of that name until the end; answers false, without waiting, while another transaction has it. */
  tryLock(name: string): Promise<boolean>;
}

/** A select that is read piece by piece, and the moment of the database that it is read from. One call at a time. */
export interface Cursor {
  /** The next rows, {@link BATCH} of them; fewer at the end, and none behind it. */
  fetch<Row>(): Promise<Row[]>;

  /** Rows of another select from the same moment. */
  query<Row>(statement: SqlFragment): Promise<Row[]>;

  /** Gives everything back, wherever in the select it is. */
  close(): Promise<void>;
}

/** Rows of a cursor at a time: with all that is done with them, about a millisecond's work. */
export const BATCH = 200;

/** There are two engines: what isn't SQLite is PostgreSQL. */
export function isSqlite({ options }: Pick<DataSource, 'options'>): boolean {
  return options.type === 'better-sqlite3';
}
