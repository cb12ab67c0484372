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
 * Restores a copy, after checking it. An existing database is first copied, and then overwritten by one SQLite transaction:
 * this keeps owner, mode and links, and the next start rolls it back if it was interrupted. A file that is not a database is
 * renamed.
 *
 * @returns the file with the replaced database; undefined when there was none
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
    await assertValidBackup(copy, file);
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

/** @throws Error unless the file is intact, from a known version of this program, and has exactly the schema of that version */
async function assertValidBackup(copy: string, file: string): Promise<void> {
  const schema = readFileSchema(copy, file);
  const ofMigrations = schema.filter(({ table }) => table === 'migrations');
  if (ofMigrations.length === 0) assertOwnMigrations([], file);
  // Checked before reading from it, because a view in its place could run forever.
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
    // Backups of older versions have no table for sessions.
    const isThere = database.prepare("select 1 from sqlite_master where name = 'sessions'").get();
    if (isThere) database.exec('delete from sessions');
  } finally {
    database.close();
  }
}

/**
 * Writes the write-ahead log to the database and removes it. SQLite allows this only when there is no other connection, not
 * even an idle one in another process.
 *
 * @throws Error when another process has the database open
 */
function checkpointAndCloseLog(file: string): void {
  const database = new Sqlite(file, { timeout: 1_000 });
  try {
    database.pragma('journal_mode = delete');
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    if (code === 'SQLITE_BUSY')
      throw new Error(`${file} is in use: stop the program first.`, { cause: error });
    throw new Error(`${file} can't be replaced, move it elsewhere first: ${message}`, { cause: error });
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
