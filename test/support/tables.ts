import { type Database } from '../../src/platform/database/database.js';
import { identifier } from '../../src/platform/database/sql.js';

type Row = Record<string, unknown>;

const TABLES = [
  'users',
  'sessions',
  'refresh_tokens',
  'categories',
  'items',
  'stock_entries',
  'stock_movements',
  'seedings',
  'login_throttles',
  'request_counts',
  'idempotency_keys',
];

/** Every row of every table, to compare what is there before with what is there after. */
export async function readTables(database: Database): Promise<Record<string, Row[]>> {
  const tables: Record<string, Row[]> = {};
  for (const table of TABLES) {
    tables[table] = await database.read<Row>`select * from ${identifier(table)} order by 1`;
  }
  return tables;
}
