import type { Database as Connection } from 'better-sqlite3';

/** How long a connection waits for another one that has the same SQLite file locked, in milliseconds. */
export const BUSY_TIMEOUT_MS = 5_000;

/**
 * What makes a connection one that only reads (https://www.sqlite.org/pragma.html#pragma_query_only). One that is opened with
 * `readonly` can't move the write-ahead log into the database: when it is the last one to close, all of the data stays in
 * the log, and the file by itself looks empty.
 */
export const READ_ONLY = 'query_only = on';

/** Opens an SQLite file that is there, to read from it. */
export async function openReader(file: string): Promise<Connection> {
  const { default: Sqlite } = await import('better-sqlite3');
  const connection = new Sqlite(file, { fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
  connection.pragma(READ_ONLY);
  return connection;
}
