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
import { FirstVersionImport } from './first-version-import.js';
import { FirstVersionTables } from './first-version-tables.js';

/** What became of a database of the first version. */
export interface Adoption {
  /** One sentence: how many rows of which table, and where the copy is. */
  summary: string;
  /** A sentence for each value that could not stay as it was, and for each table that was left out. */
  decisions: string[];
}

/**
 * Turns a file of the first version into one of this program, in place and in one transaction: SQLite's own lock lets one
 * process do it while others wait, and its own journal takes everything back when it never ends. Owner, links and mounts
 * of the file stay as they are. Beside it a copy is kept of how it was.
 *
 * @returns undefined when another process was faster
 */
export async function adoptFile(file: string): Promise<Adoption | undefined> {
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
    // Old rows may name rows that are not there, until the import has dealt with them.
    database.pragma('foreign_keys = off');
    // The first version kept refresh tokens in clear: what is dropped is overwritten.
    database.pragma('secure_delete = on');
    return await runInTransaction(dataSource.createQueryRunner(), async () => {
      if (contentOf(database).owner !== 'first version') return undefined;
      return withCopy(file, kept, () => adopt(dataSource.createQueryRunner(), database));
    });
  } catch (error) {
    // Where nothing has changed, the copy is one too many.
    if (contentOf(database).owner === 'first version') await rm(kept, { force: true });
    throw error;
  } finally {
    await dataSource.destroy();
  }
}

/** Copies the file as it is before the work, and gives the copy its name once the work is done. */
async function withCopy(file: string, kept: string, work: () => Promise<Adoption>): Promise<Adoption> {
  // Always the same folder, so that tries that were killed leave no more than one behind.
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

/** Does so within the transaction that is open. */
async function adopt(runner: QueryRunner, database: Database): Promise<Adoption> {
  const old = FirstVersionTables.renameAside(database);
  await runFirstMigration(runner);
  const rows = new FirstVersionImport(database, old);
  rows.run();
  // From here on it is any older database of this program: what the migrations do for those, they do for this one.
  await runPendingMigrations(runner);
  rows.finish();
  old.drop();
  verify(database);
  return { summary: rows.summary, decisions: rows.decisions };
}

/** Makes the tables that the rows go into. What a released migration makes never changes. */
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
