import type { Pool } from 'pg';
import { type DataSource, type Logger, QueryFailedError } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import { POOL_SIZE } from './data-source-options.js';
import { DatabaseUnavailable } from './database-unavailable.js';
import { translateError } from './translate-error.js';
import type { Cursor, Engine, EngineLoad, Transaction } from './engine.js';
import type { PostgresConnection } from './postgres-connection.js';
import { postgresDialect } from './postgres-dialect.js';
import { PostgresCursor } from './postgres-cursor.js';
import { PostgresTransaction, type Send } from './postgres-transaction.js';
import { PreparedStatements } from './prepared-statements.js';
import { render, sql, type SqlFragment } from './sql.js';

/** In float8, as `pg` reads numeric as text. */
const READ_TIME = sql`select (extract(epoch from clock_timestamp()) * 1000)::float8 as time`;

const READ_WRITABLE = sql`select current_setting('transaction_read_only') = 'off' as is_writable`;

/** SQLSTATE of a transaction that was ended because others waited for it and it for them. */
const DEADLOCK_DETECTED = '40P01';

/** PostgreSQL waits a second before it looks for a deadlock. */
const MAX_TRIES = 3;

/** PostgreSQL, by the pool of a data source. It goes around TypeORM's query runner, which takes as long again as a statement. */
export class PostgresEngine implements Engine {
  readonly dialect = postgresDialect;
  /** Each one takes a connection of the pool: half of them stay free. */
  readonly maxCursors = POOL_SIZE / 2;
  private readonly prepared = new PreparedStatements();
  private readonly pool: Pool;
  private readonly log?: Logger;

  constructor(private readonly dataSource: DataSource) {
    this.pool = (dataSource.driver as PostgresDriver).master as Pool;
    if (dataSource.options.logging) this.log = dataSource.logger;
  }

  readonly load: EngineLoad = {
    metric: 'database_connections',
    help: 'Connections of the pool that are in use or idle, and statements that wait for one.',
    read: () => {
      const { totalCount, idleCount, waitingCount } = this.pool;
      return { in_use: totalCount - idleCount, idle: idleCount, waiting: waitingCount };
    },
  };

  shareReadSnapshot(): void {
    // Connections of a pool have no snapshot in common.
  }

  async readTime(): Promise<number> {
    const [row] = await this.queryOnce<{ time: number }>(READ_TIME);
    return row?.time ?? NaN;
  }

  async assertWritable(): Promise<void> {
    await this.withConnection(async (connection) => {
      const [row] = await this.query<{ is_writable: boolean }>(connection, READ_WRITABLE);
      if (row?.is_writable) return;
      connection.leaveServer();
      throw new DatabaseUnavailable({ cause: new Error('The server can only be read') });
    });
  }

  read<Row>(statement: SqlFragment): Promise<Row[]> {
    return this.queryOnce(statement);
  }

  write<Row>(statement: SqlFragment): Promise<Row[]> {
    return this.queryOnce(statement);
  }

  transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.withConnection((connection) => {
      const send: Send = (statement) => this.query(connection, statement);
      return retryDeadlocks(() =>
        this.prepared.retry(() => new PostgresTransaction(connection, send).run(work)),
      );
    });
  }

  /** What a transaction changes is in the tables already, and nothing of it in memory. */
  largeTransaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.transaction(work);
  }

  openCursor(statement: SqlFragment): Promise<Cursor> {
    return PostgresCursor.open(this.dataSource.createQueryRunner(), statement);
  }

  close(): Promise<void> {
    // The data source closes the pool.
    return Promise.resolve();
  }

  private queryOnce<Row>(statement: SqlFragment): Promise<Row[]> {
    return this.withConnection((connection) =>
      this.prepared.retry(() => this.query<Row>(connection, statement)),
    );
  }

  private async withConnection<T>(work: (connection: PostgresConnection) => Promise<T>): Promise<T> {
    const connection = await this.connect();
    let lost: Error | undefined;
    // Between two statements nobody else listens.
    const onError = (error: Error) => (lost = error);
    connection.on('error', onError);
    try {
      return await work(connection);
    } finally {
      connection.off('error', onError);
      connection.release(lost);
    }
  }

  private async connect(): Promise<PooledConnection> {
    try {
      return (await this.pool.connect()) as PooledConnection;
    } catch (error) {
      throw translateError(error, this.dataSource);
    }
  }

  private async query<Row>(connection: PostgresConnection, statement: SqlFragment): Promise<Row[]> {
    const { text, parameters: values } = render(statement, postgresDialect);
    this.log?.logQuery(text);
    try {
      const { rows } = await connection.query({ ...this.prepared.prepare(statement, text), values });
      return rows as Row[];
    } catch (error) {
      // Parameters stay out of the error: they may be personal.
      throw translateError(new QueryFailedError(text, [], error as Error), this.dataSource);
    }
  }
}

/**
 * Runs a transaction again that PostgreSQL has ended so that another one can go on. Nothing of it was done
 * (https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-DEADLOCKS).
 */
async function retryDeadlocks<T>(transaction: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await transaction();
    } catch (error) {
      if (tries === MAX_TRIES || !isDeadlock(error)) throw error;
    }
  }
}

function isDeadlock(error: unknown): boolean {
  const cause = error instanceof DatabaseUnavailable ? error.cause : undefined;
  return (
    cause instanceof QueryFailedError && (cause.driverError as { code?: string }).code === DEADLOCK_DETECTED
  );
}

type PooledConnection = PostgresConnection & { release: (error?: Error) => void };
