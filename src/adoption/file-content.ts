import { existsSync, statSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { isOwnMigration } from '../platform/database/migration-names.js';
import { BUSY_TIMEOUT_MS } from '../platform/database/sqlite-reader.js';

/** Which program's data an SQLite file contains; `nobody` without a file or without tables. */
export type FileContent =
  { owner: 'nobody' | 'this program' | 'first version' } | { owner: 'another program'; tables: string[] };

/** A database of the first version has at least these tables and columns. Its later releases have more. */
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

/** What its later releases also have. */
export const CART_TABLES: Record<string, readonly string[]> = {
  carts: ['id', 'desk_number', 'status', 'created_by', 'updated_by', 'created_at', 'updated_at'],
  cart_items: [
    'id',
    'cart_id',
    'item_id',
    'quantity',
    'created_by',
    'updated_by',
    'created_at',
    'updated_at',
  ],
};
export const DAILY_ACCOUNT_TABLES: Record<string, readonly string[]> = {
  daily_accounts: [
    'id',
    'account_date',
    'subtotal',
    'discount_total',
    'tax_total',
    'total',
    'carts_count',
    'items_count',
    'is_closed',
    'closed_at',
    'closed_by',
    'created_by',
    'updated_by',
    'created_at',
    'updated_at',
  ],
  daily_account_items: [
    'id',
    'account_id',
    'item_id',
    'item_name',
    'sku',
    'quantity',
    'unit_price',
    'discount_rate',
    'tax_rate',
    'line_subtotal',
    'line_discount',
    'line_tax',
    'line_total',
    'created_at',
  ],
};

/**
 * Inspects an SQLite file without changing it or its journal mode.
 *
 * @throws the driver's error when the file can't be read, is locked or is not a database
 */
export async function inspectFile(file: string): Promise<FileContent> {
  if (!hasContent(file)) return { owner: 'nobody' };
  const { default: Sqlite } = await import('better-sqlite3');
  // With a write-ahead log, open read-only, because closing the last connection would write the log to the file. Without
  // one, don't, because a read-only connection would leave an empty log behind.
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
    // An empty migrations table is left when every migration was reverted.
    if (migrations.length === 0) tables = tables.filter((name) => name !== 'migrations');
  }
  if (tables.length === 0) return { owner: 'nobody' };
  return isFirstVersion(database) ? { owner: 'first version' } : { owner: 'another program', tables };
}

/** The message for a file of another program. */
export function describeForeign(file: string, tables: string[]): string {
  const listed = tables.slice(0, 5).join(', ');
  return `${file} contains tables of another program (${listed}${tables.length > 5 ? ', …' : ''}). Nothing was changed.`;
}

function isFirstVersion(database: Database): boolean {
  return Object.entries(FIRST_VERSION_TABLES).every(([table, columns]) => {
    const there = columnsOf(database, table);
    return columns.every((column) => there.includes(column));
  });
}

/** Returns the columns of a table; an empty array when there is no such table. */
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
