import { existsSync, statSync } from 'node:fs';
import { chmod, mkdtemp, realpath, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DataSource } from 'typeorm';
import type { DatabaseLocation, PostgresLocation } from '../../platform/config/database-url.js';
import { serverOptions } from '../../platform/database/data-source-options.js';
import { SIDECAR_SUFFIXES } from '../../platform/database/sqlite-files.js';
import type { CopyProgress } from '../../platform/database/sqlite-copy.js';
import { assertOwnSession } from '../../platform/database/own-session.js';
import { assertOwnMigrations } from '../../platform/database/migration-names.js';
import { PostgresTools } from '../postgres-tools.js';
import { copyToNewFile, sync, verifyFile } from '../../platform/database/sqlite-copy.js';

/**
 * Writes a consistent copy of a database to a file that only its owner may read, while the program keeps running: an SQLite
 * file, or a dump in PostgreSQL's custom format. The copy is written to a folder next to the file, verified, and then moved
 * to its place. When killed, only that folder is left behind.
 *
 * @param overwrite whether to replace an existing file
 * @throws Error with one line for the operator; an existing file is then unchanged
 */
export async function backUp(
  from: DatabaseLocation,
  file: string,
  overwrite: boolean,
  progress: CopyProgress,
  signal: AbortSignal,
): Promise<void> {
  await assertUsable(file, overwrite, from);
  const folder = await mkdtemp(`${file}.partial-`);
  try {
    const copy = join(folder, basename(file));
    await (from.engine === 'sqlite' ? copySqlite(from.file) : dumpPostgres(from))(copy, progress, signal);
    await sync(copy);
    signal.throwIfAborted();
    await assertUsable(file, overwrite, from);
    await rename(copy, file);
    await sync(dirname(file));
  } finally {
    await rm(folder, { recursive: true });
  }
}

type Copy = (to: string, progress: CopyProgress, signal: AbortSignal) => Promise<void>;

function copySqlite(file: string): Copy {
  return async (to, progress, signal) => {
    if (!existsSync(file)) throw new Error(`There is no file ${file}.`);
    await copyToNewFile(file, to, progress, signal);
    assertOwnMigrations(verifyFile(to, file), file);
  };
}

function dumpPostgres(from: PostgresLocation): Copy {
  return async (to, _progress, signal) => {
    const tools = new PostgresTools(from, signal);
    const dataSource = await new DataSource(serverOptions(from)).initialize();
    try {
      await assertOwnSession(dataSource);
      await tools.assertFit(dataSource, 'pg_dump', 'pg_restore');
    } finally {
      await dataSource.destroy();
    }
    await tools.dump(to);
    await chmod(to, 0o600);
    assertOwnMigrations(await tools.verify(to), 'The database');
  };
}

async function assertUsable(file: string, overwrite: boolean, from: DatabaseLocation): Promise<void> {
  const folder = dirname(file);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new Error(`There is no folder ${folder}.`);
  if (!existsSync(file)) return;
  if (!overwrite) throw new Error(`There is a file ${file} already: --force replaces it.`);
  if (!statSync(file).isFile()) throw new Error(`${file} is not a file.`);
  if (from.engine === 'sqlite' && existsSync(from.file)) {
    const [own, given] = await Promise.all([realpath(from.file), realpath(file)]);
    const isOwn = ['', ...SIDECAR_SUFFIXES].some((end) => given === own + end);
    if (isOwn) throw new Error(`${file} is the database itself.`);
  }
}
