import { existsSync, statSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { isOwnMigration } from '../platform/database/migration-names.js';
import { BUSY_TIMEOUT_MS } from '../platform/database/sqlite-reader.js';

/** Whose data an SQLite file holds; nobody's when there is no file, or no table in it. */
export type FileContent =
  { owner: 'nobody' | 'this program' | 'first version' } | { owner: 'another program'; tables: string[] };

/** Tables and columns by which a database of the first version is known. Its later versions have more of both. */
export const FIRST_VERSION_TABLES: Record<string, readonly string[]> = {
  users: [
    'id',
    'email',
    'username',
    'full_name',
    'hashed_password',
    'role',
    'is_active',
    'is_deleted',
    'deleted_at',
    'created_at',
    'updated_at',
  ],
  refresh_tokens: ['id', 'user_id', 'token', 'expires_at', 'revoked', 'created_at'],
  categories: ['id', 'name', 'description', 'created_by', 'updated_by', 'created_at', 'updated_at'],
  items: [
    'id',
    'category_id',
    'name',
    'description',
    'sku',
    'barcode',
    'image_url',
    'unit_price',
    'unit_type',
    'tax_rate',
    'discount_rate',
    'created_by',
    'updated_by',
    'created_at',
    'updated_at',
  ],
  stock_entries: ['id', 'item_id', 'quantity', 'created_by', 'updated_by', 'created_at', 'updated_at'],
};

/**
 * Looks into an SQLite file and leaves it as it is, journal mode included.
 *
 * @throws the driver's error when it can't be read, is locked, or is no database
 */
export async function inspectFile(file: string): Promise<FileContent> {
  if (!hasContent(file)) return { owner: 'nobody' };
  const { default: Sqlite } = await import('better-sqlite3');
  // The last connection to close would move a write-ahead log that holds something into the file. A read-only one does not,
  // but leaves an empty log behind where there was none.
  const readonly = hasContent(`${file}-wal`);
  const database = new Sqlite(file, { readonly, fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
  try {
    return contentOf(database);
  } finally {
    database.close();
  }
}

export function contentOf(database: Database): FileContent {
  let tables = namesOf(database, `name not like 'sqlite#_%' escape '#'`);
  if (columnsOf(database, 'migrations').includes('name')) {
    const migrations = database.prepare('select name from migrations').pluck().all() as string[];
    if (migrations.some(isOwnMigration)) return { owner: 'this program' };
    // What is left of this program when every migration has been undone.
    if (migrations.length === 0) tables = tables.filter((name) => name !== 'migrations');
  }
  if (tables.length === 0) return { owner: 'nobody' };
  return isFirstVersion(database) ? { owner: 'first version' } : { owner: 'another program', tables };
}

/** One sentence for the operator on a file of another program, which was left alone. */
export function describeForeign(file: string, tables: string[]): string {
  const listed = tables.slice(0, 5).join(', ');
  return `${file} holds what another program has made (${listed}${tables.length > 5 ? ', …' : ''}). Nothing was changed.`;
}

function isFirstVersion(database: Database): boolean {
  return Object.entries(FIRST_VERSION_TABLES).every(([table, columns]) => {
    const there = columnsOf(database, table);
    return columns.every((column) => there.includes(column));
  });
}

/** Of a table; none when it is not there. */
export function columnsOf(database: Database, table: string): string[] {
  return database.prepare('select name from pragma_table_info(?)').pluck().all(table) as string[];
}

export function namesOf(database: Database, condition: string): string[] {
  return database
    .prepare(`select name from sqlite_master where ${condition} order by name`)
    .pluck()
    .all() as string[];
}

function hasContent(file: string): boolean {
  return existsSync(file) && statSync(file).size > 0;
}
