import type { Transaction } from './engine.js';
import type { PostgresConnection } from './postgres-connection.js';
import { sql, type SqlFragment } from './sql.js';
import { liftPostgresTimeouts, lockPostgresExclusively } from './transaction.js';

/** Sends a statement on the transaction's connection. */
export type Send = <Row>(statement: SqlFragment) => Promise<Row[]>;

const BEGIN = sql`begin`;
const COMMIT = sql`commit`;
const ROLLBACK = sql`rollback`;

/**
 * A transaction on a connection that pipelines: it sends a statement without waiting for the results of those before it, so
 * that it holds its locks for fewer round trips. PostgreSQL runs them in order. After one that fails it runs none, not even
 * the commit.
 */
export class PostgresTransaction implements Transaction {
  /** Statements that nobody has waited for yet. */
  private readonly pipelined: Promise<unknown>[] = [];
  /** The first query's error, even if the work caught it. */
  private failure?: Error;

  constructor(
    private readonly connection: PostgresConnection,
    private readonly send: Send,
  ) {}

  /** Commits when the work and all of its statements end well. */
  async run<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    this.pipeline(BEGIN);
    try {
      const result = await work(this);
      this.pipeline(COMMIT);
      await Promise.all(this.pipelined);
      // PostgreSQL has rolled back at the commit.
      if (this.failure) throw this.failure;
      return result;
    } catch (error) {
      // The connection may be lost; the first error is the one to report.
      await this.send(ROLLBACK).catch(() => undefined);
      throw (await this.failureOfPipelined()) ?? error;
    }
  }

  query<Row>(statement: SqlFragment): Promise<Row[]> {
    const result = this.send<Row>(statement);
    result.catch((error: unknown) => (this.failure ??= error as Error));
    return result;
  }

  pipeline(statement: SqlFragment): void {
    const result = this.send(statement);
    // `run` looks at it.
    result.catch(() => undefined);
    this.pipelined.push(result);
  }

  async lockExclusively({ withoutTimeout }: { withoutTimeout?: boolean }): Promise<void> {
    if (withoutTimeout) await liftPostgresTimeouts(this.connection);
    await lockPostgresExclusively(this.connection);
  }

  async lock(name: string): Promise<void> {
    await this.query(sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`);
  }

  async tryLock(name: string): Promise<boolean> {
    const [row] = await this.query<{ is_taken: boolean }>(
      sql`select pg_try_advisory_xact_lock(hashtextextended(${name}, 0)) as is_taken`,
    );
    return row?.is_taken === true;
  }

  /** The first error. Later statements fail because of it. */
  private async failureOfPipelined(): Promise<unknown> {
    const outcomes = await Promise.allSettled(this.pipelined);
    return outcomes.find((outcome) => outcome.status === 'rejected')?.reason;
  }
}
