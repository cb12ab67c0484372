import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { DataSource, MigrationExecutor, type QueryRunner } from 'typeorm';
import type { BetterSqlite3Driver } from 'typeorm/driver/better-sqlite3/BetterSqlite3Driver.js';
import { copyToNewFile, sync } from '../platform/database/sqlite-copy.js';
import { BUSY_TIMEOUT_MS } from '../platform/database/sqlite-reader.js';
import { runPendingMigrations } from '../platform/database/migrate.js';
import { migrations } from '../platform/database/migrations/index.js';
import { runInTransaction } from '../platform/database/transaction.js';
import { contentOf } from './file-content.js';
import type { ShopSettings } from './first-version-carts.js';
import { FirstVersionImport } from './first-version-import.js';
import { FirstVersionTables } from './first-version-tables.js';

/** The result of converting a database of the first version. */
export interface Adoption {
  /** One sentence with the number of rows per table and the path of the copy. */
  summary: string;
  /** One sentence per changed value and per skipped table. */
  decisions: string[];
}

/**
 * Converts a file of the first version, in place and in one transaction. SQLite's lock makes other processes wait, and its
 * journal restores the file if the process is killed. Working in place keeps the file's owner, links and mounts. A copy of the
 * original is kept next to it.
 *
 * @param settings say which day a sale belongs to, and whether prices contain the tax
 * @returns undefined when another process has already converted the file
 */
export async function adoptFile(file: string, settings: ShopSettings): Promise<Adoption | undefined> {
  const dataSource = await new DataSource({
    type: 'better-sqlite3',
    database: file,
    fileMustExist: true,
    timeout: BUSY_TIMEOUT_MS,
    migrations,
  }).initialize();
  const database = (dataSource.driver as BetterSqlite3Driver).databaseConnection as Database;
  const kept = `${file}.first-version-${new Date().toISOString().replace(/[-:]|\.\d+/g, '')}`;
  try {
    database.pragma('synchronous = full');
    // Old rows may refer to missing rows. The import repairs them, and `verify` checks the result.
    database.pragma('foreign_keys = off');
    // The first version stored refresh tokens in plain text, so deleted data must be overwritten.
    database.pragma('secure_delete = on');
    return await runInTransaction(dataSource.createQueryRunner(), async () => {
      if (contentOf(database).owner !== 'first version') return undefined;
      return withCopy(file, kept, () => adopt(dataSource.createQueryRunner(), database, settings));
    });
  } catch (error) {
    // The file is unchanged, so the copy is not needed.
    if (contentOf(database).owner === 'first version') await rm(kept, { force: true });
    throw error;
  } finally {
    await dataSource.destroy();
  }
}

/** Copies the file before the work. The copy gets its final name when the work is done. */
async function withCopy(file: string, kept: string, work: () => Promise<Adoption>): Promise<Adoption> {
  // Always the same folder, so that killed attempts leave at most one behind.
  const folder = `${file}.adopting`;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { mode: 0o700 });
  try {
    const copy = join(folder, basename(file));
    await copyToNewFile(file, copy, () => undefined, new AbortController().signal);
    const adoption = await work();
    await rename(copy, kept);
    await sync(dirname(file));
    return { ...adoption, summary: `${adoption.summary}. The file as it was is kept as ${kept}` };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Runs within the open transaction. */
async function adopt(runner: QueryRunner, database: Database, settings: ShopSettings): Promise<Adoption> {
  const old = FirstVersionTables.renameAside(database);
  await runFirstMigration(runner);
  const rows = new FirstVersionImport(database, old, settings);
  rows.run();
  // The file is now like any older database of this program, so the other migrations can run.
  await runPendingMigrations(runner);
  rows.finish();
  old.drop();
  verify(database);
  return { summary: rows.summary, decisions: rows.decisions };
}

/** Creates the tables to import into. A released migration never changes, so neither do they. */
async function runFirstMigration(runner: QueryRunner): Promise<void> {
  const executor = new MigrationExecutor(runner.dataSource, runner);
  const [first] = await executor.getPendingMigrations();
  if (first) await executor.executeMigration(first);
}

function verify(database: Database): void {
  const [damage] = database.pragma('integrity_check(1)') as { integrity_check: string }[];
  if (damage?.integrity_check !== 'ok') throw new Error(`It is damaged: ${damage?.integrity_check}`);
  const [orphan] = database.pragma('foreign_key_check') as { table: string; parent: string }[];
  if (orphan) throw new Error(`A row of ${orphan.table} refers to a row of ${orphan.parent} that is missing`);
}
