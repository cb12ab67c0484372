import { createHash } from 'node:crypto';
import type { EntityMetadata, QueryRunner } from 'typeorm';
import { isSqlite } from '../../platform/database/engine.js';
import { postgresDialect } from '../../platform/database/postgres-dialect.js';
import { sqliteDialect } from '../../platform/database/sqlite-dialect.js';
import { commaSeparated, identifier, render, sql, type SqlFragment } from '../../platform/database/sql.js';

export type Row = Record<string, string | number | boolean | null>;

/** Rows that are read and written at once: few enough for both engines' limits of parameters in a statement. */
const BATCH = 1000;

/** One of the two databases of a move, inside a transaction of its own. */
export class MoveEndpoint {
  private readonly isSqlite: boolean;

  constructor(private readonly runner: QueryRunner) {
    this.isSqlite = isSqlite(runner.dataSource);
  }

  async count(table: EntityMetadata): Promise<number> {
    const [row] = await this.query<{ count: number }>(
      sql`select count(*) as count from ${identifier(table.tableName)}`,
    );
    return Number(row?.count);
  }

  /** All rows by primary key, in batches. Booleans are booleans, whatever the engine keeps them as. */
  async *batches(table: EntityMetadata): AsyncGenerator<Row[]> {
    const key = primaryKeyOf(table);
    const columns = commaSeparated(columnsOf(table).map(identifier));
    let after = sql``;
    for (;;) {
      const rows = await this.query<Row>(sql`
        select ${columns} from ${identifier(table.tableName)} ${after}
        order by ${this.binary(table)} limit ${BATCH}`);
      const last = rows.at(-1);
      if (!last) return;
      yield rows.map((row) => withBooleans(row, table));
      after = sql`where ${this.binary(table)} > ${last[key] ?? null}`;
    }
  }

  async insert(table: EntityMetadata, rows: Row[]): Promise<void> {
    const columns = columnsOf(table);
    const tuples = rows.map(
      (row) => sql`(${commaSeparated(columns.map((column) => sql`${row[column] ?? null}`))})`,
    );
    await this.query(sql`
      insert into ${identifier(table.tableName)} (${commaSeparated(columns.map(identifier))})
      values ${commaSeparated(tuples)}`);
  }

  /** SHA-256 over all rows in the order of their keys, in hexadecimal: equal for equal tables on either engine. */
  async checksum(table: EntityMetadata): Promise<string> {
    const hash = createHash('sha256');
    for await (const rows of this.batches(table)) {
      for (const row of rows)
        hash.update(`${JSON.stringify(columnsOf(table).map((column) => row[column]))}\n`);
    }
    return hash.digest('hex');
  }

  /** The id that the next new row gets. Ids of deleted rows are not given again, so it may lie beyond the last row. */
  async nextId(table: EntityMetadata): Promise<number> {
    const [row] = this.isSqlite
      ? await this.query<{ next: number }>(
          sql`select seq + 1 as next from sqlite_sequence where name = ${table.tableName}`,
        )
      : await this.query<{ next: number }>(sql`
          select case when is_called then last_value + 1 else last_value end as next
          from ${identifier(sequenceOf(table))}`);
    return row?.next ?? 1;
  }

  async setNextId(table: EntityMetadata, next: number): Promise<void> {
    if (this.isSqlite) {
      await this.query(sql`delete from sqlite_sequence where name = ${table.tableName}`);
      await this.query(sql`insert into sqlite_sequence (name, seq) values (${table.tableName}, ${next - 1})`);
    } else {
      await this.query(sql`select setval(${sequenceOf(table)}, ${next}, false)`);
    }
  }

  /** The primary key, compared byte by byte so that both engines agree on the order of texts. */
  private binary(table: EntityMetadata): SqlFragment {
    const key = identifier(primaryKeyOf(table));
    const isText = table.primaryColumns[0]?.type === 'varchar';
    return isText && !this.isSqlite ? sql`${key} collate "C"` : key;
  }

  private query<T>(statement: SqlFragment): Promise<T[]> {
    const { text, parameters } = render(statement, this.isSqlite ? sqliteDialect : postgresDialect);
    return this.runner.query(text, parameters);
  }
}

/** Whether ids of the table are made by the database. */
export function hasSequence(table: EntityMetadata): boolean {
  return table.generatedColumns.length > 0;
}

function columnsOf(table: EntityMetadata): string[] {
  return table.columns.map((column) => column.databaseName);
}

function primaryKeyOf(table: EntityMetadata): string {
  const [key, ...more] = table.primaryColumns;
  if (!key || more.length > 0)
    throw new Error(`${table.tableName} needs a primary key of one column to be moved.`);
  return key.databaseName;
}

/** The name that PostgreSQL gives to the sequence of a `serial` column. */
function sequenceOf(table: EntityMetadata): string {
  return `${table.tableName}_${primaryKeyOf(table)}_seq`;
}

function withBooleans(row: Row, table: EntityMetadata): Row {
  for (const { databaseName, type } of table.columns) {
    if (type === 'boolean') row[databaseName] = Boolean(row[databaseName]);
  }
  return row;
}
