import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { SettingsError } from '../config/settings-error.js';
import { databaseUnavailableOf, READ_ONLY_TRANSACTION } from './database-unavailable.js';
import { isSqlite } from './engine.js';
import { migrate } from './migrate.js';
import { assertUtf8 } from './postgres-encoding.js';
import { assertLedgerGuarded } from './schema/check-schema.js';
import { createForOwner, restrictToOwner } from './sqlite-files.js';
import { BUSY_TIMEOUT_MS } from './sqlite-reader.js';

const RETRY_DELAY_MS = 1_000;

/**
 * Connects, brings the schema up to date, and looks whether it is what it should be.
 *
 * @param waitSeconds how long to wait for a PostgreSQL server that isn't up yet, or can only be read, in seconds
 * @throws SettingsError when the file or the server that DATABASE_URL names can't be used, or has a ledger without guards
 */
export async function openDataSource(options: DataSourceOptions, waitSeconds = 0): Promise<DataSource> {
  const deadline = Date.now() + (isSqlite({ options }) ? BUSY_TIMEOUT_MS : waitSeconds * 1000);
  const logger = new Logger('Database');
  for (;;) {
    try {
      return await open(options);
    } catch (error) {
      const timeLeft = deadline - Date.now();
      if (!isWorthWaiting(error, options) || timeLeft <= 0) {
        throw new SettingsError(`DATABASE_URL names a database that can't be used: ${reasonOf(error)}`, {
          cause: error,
        });
      }
      logger.warn(`Waiting for the database, ${Math.ceil(timeLeft / 1000)} s at most: ${reasonOf(error)}`);
      await sleep(Math.min(RETRY_DELAY_MS, timeLeft));
    }
  }
}

async function open(options: DataSourceOptions): Promise<DataSource> {
  const file = options.type === 'better-sqlite3' ? options.database : undefined;
  if (file !== undefined) createForOwner(file);
  const dataSource = await new DataSource(options).initialize();
  try {
    if (file === undefined) {
      await assertWritable(dataSource);
      await assertUtf8(dataSource);
    }
    await migrate(dataSource);
    await assertLedgerGuarded(dataSource);
  } catch (error) {
    await dataSource.destroy();
    throw error;
  }
  if (file !== undefined) restrictToOwner(file);
  return dataSource;
}

/** A balancer may lead to a standby for a while, for example when it has just started itself. */
async function assertWritable(dataSource: DataSource): Promise<void> {
  const [row] = await dataSource.query<{ transaction_read_only: string }[]>('show transaction_read_only');
  if (row?.transaction_read_only === 'off') return;
  throw Object.assign(new Error('its server can only be read'), { code: READ_ONLY_TRANSACTION });
}

/**
 * A retry helps with a server that is away or is a standby, and with an SQLite file that another process is just creating:
 * SQLite does not wait when it turns on write-ahead logging.
 */
function isWorthWaiting(error: unknown, options: DataSourceOptions): boolean {
  if (!isSqlite({ options })) return databaseUnavailableOf(error) !== undefined;
  return (error as { code?: string }).code?.startsWith('SQLITE_BUSY') === true;
}

/** The message of an error, in one line. */
export function reasonOf(error: unknown): string {
  // A host name with several addresses fails once for each, under an error that says nothing itself.
  const [first] = error instanceof AggregateError ? (error.errors as unknown[]) : [error];
  return first instanceof Error ? first.message : String(first);
}
