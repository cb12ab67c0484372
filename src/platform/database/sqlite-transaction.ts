import type { Transaction } from './engine.js';
import type { SqlFragment } from './sql.js';

/** Carries a statement out on the connection that writes, and answers its rows. */
type CarryOut = <Row>(statement: SqlFragment) => Row[];

/** A transaction on the only connection that writes, where it has been alone since it began. */
export class SqliteTransaction implements Transaction {
  /** What the first statement failed of, whatever became of that. */
  private failure?: Error;

  constructor(private readonly carryOut: CarryOut) {}

  /** Throws when the work does, or one of its statements has failed. */
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
      return this.carryOut<Row>(statement);
    } catch (error) {
      this.failure ??= error as Error;
      throw error;
    }
  }
}
