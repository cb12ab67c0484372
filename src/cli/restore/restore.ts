import { existsSync } from 'node:fs';
import type { CopyProgress } from '../../platform/database/sqlite-copy.js';
import type { DatabaseLocation } from '../../platform/config/database-url.js';
import { engineOf } from './file-format.js';
import { restorePostgres } from './restore-postgres.js';
import { restoreSqlite } from './restore-sqlite.js';

/**
 * Puts a backup in the place of the database, once it is known to be sound. All sessions end: among those of the backup
 * may be some that were ended since, because a device was lost or a password was changed.
 *
 * @returns the file in which the replaced database is kept; undefined on PostgreSQL, and where there was none
 * @throws with one line for the operator; then the database is as it was
 */
export async function restore(
  file: string,
  to: DatabaseLocation,
  progress: CopyProgress,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (!existsSync(file)) throw new Error(`There is no file ${file}.`);
  const engine = await engineOf(file);
  if (!engine) throw new Error(`${file} is no backup.`);
  if (engine !== to.engine) {
    throw new Error(
      `${file} is a backup of ${NAMES[engine]}, and DATABASE_URL names ${NAMES[to.engine]}: restore it where it comes from, then use npm run move-database.`,
    );
  }
  if (to.engine === 'sqlite') return restoreSqlite(file, to.file, progress, signal);
  await restorePostgres(file, to.url, signal);
  return undefined;
}

const NAMES = { sqlite: 'SQLite', postgres: 'PostgreSQL' };
