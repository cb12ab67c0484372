import type { Transaction } from './engine.js';
import type { SqlFragment } from './sql.js';

/** Runs a statement on the connection that writes. */
type RunStatement = <Row>(statement: SqlFragment) => Row[];

/** A transaction on the only connection that writes. It has been alone since it began, so locks are not needed. */
export class SqliteTransaction implements Transaction {
  /** The first error of a statement, even if the work caught it. */
  private failure?: Error;
  /** The first error of a statement that nobody waits for. */
  private pipelineFailure?: Error;

  constructor(private readonly runStatement: RunStatement) {}

  /** Throws when the work throws or one of its statements has failed. */
  async run<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    try {
      const result = await work(this);
      if (this.failure) throw this.failure;
      return result;
    } catch (error) {
      throw this.pipelineFailure ?? error;
    }
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- async, as what is thrown has to be a rejection.
  async query<Row>(statement: SqlFragment): Promise<Row[]> {
    return this.attempt(statement);
  }

  pipeline(statement: SqlFragment): void {
    try {
      this.attempt(statement);
    } catch (error) {
      this.pipelineFailure ??= error as Error;
    }
  }

  lockExclusively(): Promise<void> {
    return Promise.resolve();
  }

  lock(): Promise<void> {
    return Promise.resolve();
  }

  tryLock(): Promise<boolean> {
    return Promise.resolve(true);
  }

  /** After a statement that fails it runs none, as PostgreSQL does. */
  private attempt<Row>(statement: SqlFragment): Row[] {
    if (this.failure) throw this.failure;
    try {
      return this.runStatement<Row>(statement);
    } catch (error) {
      this.failure ??= error as Error;
      throw error;
    }
  }
}
