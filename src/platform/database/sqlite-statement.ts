import type { Database as Connection, Statement } from 'better-sqlite3';
import type { SqlValue } from './sql.js';

/** All columns of what is selected or written. */
const ALL_COLUMNS = /(?<=^\s*select )\*|(?<=\breturning )\*(?=\s*$)/;

/**
 * A prepared statement of an SQLite connection. Rows come as arrays and are named here, which takes half as long as
 * better-sqlite3 takes to name each value.
 */
export class SqliteStatement {
  private readonly statement: Statement<SqlValue[], unknown[]>;
  private readonly names: string[] = [];

  constructor(connection: Connection, text: string) {
    this.statement = connection.prepare(nameColumns(connection, text));
    if (this.statement.reader) this.names = namesOf(this.statement.raw());
  }

  /** Runs it and answers its rows; none where it has none to answer. */
  run<Row>(parameters: readonly SqlValue[]): Row[] {
    const values = parameters.map(sqliteValueOf);
    if (this.statement.reader) return this.statement.all(...values).map((row) => this.rowOf(row) as Row);
    this.statement.run(...values);
    return [];
  }

  *iterate(parameters: readonly SqlValue[]): IterableIterator<unknown> {
    for (const row of this.statement.iterate(...parameters.map(sqliteValueOf))) yield this.rowOf(row);
  }

  private rowOf(values: unknown[]): unknown {
    const row: Record<string, unknown> = {};
    this.names.forEach((name, index) => {
      row[name] = values[index];
    });
    return row;
  }
}

/**
 * Has the columns in the text that `*` stands for now: should another process change the table, what was prepared for its
 * old columns would call the new ones by their names.
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
function sqliteValueOf<Value extends SqlValue>(value: Value): Value | number {
  return typeof value === 'boolean' ? Number(value) : value;
}
