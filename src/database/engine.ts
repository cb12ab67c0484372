import type { DataSource } from 'typeorm';
import type { SqlFragment } from './sql.js';

/** Runs statements on one of the two databases, as fast and as safely as that one can. */
export interface Engine {
  readonly isSqlite: boolean;

  /** What runs and waits: writes on SQLite, connections of the pool and statements without one on PostgreSQL. */
  readonly load: Record<string, number>;

  /** Sees what is committed, and nothing else. */
  read<Row>(statement: SqlFragment): Promise<Row[]>;

  /** Answers once the write is committed. */
  write<Row>(statement: SqlFragment): Promise<Row[]>;

  /** Commits when the work ends well, rolls back when it throws. */
  transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;

  /** Closes what the engine has opened beside its data source. */
  close(): void;
}

/** What can be done inside a transaction that is open. */
export interface Transaction {
  query<Row>(statement: SqlFragment): Promise<Row[]>;

  /**
   * Keeps every other transaction that calls this waiting until this one ends, in whatever process it is.
   *
   * @param options patient: waits for its turn as long as it takes
   */
  lockExclusively(options: { patient?: boolean }): Promise<void>;
}

/** There are two engines: what isn't SQLite is PostgreSQL. */
export function isSqlite({ options }: Pick<DataSource, 'options'>): boolean {
  return options.type === 'better-sqlite3';
}
