import type { Pool } from 'pg';
import type { DataSource, QueryRunner } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import { POOL_SIZE } from './data-source-options.js';
import { meaningOf } from './failure.js';
import type { Cursor, Engine, Transaction } from './engine.js';
import { PostgresCursor } from './postgres-cursor.js';
import { render, sql, type SqlFragment } from './sql.js';
import { liftTimeouts, lockExclusively, runInTransaction } from './transaction.js';

/** PostgreSQL, through the pool of connections of a data source. */
export class PostgresEngine implements Engine {
  readonly isSqlite = false;
  /** Each one takes a connection of the pool: half of them stay. */
  readonly mostCursors = POOL_SIZE / 2;

  constructor(private readonly dataSource: DataSource) {}

  get load(): Record<string, number> {
    const { totalCount, idleCount, waitingCount } = (this.dataSource.driver as PostgresDriver).master as Pool;
    return { in_use: totalCount - idleCount, idle: idleCount, waiting: waitingCount };
  }

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

  openCursor(statement: SqlFragment): Promise<Cursor> {
    return PostgresCursor.open(this.dataSource.createQueryRunner(), statement);
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
      tryLock: async (name) => {
        const [row] = await this.query<{ is_taken: boolean }>(
          runner,
          sql`select pg_try_advisory_xact_lock(hashtextextended(${name}, 0)) as is_taken`,
        );
        return row?.is_taken === true;
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
