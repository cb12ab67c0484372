import type { Database as Connection, Statement } from 'better-sqlite3';
import type { SqlValue } from './sql.js';

/** The `*` of a select or of a `returning`. */
const ALL_COLUMNS = /(?<=^\s*select )\*|(?<=\breturning )\*(?=\s*$)/;

/**
 * A prepared statement of an SQLite connection. Rows come from better-sqlite3 as arrays and become objects here, which takes
 * half the time (docs/decisions/data-layer.md).
 */
export class SqliteStatement {
  private readonly statement: Statement<SqlValue[], unknown[]>;
  private readonly names: string[] = [];

  constructor(connection: Connection, text: string) {
    this.statement = connection.prepare(nameColumns(connection, text));
    if (this.statement.reader) this.names = namesOf(this.statement.raw());
  }

  /** Returns the rows; an empty array for a statement without rows. */
  run<Row>(parameters: readonly SqlValue[]): Row[] {
    const values = parameters.map(sqliteValueOf);
    if (this.statement.reader)
      return this.statement.all(...values).map((row) => namedRow(this.names, row) as Row);
    this.statement.run(...values);
    return [];
  }

  *iterate(parameters: readonly SqlValue[]): IterableIterator<unknown> {
    for (const row of this.statement.iterate(...parameters.map(sqliteValueOf)))
      yield namedRow(this.names, row);
  }
}

/** The row of a select, from the names of its columns and its values. */
export function namedRow(names: readonly string[], values: readonly unknown[]): unknown {
  const row: Record<string, unknown> = {};
  names.forEach((name, index) => {
    row[name] = values[index];
  });
  return row;
}

/**
 * Replaces `*` by the names of the columns. If another process changes the table, SQLite prepares the statement again, and
 * the new columns would get the old names.
 */
function nameColumns(connection: Connection, text: string): string {
  if (!ALL_COLUMNS.test(text)) return text;
  const columns = namesOf(connection.prepare(text)).map((name) => `"${name}"`);
  return text.replace(ALL_COLUMNS, columns.join(', '));
}

function namesOf(statement: Statement): string[] {
  return statement.columns().map(({ name }) => name);
}

/** SQLite has no booleans. */
export function sqliteValueOf<Value extends SqlValue>(value: Value): Value | number {
  return typeof value === 'boolean' ? Number(value) : value;
}
