import { open } from 'node:fs/promises';
import Sqlite from 'better-sqlite3';
import { type SchemaObject, SQLITE_SCHEMA } from './schema/read-schema.js';
import { openReader } from './sqlite-reader.js';

/** Hears how far a copy is, in per cent. */
export type CopyProgress = (percent: number) => void;

/** Pages between two looks at the progress and at the abort signal: 8 MB. */
const BATCH = 2_000;

/**
 * Copies a database that others may be writing to, as one snapshot, into a new file that only its owner may read
 * and that stands alone: without a write-ahead log.
 *
 * By itself, `backup()` starts again whenever another process has written, and so never ends beside a busy program. In a
 * read transaction it copies one snapshot and blocks no writer. `VACUUM INTO` does so as
 * well, but reports no progress, can't be stopped, and takes several times as long.
 */
export async function copyToNewFile(
  from: string,
  to: string,
  progress: CopyProgress,
  signal: AbortSignal,
): Promise<void> {
  try {
    await (await open(to, 'wx', 0o600)).close();
    const source = await openReader(from);
    try {
      source.exec('begin');
      source.prepare('select count(*) from sqlite_master').get();
      await copyPages(source, to, progress, signal);
    } finally {
      source.close();
    }
    const copy = new Sqlite(to);
    copy.pragma('journal_mode = delete');
    copy.close();
    await sync(to);
  } catch (error) {
    signal.throwIfAborted();
    throw copyError(error, `${from} can't be copied`);
  }
}

/**
 * Replaces the target's content in one transaction: until that ends, or when it never does, the old content is there.
 *
 * @returns whether it did: false when the source is empty or another process has the target locked
 */
export async function copyPages(
  source: Sqlite.Database,
  to: string,
  progress: CopyProgress,
  signal: AbortSignal,
): Promise<boolean> {
  const { totalPages } = await source.backup(to, {
    progress({ totalPages, remainingPages }) {
      signal.throwIfAborted();
      progress(100 * (1 - remainingPages / totalPages));
      return BATCH;
    },
  });
  return totalPages > 0;
}

/**
 * Reads all of a file that nobody writes to.
 *
 * @returns the names of the migrations that have run on it, none when it is not this program's
 * @throws when it is damaged
 */
export function verifyFile(file: string, what: string): string[] {
  const database = openUntrusted(file);
  try {
    const [first] = database.pragma('integrity_check(1)') as { integrity_check: string }[];
    if (first?.integrity_check !== 'ok') throw new Error(first?.integrity_check);
    const [orphan] = database.pragma('foreign_key_check') as { table: string; parent: string }[];
    if (orphan)
      throw new Error(`a row of ${orphan.table} refers to a row of ${orphan.parent} that is missing`);
    const hasMigrations = database.prepare(`select 1 from sqlite_master where name = 'migrations'`).get();
    return hasMigrations ? (database.prepare('select name from migrations').pluck().all() as string[]) : [];
  } catch (error) {
    throw copyError(error, `${what} is damaged`);
  } finally {
    database.close();
  }
}

/**
 * Reads the schema of a file and nothing else: none of what it says is carried out.
 *
 * @throws when it can't be read
 */
export function readFileSchema(file: string, what: string): SchemaObject[] {
  const database = openUntrusted(file);
  try {
    return database.prepare<[], SchemaObject>(SQLITE_SCHEMA).all();
  } catch (error) {
    throw copyError(error, `${what} is damaged`);
  } finally {
    database.close();
  }
}

/**
 * Opens a file that anybody may have made, as SQLite advises (https://www.sqlite.org/security.html): its views and constraints may
 * call nothing that has effects, and its pages are looked at before they are believed. better-sqlite3 has set the defensive flag.
 */
function openUntrusted(file: string): Sqlite.Database {
  const database = new Sqlite(file, { readonly: true });
  database.pragma('trusted_schema = off');
  database.pragma('cell_size_check = on');
  return database;
}

/** Waits until the file or folder is on the disk. */
export async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** @param what what went wrong; SQLite's reason is added */
function copyError(error: unknown, what: string): Error {
  const { message } = error as Error;
  return new Error(`${what}: ${message.split('\n')[0] ?? ''}`, { cause: error });
}
