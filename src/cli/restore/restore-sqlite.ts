import { existsSync, mkdirSync } from 'node:fs';
import { copyFile, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import Sqlite from 'better-sqlite3';
import type { CopyProgress } from '../../platform/database/sqlite-copy.js';
import { assertOwnMigrations, assertNotNewer } from '../../platform/database/migration-names.js';
import {
  copyPages,
  copyToNewFile,
  readFileSchema,
  sync,
  verifyFile,
} from '../../platform/database/sqlite-copy.js';
import { assertNoDifferences } from '../../platform/database/schema/check-schema.js';
import { compareSchemas } from '../../platform/database/schema/compare-schemas.js';
import { expectedSqliteSchema } from '../../platform/database/schema/expected-schema.js';
import { SIDECAR_SUFFIXES, restrictToOwner } from '../../platform/database/sqlite-files.js';
import { engineOf } from './file-format.js';

/**
 * Restores a copy, checked before the database is touched. A database that is there is overwritten by one transaction of
 * SQLite's own, which leaves owner, mode and every link as they were, and which the next start takes back when it never
 * ends. Before that, it is copied. What is no database is moved aside.
 *
 * @returns the file in which the replaced database is kept; undefined where there was none
 */
export async function restoreSqlite(
  file: string,
  target: string,
  progress: CopyProgress,
  signal: AbortSignal,
): Promise<string | undefined> {
  mkdirSync(dirname(target), { recursive: true });
  const folder = await mkdtemp(`${target}.restoring-`);
  try {
    const copy = join(folder, 'restored.db');
    await copyToNewFile(file, copy, progress, signal);
    await assertSound(copy, file);
    endSessions(copy);
    signal.throwIfAborted();
    const kept = `${target}.replaced-${new Date().toISOString().replace(/[-:]|\.\d+/g, '')}`;
    const isThere = existsSync(target);
    if (isThere && (await engineOf(target)) === 'sqlite') {
      restrictToOwner(target);
      checkpointAndCloseLog(target);
      const old = join(folder, 'replaced.db');
      await copyFile(target, old);
      await sync(old);
      await rename(old, kept);
      await sync(dirname(target));
      await overwrite(target, copy, progress, signal);
    } else {
      for (const end of ['', ...SIDECAR_SUFFIXES]) {
        if (existsSync(target + end)) await rename(target + end, kept + end);
      }
      await rename(copy, target);
      await sync(dirname(target));
    }
    return isThere ? kept : undefined;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** @throws unless the file is whole, of a version of this program that is known, and has just what that one makes */
async function assertSound(copy: string, file: string): Promise<void> {
  const schema = readFileSchema(copy, file);
  const ofMigrations = schema.filter(({ table }) => table === 'migrations');
  if (ofMigrations.length === 0) assertOwnMigrations([], file);
  // The names are read from a table that is just that, and no view that never ends.
  assertNoDifferences(compareSchemas(ofMigrations, await expectedSqliteSchema([])), file);
  const names = verifyFile(copy, file);
  assertOwnMigrations(names, file);
  assertNotNewer(names, file);
  assertNoDifferences(compareSchemas(schema, await expectedSqliteSchema(names)), file);
}

function endSessions(file: string): void {
  const database = new Sqlite(file);
  try {
    database.exec('delete from refresh_tokens');
    // A backup of an older version has no sessions beside its tokens.
    const isThere = database.prepare("select 1 from sqlite_master where name = 'sessions'").get();
    if (isThere) database.exec('delete from sessions');
  } finally {
    database.close();
  }
}

/**
 * Writes what is left in the write-ahead log to the database and removes the log. SQLite does that for the only
 * connection there is: another one, idle or not, in whatever process, stands in its way.
 *
 * @throws when another process has the database open
 */
function checkpointAndCloseLog(file: string): void {
  const database = new Sqlite(file, { timeout: 1_000 });
  try {
    database.pragma('journal_mode = delete');
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    if (code === 'SQLITE_BUSY')
      throw new Error(`${file} is in use: stop the program first.`, { cause: error });
    throw new Error(`${file} can't be replaced, move it away first: ${message}`, { cause: error });
  } finally {
    database.close();
  }
}

async function overwrite(
  target: string,
  copy: string,
  progress: CopyProgress,
  signal: AbortSignal,
): Promise<void> {
  const source = new Sqlite(copy, { readonly: true });
  try {
    if (await copyPages(source, target, progress, signal)) return;
    throw new Error(`${target} is in use: stop the program first.`);
  } finally {
    source.close();
  }
}
