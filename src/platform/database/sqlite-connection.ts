import type { Database as Connection } from 'better-sqlite3';
import { sqliteDialect } from './sqlite-dialect.js';
import { render, type SqlFragment } from './sql.js';
import { SqliteStatement } from './sqlite-statement.js';

/** Statements whose text depends on their values (how many columns, how many rows) are few; these are kept prepared. */
const MAX_STATEMENTS = 200;

/** Where transactions, and the parts of them that can be undone by themselves, begin and end. */
export type SqliteCommand =
  | 'begin'
  | 'begin immediate'
  | 'commit'
  | 'rollback'
  | 'savepoint work'
  | 'release work'
  | 'rollback to work';

/** A connection to an SQLite file that prepares each statement once. Everything on it happens at once, or throws. */
export class SqliteConnection {
  /** By the template in the source, which is one object however often it is run. */
  private readonly byTemplate = new WeakMap<readonly string[], SqliteStatement>();
  private readonly byText = new Map<string, SqliteStatement>();

  constructor(private readonly connection: Connection) {}

  get file(): string {
    return this.connection.name;
  }

  get isInTransaction(): boolean {
    return this.connection.inTransaction;
  }

  query<Row>(fragment: SqlFragment): Row[] {
    if (fragment.values.some((value) => typeof value === 'object' && value !== null)) {
      const { text, parameters } = render(fragment, sqliteDialect);
      return this.prepareText(text).run(parameters);
    }
    return this.prepareTemplate(fragment).run(fragment.values);
  }

  iterate(fragment: SqlFragment): IterableIterator<unknown> {
    const { text, parameters } = render(fragment, sqliteDialect);
    return this.prepareText(text).iterate(parameters);
  }

  execute(sql: SqliteCommand): void {
    this.prepareText(sql).run([]);
  }

  close(): void {
    this.connection.close();
  }

  private prepareTemplate(fragment: SqlFragment): SqliteStatement {
    let statement = this.byTemplate.get(fragment.strings);
    if (!statement) {
      statement = new SqliteStatement(this.connection, fragment.strings.join('?'));
      this.byTemplate.set(fragment.strings, statement);
    }
    return statement;
  }

  private prepareText(text: string): SqliteStatement {
    let statement = this.byText.get(text);
    if (!statement) {
      statement = new SqliteStatement(this.connection, text);
      const [oldest] = this.byText.keys();
      if (oldest !== undefined && this.byText.size >= MAX_STATEMENTS) this.byText.delete(oldest);
      this.byText.set(text, statement);
    }
    return statement;
  }
}
