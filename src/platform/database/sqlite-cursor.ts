import type { DataSource } from 'typeorm';
import { QueryFailedError } from 'typeorm';
import { BATCH, type Cursor } from './engine.js';
import { translateError } from './translate-error.js';
import { sqliteDialect } from './sqlite-dialect.js';
import { render, type SqlFragment } from './sql.js';
import type { SqliteConnection } from './sqlite-connection.js';

/**
 * A select on a connection of its own, in a read transaction. The write-ahead log keeps the snapshot, so writers don't wait
 * (https://www.sqlite.org/isolation.html).
 */
export class SqliteCursor implements Cursor {
  private rows?: Iterator<unknown>;

  /** @param connection read-only; the cursor closes it */
  constructor(
    private readonly connection: SqliteConnection,
    private readonly statement: SqlFragment,
    private readonly dataSource: DataSource,
  ) {}

  fetch<Row>(): Promise<Row[]> {
    return this.attempt(this.statement, () => {
      this.begin();
      this.rows ??= this.connection.iterate(this.statement);
      const batch: Row[] = [];
      for (let next; batch.length < BATCH && !(next = this.rows.next()).done;) batch.push(next.value as Row);
      return batch;
    });
  }

  query<Row>(statement: SqlFragment): Promise<Row[]> {
    return this.attempt(statement, () => {
      this.begin();
      return this.connection.query<Row>(statement);
    });
  }

  close(): Promise<void> {
    this.rows?.return?.();
    this.connection.close();
    return Promise.resolve();
  }

  private begin(): void {
    if (!this.connection.isInTransaction) this.connection.execute('begin');
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- async, as what is thrown has to be a rejection.
  private async attempt<T>(statement: SqlFragment, work: () => T): Promise<T> {
    try {
      return work();
    } catch (error) {
      const { text } = render(statement, sqliteDialect);
      throw translateError(new QueryFailedError(text, [], error as Error), this.dataSource);
    }
  }
}
