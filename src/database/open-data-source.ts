import type { DataSource, DataSourceOptions } from 'typeorm';
import { SettingsError } from '../config/settings-error.js';
import { connect } from './connect.js';
import { migrate } from './migrate.js';

/**
 * Connects, and brings the schema up to date.
 *
 * @throws SettingsError when the file or the server that DATABASE_URL names can't be used.
 */
export async function openDataSource(options: DataSourceOptions): Promise<DataSource> {
  try {
    const dataSource = await connect(options);
    await migrate(dataSource);
    return dataSource;
  } catch (error) {
    throw new SettingsError(`DATABASE_URL names a database that can't be used: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

function reasonOf(error: unknown): string {
  // A host name with several addresses fails once for each, under an error that says nothing itself.
  const [first] = error instanceof AggregateError ? (error.errors as unknown[]) : [error];
  return first instanceof Error ? first.message : String(first);
}
