import type { DataSourceOptions } from 'typeorm';
import type { DatabaseLocation } from '../config/database-url.js';
import { migrations } from './migrations/index.js';

/** How long a writer waits for another process before it gives up, in milliseconds. */
const BUSY_TIMEOUT = 5_000;

/** The pragmas that hold for every connection to an SQLite file. */
interface SqliteConnection {
  pragma(statement: string): unknown;
}

/** Options of the data source that writes and migrates; on PostgreSQL also of the pool that reads. */
export function writerOptions(location: DatabaseLocation): DataSourceOptions {
  if (location.engine === 'postgres') {
    return {
      type: 'postgres',
      url: location.url,
      parseInt8: true,
      applicationName: 'stock-tracker',
      migrations,
    };
  }
  return {
    type: 'better-sqlite3',
    database: location.file,
    timeout: BUSY_TIMEOUT,
    enableWAL: true,
    // An answered write survives a power cut: every commit reaches the disk before the client hears of it.
    prepareDatabase: (connection: SqliteConnection) => void connection.pragma('synchronous = FULL'),
    migrations,
  };
}

/** Options of the connection that reads an SQLite file, apart from the one that writes. */
export function sqliteReaderOptions(file: string): DataSourceOptions {
  return { type: 'better-sqlite3', database: file, timeout: BUSY_TIMEOUT, readonly: true };
}
