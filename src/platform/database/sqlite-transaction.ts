import type { Transaction } from './engine.js';
import type { SqlFragment } from './sql.js';

/** Runs a statement on the connection that writes. */
type RunStatement = <Row>(statement: SqlFragment) => Row[];

/** A transaction on the only connection that writes. It has been alone since it began, so locks are not needed. */
export class SqliteTransaction implements Transaction {
  /** The first statement's error, even if the work caught it. */
  private failure?: Error;

  constructor(private readonly runStatement: RunStatement) {}

  /** Throws when the work throws or one of its statements has failed. */
  async run<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const result = await work(this);
    if (this.failure) throw this.failure;
    return result;
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- async, as what is thrown has to be a rejection.
  async query<Row>(statement: SqlFragment): Promise<Row[]> {
    return this.attempt(statement);
  }

  pipeline(statement: SqlFragment): void {
    this.attempt(statement);
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

  private attempt<Row>(statement: SqlFragment): Row[] {
    try {
      return this.runStatement<Row>(statement);
    } catch (error) {
      this.failure ??= error as Error;
      throw error;
    }
  }
}
