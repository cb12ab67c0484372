import type { Transaction } from './engine.js';
import type { PostgresConnection } from './postgres-connection.js';
import { sql, type SqlFragment } from './sql.js';
import { liftPostgresTimeouts, lockPostgresExclusively } from './transaction.js';

/** Sends a statement on the transaction's connection, and answers its rows. */
export type Send = <Row>(statement: SqlFragment) => Promise<Row[]>;

const BEGIN = sql`begin`;
const COMMIT = sql`commit`;
const ROLLBACK = sql`rollback`;

/**
 * A transaction on a connection that sends statements without waiting for the answers to those before them: how long it
 * holds its locks is a matter of round trips. PostgreSQL does them in order, and after one that fails none, the commit
 * included.
 */
export class PostgresTransaction implements Transaction {
  /** What nobody has waited for yet. */
  private readonly pipelined: Promise<unknown>[] = [];
  /** What the first query failed of, whatever became of that. */
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
      // PostgreSQL has answered the commit, and rolled back.
      if (this.failure) throw this.failure;
      return result;
    } catch (error) {
      // The connection may be lost; the first error is the one to report.
      await this.send(ROLLBACK).catch(() => undefined);
      throw (await this.failureOfPipelined()) ?? error;
    }
  }

  query<Row>(statement: SqlFragment): Promise<Row[]> {
    const answer = this.send<Row>(statement);
    answer.catch((error: unknown) => (this.failure ??= error as Error));
    return answer;
  }

  pipeline(statement: SqlFragment): void {
    const answer = this.send(statement);
    // It is looked at in the end.
    answer.catch(() => undefined);
    this.pipelined.push(answer);
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

  /** What the statements behind it fail of, too. */
  private async failureOfPipelined(): Promise<unknown> {
    const outcomes = await Promise.allSettled(this.pipelined);
    return outcomes.find((outcome) => outcome.status === 'rejected')?.reason;
  }
}
