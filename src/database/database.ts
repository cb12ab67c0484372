import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable } from '@nestjs/common';
import pLimit from 'p-limit';
import type { DataSource, EntityTarget, ObjectLiteral, QueryRunner } from 'typeorm';
import { constraintViolationOf } from './constraint-violation.js';
import { databaseUnavailableOf } from './database-unavailable.js';
import { isSqlite } from './engine.js';
import { commaSeparated, identifier, render, sql, SqlFragment, type SqlValue } from './sql.js';
import { liftTimeouts, lockExclusively, runInTransaction } from './transaction.js';

/**
 * The one way to the data: SQL in, plain rows out, the same on SQLite and PostgreSQL.
 *
 * SQLite has one connection that writes, and TypeORM shares it between all callers: a plain write would land inside
 * whatever transaction is open on it, and go with that one's rollback. So there, writes and transactions queue up, and
 * reads go to a connection of their own, where nothing uncommitted is ever seen. On PostgreSQL the pool does all that.
 *
 * Inside {@link transaction}, reads and writes join it by themselves.
 */
@Injectable()
export class Database {
  private readonly current = new AsyncLocalStorage<QueryRunner>();
  private readonly takeTurn = pLimit(1);
  readonly isSqlite: boolean;

  /**
   * @param writer the data source with the entities; on PostgreSQL it reads, too.
   * @param reader a second, read-only connection on SQLite, else the writer itself.
   */
  constructor(
    private readonly writer: DataSource,
    private readonly reader: DataSource,
  ) {
    this.isSqlite = isSqlite(writer);
  }

  /** Rows of a select: `read<Item>`, then the statement as a template. */
  read<Row>(strings: TemplateStringsArray, ...values: SqlValue[]): Promise<Row[]> {
    return this.run(this.current.getStore() ?? this.reader, new SqlFragment(strings, values));
  }

  /**
   * A single writing statement, atomic by itself. Answers the rows of its `returning` clause.
   *
   * @throws ConstraintViolation, DatabaseUnavailable
   */
  write<Row>(strings: TemplateStringsArray, ...values: SqlValue[]): Promise<Row[]> {
    return this.runWrite(new SqlFragment(strings, values));
  }

  /**
   * Inserts a row and answers it whole.
   *
   * @throws ConstraintViolation
   */
  async insert<Row extends ObjectLiteral>(entity: EntityTarget<Row>, values: Partial<Row>): Promise<Row> {
    const { tableName } = this.writer.getMetadata(entity);
    const columns = Object.keys(values);
    const [row] = await this.runWrite<Row>(sql`
      insert into ${identifier(tableName)} (${commaSeparated(columns.map(identifier))})
      values (${commaSeparated(columns.map((column) => sql`${parameter(values[column])}`))})
      returning *`);
    return row as Row;
  }

  /**
   * Changes the columns given of one row, leaves the others, and answers the row whole: undefined when it isn't there.
   *
   * @throws ConstraintViolation
   */
  async update<Row extends ObjectLiteral>(
    entity: EntityTarget<Row>,
    where: SqlFragment,
    changes: Partial<Row>,
  ): Promise<Row | undefined> {
    const { tableName } = this.writer.getMetadata(entity);
    const assignments = Object.entries(changes)
      .filter(([, value]) => value !== undefined)
      .map(([column, value]) => sql`${identifier(column)} = ${parameter(value)}`);
    const [row] = await this.runWrite<Row>(sql`
      update ${identifier(tableName)} set ${commaSeparated(assignments)} where ${where} returning *`);
    return row;
  }

  /** Runs the work in one transaction: all of it happens, or nothing. A transaction inside another one joins it. */
  transaction<T>(work: () => Promise<T>): Promise<T> {
    return this.withRunner(() => work());
  }

  /**
   * A {@link transaction} of which only one runs at a time, over all processes on the same database.
   *
   * @param options patient: waits for its turn as long as it takes, as only a start may
   */
  exclusiveTransaction<T>(work: () => Promise<T>, options: { patient?: boolean } = {}): Promise<T> {
    return this.withRunner(async (runner) => {
      if (options.patient) await liftTimeouts(runner);
      await lockExclusively(runner);
      return work();
    });
  }

  private async withRunner<T>(work: (runner: QueryRunner) => Promise<T>): Promise<T> {
    const current = this.current.getStore();
    if (current) return work(current);
    return this.inTurn(async () => {
      const runner = this.writer.createQueryRunner();
      try {
        return await runInTransaction(runner, () => this.current.run(runner, () => work(runner)));
      } catch (error) {
        throw databaseUnavailableOf(error) ?? error;
      } finally {
        await runner.release();
      }
    });
  }

  private runWrite<Row>(statement: SqlFragment): Promise<Row[]> {
    const runner = this.current.getStore();
    return runner ? this.run(runner, statement) : this.inTurn(() => this.run(this.writer, statement));
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.isSqlite ? this.takeTurn(work) : work();
  }

  private async run<Row>(target: DataSource | QueryRunner, statement: SqlFragment): Promise<Row[]> {
    const { text, parameters } = render(statement, this);
    try {
      const result: unknown = await target.query(text, parameters);
      return rowsOf<Row>(result);
    } catch (error) {
      throw constraintViolationOf(error, this.writer) ?? databaseUnavailableOf(error) ?? error;
    }
  }
}

function parameter(value: unknown): string | number | boolean | null {
  return (value ?? null) as string | number | boolean | null;
}

/** TypeORM answers `[rows, count]` for an update or delete on PostgreSQL, the rows themselves for all else. */
function rowsOf<Row>(result: unknown): Row[] {
  if (!Array.isArray(result)) return [];
  const isRowsWithCount = result.length === 2 && Array.isArray(result[0]) && typeof result[1] === 'number';
  return (isRowsWithCount ? result[0] : result) as Row[];
}
