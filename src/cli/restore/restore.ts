import { existsSync } from 'node:fs';
import type { CopyProgress } from '../../platform/database/sqlite-copy.js';
import type { DatabaseLocation } from '../../platform/config/database-url.js';
import { engineOf } from './file-format.js';
import { restorePostgres } from './restore-postgres.js';
import { restoreSqlite } from './restore-sqlite.js';

/**
 * Replaces the database by a backup, after checking the backup. Ends all sessions, because the backup may contain some that
 * were revoked since, for example after a device was lost.
 *
 * @returns the file with the replaced database; undefined on PostgreSQL and when there was none
 * @throws Error with one line for the operator; the database is then unchanged
 */
export async function restore(
  file: string,
  to: DatabaseLocation,
  progress: CopyProgress,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (!existsSync(file)) throw new Error(`There is no file ${file}.`);
  const engine = await engineOf(file);
  if (!engine) throw new Error(`${file} is not a backup.`);
  if (engine !== to.engine) {
    throw new Error(
      `${file} is a backup of ${NAMES[engine]}, and DATABASE_URL names ${NAMES[to.engine]}: restore it where it comes from, then use npm run move-database.`,
    );
  }
  if (to.engine === 'sqlite') return restoreSqlite(file, to.file, progress, signal);
  await restorePostgres(file, to, signal);
  return undefined;
}

const NAMES = { sqlite: 'SQLite', postgres: 'PostgreSQL' };
