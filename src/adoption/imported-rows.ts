import type { Database, Statement } from 'better-sqlite3';
import { Role } from '../platform/authorization/role.js';
import { loginKey } from '../platform/validation/login-name.js';
import { normalizeLine } from '../platform/validation/text.js';
import type { FirstVersionRow, FirstVersionTables } from './first-version-tables.js';
import {
  display,
  readDecimal,
  readText,
  readTimestamp,
  truncate,
  type UniqueNames,
} from './first-version-values.js';

export interface Authorship {
  created_by: number;
  updated_by: number;
  created_at: string;
  updated_at: string;
}

/** Stored instead of a hash. No password matches it. */
export const NO_PASSWORD = '!';

/**
 * Reads values of the first version as the columns of this program take them, writes the rows, and notes what is changed.
 */
export class ImportedRows {
  /** One sentence per changed value and per skipped table. */
  readonly decisions: string[] = [];
  /** Rows per table that were imported or added. */
  readonly counts = new Map<string, number>();
  readonly now = new Date().toISOString();
  private readonly ids = new Map<string, Set<number>>();
  private readonly statements = new Map<string, Statement>();
  private readonly maxIds: Map<string, number>;
  private unknownUserId: number | undefined;

  constructor(
    readonly database: Database,
    readonly old: FirstVersionTables,
  ) {
    this.maxIds = new Map(old.lastIds);
  }

  addMissingUser(id: number): number {
    const username = `missing_user_${id}`;
    this.insert('users', {
      id,
      email: `${username}@first-version.invalid`,
      username,
      username_key: loginKey(username),
      full_name: null,
      hashed_password: NO_PASSWORD,
      role: Role.Employee,
      is_active: 0,
      is_deleted: 1,
      deleted_at: this.now,
      credentials_version: 0,
      created_at: this.now,
      updated_at: this.now,
    });
    this.note('users', id, `was missing but is the author of other rows: added as a deleted user`);
    return id;
  }

  /** Normalizes text like the API does. Returns null when nothing is left. */
  optionalText(
    row: FirstVersionRow,
    table: string,
    column: string,
    max: number,
    notesChange = true,
  ): string | null {
    const text = normalizeLine(readText(row[column]) ?? '');
    return (notesChange ? this.truncate(text, row, table, column, max) : truncate(text, max)) || null;
  }

  truncate(text: string, row: FirstVersionRow, table: string, column: string, max: number): string {
    const kept = truncate(text, max);
    if (kept !== text) {
      this.note(
        table,
        row.id,
        `${column} is longer than ${max} characters: the rest is only kept in the copy`,
      );
    }
    return kept;
  }

  decimal(row: FirstVersionRow, table: string, column: string, places: number, max: number): number {
    const unit = 10 ** places;
    const { scaled, isRounded } = readDecimal(row[column], places) ?? { scaled: NaN, isRounded: false };
    const value = Math.min(Math.max(scaled || 0, 0), max * unit);
    if (value !== scaled || isRounded) this.changed(row, table, column, value / unit);
    return value;
  }

  /** A whole number from 0 to `max`. */
  wholeNumber(row: FirstVersionRow, table: string, column: string, max: number): number {
    const number = Number(row[column]);
    const value = Math.min(Math.max(Math.trunc(number) || 0, 0), max);
    if (value !== number) this.changed(row, table, column, value);
    return value;
  }

  timesOf(row: FirstVersionRow, table: string): { created_at: string; updated_at: string } {
    const [created, updated] = [readTimestamp(row.created_at), readTimestamp(row.updated_at)];
    const created_at = created ?? updated ?? this.now;
    const updated_at = updated ?? created_at;
    if (created === undefined) this.changed(row, table, 'created_at', created_at);
    if (updated === undefined) this.changed(row, table, 'updated_at', updated_at);
    return { created_at, updated_at };
  }

  authorshipOf(row: FirstVersionRow, table: string): Authorship {
    return {
      created_by: this.authorOf(row, table, 'created_by'),
      updated_by: this.authorOf(row, table, 'updated_by'),
      ...this.timesOf(row, table),
    };
  }

  authorOf(row: FirstVersionRow, table: string, column: string): number {
    const id = row[column];
    if (this.isKnown('users', id)) return id;
    const unknown = this.unknownUser();
    this.changed(row, table, column, unknown);
    return unknown;
  }

  unknownAuthorship(): Authorship {
    const id = this.unknownUser();
    return { created_by: id, updated_by: id, created_at: this.now, updated_at: this.now };
  }

  /** The author of rows that name none. */
  private unknownUser(): number {
    return (this.unknownUserId ??= this.addMissingUser(this.nextId('users')));
  }

  unique(
    names: UniqueNames,
    name: string,
    row: FirstVersionRow,
    table: string,
    column: string,
    other: (addition: string) => string,
  ): string {
    const owner = names.ownerOf(name);
    const taken = names.take(name, row.id, other);
    if (owner !== undefined) {
      this.note(
        table,
        row.id,
        `${column} ${display(row[column])} is already used by ${table} ${owner}: is now ${display(taken)}`,
      );
    }
    return taken;
  }

  /** @param row with an id; all rows of a table have the same columns */
  insert(table: string, row: object): void {
    const { id } = row as { id: number };
    let statement = this.statements.get(table);
    if (!statement) {
      const columns = Object.keys(row);
      statement = this.database.prepare(
        `insert into "${table}" (${columns.join(', ')}) values (${columns.map((column) => `@${column}`).join(', ')})`,
      );
      this.statements.set(table, statement);
    }
    statement.run(withoutBooleans(row));
    this.idsOf(table).add(id);
    this.maxIds.set(table, Math.max(this.maxIds.get(table) ?? 0, id));
    this.counts.set(table, (this.counts.get(table) ?? 0) + 1);
  }

  isKnown(table: string, id: unknown): id is number {
    return this.idsOf(table).has(id as number);
  }

  private idsOf(table: string): Set<number> {
    let ids = this.ids.get(table);
    if (!ids) this.ids.set(table, (ids = new Set()));
    return ids;
  }

  nextId(table: string): number {
    return (this.maxIds.get(table) ?? 0) + 1;
  }

  changed(row: FirstVersionRow, table: string, column: string, value: string | number | null): void {
    this.note(table, row.id, `${column} was ${display(row[column])}, is now ${display(value)}`);
  }

  note(table: string, id: number, sentence: string): void {
    this.decisions.push(`${table} ${id}: ${sentence}`);
  }
}

/** SQLite takes numbers in place of booleans. */
function withoutBooleans(row: object): object {
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => [
      column,
      typeof value === 'boolean' ? Number(value) : value,
    ]),
  );
}
