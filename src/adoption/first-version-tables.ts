import type { Database } from 'better-sqlite3';
import { columnsOf, namesOf } from './file-content.js';

/** A row of the first version. SQLite allows a value of any type in any column. */
export type FirstVersionRow = Record<string, unknown> & { id: number };

const PREFIX = 'first_version_';
/** Rows per query. */
const BATCH = 1000;
/** The largest value of an integer column. */
export const MAX_ID = 2 ** 31 - 1;

/** The tables of the first version, renamed so that they don't clash with the tables of this program. */
export class FirstVersionTables {
  /** The highest id ever used in each table, including deleted rows. */
  readonly lastIds: ReadonlyMap<string, number>;

  private constructor(
    private readonly database: Database,
    /** The original names of all tables in the file. */
    readonly names: readonly string[],
  ) {
    this.lastIds = new Map(names.flatMap((name) => this.lastIdOf(name)));
  }

  /** Renames all tables in the file, and drops views, triggers and indexes. */
  static renameAside(database: Database): FirstVersionTables {
    for (const type of ['view', 'trigger', 'index']) {
      for (const name of namesOf(database, `type = '${type}' and sql is not null`)) {
        database.exec(`drop ${type} ${quoted(name)}`);
      }
    }
    const names = namesOf(database, `type = 'table' and name not like 'sqlite#_%' escape '#'`);
    for (const name of names) database.exec(`alter table ${quoted(name)} rename to ${prefixed(name)}`);
    return new FirstVersionTables(database, names);
  }

  count(table: string): number {
    return this.database
      .prepare(`select count(*) from ${prefixed(table)}`)
      .pluck()
      .get() as number;
  }

  columns(table: string): string[] {
    return columnsOf(this.database, PREFIX + table);
  }

  /** Yields all rows, ordered by id. */
  *rows(table: string): Generator<FirstVersionRow> {
    const statement = this.database.prepare(
      `select * from ${prefixed(table)} where id > ? order by id limit ${BATCH}`,
    );
    let last = 0;
    for (;;) {
      const rows = statement.all(last) as FirstVersionRow[];
      yield* rows;
      const next = rows.at(-1)?.id;
      if (next === undefined) return;
      last = next;
    }
  }

  /** Whether the file has these tables, with all of their columns. */
  has(tables: Record<string, readonly string[]>): boolean {
    return Object.entries(tables).every(([table, columns]) => {
      const there = this.columns(table);
      return columns.every((column) => there.includes(column));
    });
  }

  /** Makes {@link children} fast. */
  index(table: string, column: string): void {
    this.database.exec(
      `create index ${prefixed(`${table}_${column}`)} on ${prefixed(table)} (${quoted(column)}, id)`,
    );
  }

  /** Returns the rows with this value in a column, NULL included, ordered by id. */
  children(table: string, column: string, value: unknown): FirstVersionRow[] {
    return this.database
      .prepare(`select * from ${prefixed(table)} where ${quoted(column)} is ? order by id`)
      .all(value) as FirstVersionRow[];
  }

  /** Returns the values of a column that are not an id in the parent table. */
  danglingReferences(table: string, column: string, parent: string): unknown[] {
    return this.database
      .prepare(
        `select distinct ${quoted(column)} from ${prefixed(table)} child
         where not exists (select 1 from ${prefixed(parent)} parent where parent.id = child.${quoted(column)})`,
      )
      .pluck()
      .all();
  }

  drop(): void {
    for (const name of this.names) this.database.exec(`drop table ${prefixed(name)}`);
  }

  /** @throws Error when an id is out of range, which never happens in practice */
  private lastIdOf(table: string): [string, number][] {
    if (!this.columns(table).includes('id')) return [];
    const { low, high, given } = this.database
      .prepare(
        `select min(id) as low, max(id) as high,
           (select max(cast(seq as integer)) from sqlite_sequence where name = ?) as given
         from ${prefixed(table)}`,
      )
      .get(PREFIX + table) as { low: number | null; high: number | null; given: number | null };
    const last = Math.max(high ?? 0, given ?? 0);
    if ((low ?? 1) < 1 || last >= MAX_ID) {
      throw new Error(`its table ${table} has ids outside 1 to ${MAX_ID - 1}`);
    }
    return [[table, last]];
  }
}

function prefixed(table: string): string {
  return quoted(PREFIX + table);
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Whether a value can be the id of a row. */
export function isId(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) < MAX_ID;
}
