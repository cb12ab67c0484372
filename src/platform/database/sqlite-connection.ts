import type { Database as Connection } from 'better-sqlite3';
import { LRUCache } from 'lru-cache';
import { sqliteDialect } from './sqlite-dialect.js';
import { render, type SqlFragment } from './sql.js';
import { SqliteStatement } from './sqlite-statement.js';

/** Statements that are kept prepared: the program has fewer, except where a text depends on how many values there are. */
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

/** A connection to an SQLite file that prepares each statement once. All its calls are synchronous. */
export class SqliteConnection {
  private readonly statements = new LRUCache<string, SqliteStatement>({ max: MAX_STATEMENTS });

  constructor(private readonly connection: Connection) {}

  get file(): string {
    return this.connection.name;
  }

  get isInTransaction(): boolean {
    return this.connection.inTransaction;
  }

  query<Row>(fragment: SqlFragment): Row[] {
    const { text, parameters } = render(fragment, sqliteDialect);
    return this.prepare(text).run(parameters);
  }

  iterate(fragment: SqlFragment): IterableIterator<unknown> {
    const { text, parameters } = render(fragment, sqliteDialect);
    return this.prepare(text).iterate(parameters);
  }

  execute(sql: SqliteCommand): void {
    this.prepare(sql).run([]);
  }

  close(): void {
    this.connection.close();
  }

  private prepare(text: string): SqliteStatement {
    let statement = this.statements.get(text);
    if (!statement) {
      statement = new SqliteStatement(this.connection, text);
      this.statements.set(text, statement);
    }
    return statement;
  }
}
