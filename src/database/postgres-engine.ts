import type { DataSource, QueryRunner } from 'typeorm';
import { meaningOf } from './failure.js';
import type { Engine, Transaction } from './engine.js';
import { render, type SqlFragment } from './sql.js';
import { liftTimeouts, lockExclusively, runInTransaction } from './transaction.js';

/** PostgreSQL, through the pool of connections of a data source. */
export class PostgresEngine implements Engine {
  readonly isSqlite = false;

  constructor(private readonly dataSource: DataSource) {}

  read<Row>(statement: SqlFragment): Promise<Row[]> {
    return this.query(this.dataSource, statement);
  }

  write<Row>(statement: SqlFragment): Promise<Row[]> {
    return this.query(this.dataSource, statement);
  }

  async transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const runner = this.dataSource.createQueryRunner();
    try {
      return await runInTransaction(runner, () => work(this.transactionOn(runner)));
    } catch (error) {
      throw meaningOf(error, this.dataSource);
    } finally {
      await runner.release();
    }
  }

  close(): void {
    // The data source closes the pool.
  }

  private transactionOn(runner: QueryRunner): Transaction {
    return {
      query: (statement) => this.query(runner, statement),
      lockExclusively: async ({ patient }) => {
        if (patient) await liftTimeouts(runner);
        await lockExclusively(runner);
      },
    };
  }

  private async query<Row>(target: DataSource | QueryRunner, statement: SqlFragment): Promise<Row[]> {
    const { text, parameters } = render(statement, this);
    try {
      return rowsOf<Row>(await target.query(text, parameters));
    } catch (error) {
      throw meaningOf(error, this.dataSource);
    }
  }
}

/** TypeORM answers `[rows, count]` for an update or delete, the rows themselves for all else. */
function rowsOf<Row>(result: unknown): Row[] {
  if (!Array.isArray(result)) return [];
  const isRowsWithCount = result.length === 2 && Array.isArray(result[0]) && typeof result[1] === 'number';
  return (isRowsWithCount ? result[0] : result) as Row[];
}
