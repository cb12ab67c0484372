import type { QueryRunner } from 'typeorm';
import { BATCH, type Cursor } from './engine.js';
import { translateError } from './translate-error.js';
import { postgresDialect } from './postgres-dialect.js';
import { render, type SqlFragment } from './sql.js';

/**
 * Plans for the first rows rather than for the last one, and none compiled before they begin: compiling takes up to a tenth of a second
 * (https://www.postgresql.org/docs/current/runtime-config-query.html).
 */
const BEGIN = `
  begin isolation level repeatable read read only;
  set local cursor_tuple_fraction = 0.001;
  set local jit = off`;

/**
 * A cursor (https://www.postgresql.org/docs/current/sql-declare.html) on a connection of the pool. Its transaction is
 * repeatable read, so all statements see one snapshot. Why not pg-cursor: docs/decisions/pg-cursor.md.
 */
export class PostgresCursor implements Cursor {
  private constructor(private readonly runner: QueryRunner) {}

  static async open(runner: QueryRunner, statement: SqlFragment): Promise<PostgresCursor> {
    const cursor = new PostgresCursor(runner);
    const { text, parameters } = render(statement, postgresDialect);
    try {
      await cursor.run(BEGIN);
      await cursor.run(`declare rows_to_read no scroll cursor for ${text}`, parameters);
      return cursor;
    } catch (error) {
      await cursor.close();
      throw error;
    }
  }

  fetch<Row>(): Promise<Row[]> {
    return this.run<Row>(`fetch ${BATCH} from rows_to_read`);
  }

  query<Row>(statement: SqlFragment): Promise<Row[]> {
    const { text, parameters } = render(statement, postgresDialect);
    return this.run<Row>(text, parameters);
  }

  async close(): Promise<void> {
    // Nothing was written, and a connection that is lost has nothing to roll back.
    await this.run('rollback').catch(() => undefined);
    await this.runner.release();
  }

  private async run<Row>(text: string, parameters: unknown[] = []): Promise<Row[]> {
    try {
      return (await this.runner.query(text, parameters)) as Row[];
    } catch (error) {
      throw translateError(error, this.runner.dataSource);
    }
  }
}
