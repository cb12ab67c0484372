import type { DataSource } from 'typeorm';

/** There are two engines: what isn't SQLite is PostgreSQL. */
export function isSqlite({ options }: Pick<DataSource, 'options'>): boolean {
  return options.type === 'better-sqlite3';
}
