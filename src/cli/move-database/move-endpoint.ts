import { createHash } from 'node:crypto';
import type { EntityMetadata, QueryRunner } from 'typeorm';
import { isSqlite } from '../../platform/database/engine.js';
import { postgresDialect } from '../../platform/database/postgres-dialect.js';
import { sqliteDialect } from '../../platform/database/sqlite-dialect.js';
import { commaSeparated, identifier, render, sql, type SqlFragment } from '../../platform/database/sql.js';

export type Row = Record<string, string | number | boolean | null>;

/** Rows per statement: few enough for the parameter limits of both engines. */
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

  /** Yields all rows in batches, ordered by primary key. Converts booleans, which SQLite stores as numbers. */
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

  /** Returns the SHA-256 of all rows in hexadecimal: the same for equal tables on both engines. */
  async checksum(table: EntityMetadata): Promise<string> {
    const hash = createHash('sha256');
    for await (const rows of this.batches(table)) {
      for (const row of rows)
        hash.update(`${JSON.stringify(columnsOf(table).map((column) => row[column]))}\n`);
    }
    return hash.digest('hex');
  }

  /** Returns the id of the next new row. Ids of deleted rows are not used again, so it can exceed the last id by more than 1. */
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

  /** The primary key, compared byte by byte, so that both engines sort text the same way. */
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

/** Whether the database generates the ids of the table. */
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
