import type { DataSourceOptions } from 'typeorm';
import type { DatabaseLocation, PostgresLocation } from '../config/database-url.js';
import { migrations } from './migrations/index.js';
import { postgresDriver, RESPONSE_TIMEOUT_MS } from './postgres-connection.js';
import { BUSY_TIMEOUT_MS, READ_ONLY } from './sqlite-reader.js';

/**
 * Connections a process opens to PostgreSQL at most. A statement takes about a millisecond, so ten keep a core busy;
 * more replicas then fit under the server's own limit (100 by default).
 */
export const POOL_SIZE = 10;

/** What PostgreSQL calls this program's connections. */
export const APPLICATION_NAME = 'stock-tracker';

/**
 * For a client of `pg` (https://node-postgres.com/apis/client), in milliseconds. Nothing waits for ever; for a server
 * that doesn't keep to these there is {@link postgresDriver}.
 */
const POSTGRES_TIMEOUTS = {
  // For a free connection of the pool: as long as whoever has one may wait for the server. Else a server that stalls for a few
  // seconds, but responds, would fail the requests in the queue and serve those in front of them.
  connectionTimeoutMillis: RESPONSE_TIMEOUT_MS,
  statement_timeout: 6_000,
  lock_timeout: 5_000,
  idle_in_transaction_session_timeout: 30_000,
  keepAlive: true,
  // Then one a second. After ten without a response the system closes the connection, also one that nobody uses.
  keepAliveInitialDelayMillis: 5_000,
};

interface SqliteConnection {
  pragma(statement: string): unknown;
}

/** Options of a data source that is connected to the server, or to the one of several that can be used. */
export function serverOptions(location: PostgresLocation) {
  return { type: 'postgres', url: location.url, driver: postgresDriver(location) } as const;
}

/** Options of the data source that migrates and writes; on PostgreSQL also of the pool that reads. */
export function writerOptions(location: DatabaseLocation): DataSourceOptions {
  if (location.engine === 'postgres') {
    return {
      ...serverOptions(location),
      parseInt8: true,
      applicationName: APPLICATION_NAME,
      poolSize: POOL_SIZE,
      extra: {
        ...POSTGRES_TIMEOUTS,
        // One connection is kept, however idle: whoever restores a backup sees that the program runs.
        min: 1,
        // Statements are sent before those in front of them are answered. Without it `pg` holds them back.
        pipeline: true,
      },
      migrations,
    };
  }
  return {
    type: 'better-sqlite3',
    database: location.file,
    timeout: BUSY_TIMEOUT_MS,
    enableWAL: true,
    // An answered write survives a power cut: every commit reaches the disk before the client hears of it.
    prepareDatabase: (connection: SqliteConnection) => void connection.pragma('synchronous = FULL'),
    migrations,
  };
}

/** Options of a data source for a work that only reads. It migrates nothing. */
export function readerOptions(location: DatabaseLocation): DataSourceOptions {
  if (location.engine === 'postgres') return writerOptions(location);
  return {
    type: 'better-sqlite3',
    database: location.file,
    fileMustExist: true,
    timeout: BUSY_TIMEOUT_MS,
    prepareDatabase: (connection: SqliteConnection) => void connection.pragma(READ_ONLY),
  };
}
