import { existsSync } from 'node:fs';
import { DataSource } from 'typeorm';
import {
  assertOwnMigrations,
  assertNotNewer,
  assertUpToDate,
} from '../../platform/database/migration-names.js';
import type { DatabaseLocation } from '../../platform/config/database-url.js';
import { readerOptions } from '../../platform/database/data-source-options.js';
import { Database } from '../../platform/database/database.js';

/**
 * Opens a database read-only, without running migrations. The program can keep running.
 *
 * @throws Error with one line for the operator when the database is missing, from another program or from another version
 */
export async function withReadOnlyDatabase<T>(
  location: DatabaseLocation,
  work: (database: Database, dataSource: DataSource) => Promise<T>,
): Promise<T> {
  if (location.engine === 'sqlite' && !existsSync(location.file)) {
    throw new Error(`There is no file ${location.file}.`);
  }
  const dataSource = await new DataSource(readerOptions(location)).initialize();
  try {
    await assertFit(dataSource, location.engine === 'sqlite' ? location.file : 'The database');
    const database = await Database.open(dataSource);
    return await work(database, dataSource).finally(() => database.close());
  } finally {
    await dataSource.destroy();
  }
}

async function assertFit(dataSource: DataSource, what: string): Promise<void> {
  const runner = dataSource.createQueryRunner();
  try {
    const hasMigrations = await runner.hasTable('migrations');
    const rows = hasMigrations
      ? ((await runner.query('select name from migrations')) as { name: string }[])
      : [];
    const names = rows.map(({ name }) => name);
    assertOwnMigrations(names, what);
    assertNotNewer(names, what);
    assertUpToDate(names, what);
  } finally {
    await runner.release();
  }
}
