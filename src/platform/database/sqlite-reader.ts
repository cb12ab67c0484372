import type { Database as Connection } from 'better-sqlite3';

/** How long a connection waits while another one has the SQLite file locked. */
export const BUSY_TIMEOUT_MS = 5_000;

/**
 * Makes a connection read-only (https://www.sqlite.org/pragma.html#pragma_query_only). The option `readonly` would not do: when
 * such a connection is the last to close, it can't move the write-ahead log into the file, which then looks empty.
 */
export const READ_ONLY = 'query_only = on';

/** Opens an existing SQLite file for reading. */
export async function openReader(file: string): Promise<Connection> {
  const { default: Sqlite } = await import('better-sqlite3');
  const connection = new Sqlite(file, { fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
  connection.pragma(READ_ONLY);
  return connection;
}
