import { existsSync } from 'node:fs';
import type { Database as Connection } from 'better-sqlite3';
import {
  DataSource,
  type DataSourceOptions,
  type EntityMetadata,
  getMetadataArgsStorage,
  type QueryRunner,
} from 'typeorm';
import { describeForeign, type FileContent, inspectFile } from '../../adoption/file-content.js';
import type { DatabaseLocation } from '../../platform/config/database-url.js';
import { writerOptions } from '../../platform/database/data-source-options.js';
import { isSqlite } from '../../platform/database/engine.js';
import {
  assertNoDifferences,
  expectedSchema,
  findSchemaDifferences,
  readSchema,
} from '../../platform/database/schema/check-schema.js';
import { compareSchemas } from '../../platform/database/schema/compare-schemas.js';
import { runPendingMigrations } from '../../platform/database/migrate.js';
import { assertOwnSession } from '../../platform/database/own-session.js';
import { assertUtf8 } from '../../platform/database/postgres-encoding.js';
import { createForOwner } from '../../platform/database/sqlite-files.js';
import { assertUnused, liftTimeouts, runInTransaction } from '../../platform/database/transaction.js';
import { hasSequence, MoveEndpoint } from './move-endpoint.js';

/** Distinguishes the connections of a move from those of a running program. */
const APPLICATION_NAME = 'stock-tracker move-database';

/** How long a move waits for a process that has the SQLite file locked. */
const LOCK_TIMEOUT_MS = 1_000;

/** A move that is not possible. The message is one sentence for the operator. */
export class MoveDatabaseError extends Error {}

export interface MovedTable {
  name: string;
  rows: number;
  /** SHA-256 in hexadecimal, the same in source and target. */
  checksum: string;
}

/** Called with the progress of each table. */
export type Progress = (table: string, copied: number, total: number) => void;

/**
 * Copies all rows and the next ids to an empty database, and compares source and target table by table. Never writes to the
 * source. The program must not run on either database during the move, because its changes would be lost. The target is
 * written in one transaction, including its schema, so a failed or stopped move leaves nothing behind.
 *
 * @throws MoveDatabaseError when the source is not up to date, the target is not empty, or a program uses one of them
 * @throws Error when the schema of one of them differs from what the migrations create
 */
export async function moveDatabase(
  from: DatabaseLocation,
  to: DatabaseLocation,
  progress: Progress,
): Promise<MovedTable[]> {
  if (from.engine === 'sqlite' && !existsSync(from.file))
    throw new MoveDatabaseError(`There is no file ${from.file}.`);
  return withRunner(from, async (sourceRunner) => {
    if (await sourceRunner.dataSource.showMigrations()) {
      throw new MoveDatabaseError(
        'The source is not up to date: start the program on it once, then move it.',
      );
    }
    assertNoDifferences(await findSchemaDifferences(sourceRunner.dataSource), 'The source');
    return runExclusively(sourceRunner, () =>
      withRunner(to, async (targetRunner) => {
        // Before the transaction, which would block the other connection that creates the expected schema.
        const expected = await expectedSchema(targetRunner.dataSource);
        return runInTransaction(targetRunner, async () => {
          if (to.engine === 'postgres') await assertUnused(targetRunner);
          await runPendingMigrations(targetRunner);
          assertNoDifferences(compareSchemas(await readSchema(targetRunner), expected), 'The target');
          return copyTables(
            new MoveEndpoint(sourceRunner),
            new MoveEndpoint(targetRunner),
            tablesOf(targetRunner),
            progress,
          );
        });
      }),
    );
  });
}

async function copyTables(
  source: MoveEndpoint,
  target: MoveEndpoint,
  tables: EntityMetadata[],
  progress: Progress,
): Promise<MovedTable[]> {
  for (const table of tables) {
    if ((await target.count(table)) > 0) {
      throw new MoveDatabaseError(
        `The target is not empty: ${table.tableName} has rows. Nothing was changed.`,
      );
    }
  }
  const moved: MovedTable[] = [];
  for (const table of tables) {
    const total = await source.count(table);
    let copied = 0;
    for await (const rows of source.batches(table)) {
      await target.insert(table, rows);
      copied += rows.length;
      progress(table.tableName, copied, total);
    }
    if (hasSequence(table)) await target.setNextId(table, await source.nextId(table));
    moved.push(await compare(source, target, table));
  }
  return moved;
}

async function compare(
  source: MoveEndpoint,
  target: MoveEndpoint,
  table: EntityMetadata,
): Promise<MovedTable> {
  const rows = await source.count(table);
  const checksum = await source.checksum(table);
  if (rows !== (await target.count(table)) || checksum !== (await target.checksum(table))) {
    throw new Error(`${table.tableName} differs between the source and the target. Nothing was moved.`);
  }
  return { name: table.tableName, rows, checksum };
}

/**
 * All tables, sorted so that referenced tables come first. Prices come before their items: a trigger adds a first price for an
 * item that has none.
 */
function tablesOf(runner: QueryRunner): EntityMetadata[] {
  const sorted = new Set<EntityMetadata>();
  const add = (table: EntityMetadata): void => {
    for (const { referencedEntityMetadata } of table.foreignKeys) {
      if (referencedEntityMetadata !== table) add(referencedEntityMetadata);
    }
    sorted.add(table);
  };
  const tables = runner.dataSource.entityMetadatas;
  tables.filter(({ tableName }) => tableName === 'item_prices').forEach(add);
  tables.forEach(add);
  return [...sorted];
}

async function withRunner<T>(
  location: DatabaseLocation,
  work: (runner: QueryRunner) => Promise<T>,
): Promise<T> {
  const dataSource = await (location.engine === 'sqlite' ? openLocked(location) : openServer(location));
  try {
    return await work(dataSource.createQueryRunner());
  } finally {
    await dataSource.destroy();
  }
}

/**
 * Opens an SQLite file with an exclusive lock, which fails when another process has it open. Checks the content first, because
 * opening the file of another program would change its journal mode.
 */
async function openLocked(location: DatabaseLocation & { engine: 'sqlite' }): Promise<DataSource> {
  createForOwner(location.file);
  let connection: Connection | undefined;
  try {
    assertOwn(location.file, await inspectFile(location.file));
    return await new DataSource({
      ...writerOptions(location),
      entities: entities(),
      timeout: LOCK_TIMEOUT_MS,
      prepareDatabase: (opened: Connection) => {
        connection = opened;
        opened.pragma('locking_mode = exclusive');
      },
    } as DataSourceOptions).initialize();
  } catch (error) {
    connection?.close();
    if ((error as { code?: string }).code !== 'SQLITE_BUSY') throw error;
    throw new MoveDatabaseError(`${location.file} is in use: stop the program first.`, { cause: error });
  }
}

/** @throws MoveDatabaseError when the file belongs to another program or to the first version */
function assertOwn(file: string, content: FileContent): void {
  if (content.owner === 'another program') throw new MoveDatabaseError(describeForeign(file, content.tables));
  if (content.owner !== 'first version') return;
  throw new MoveDatabaseError(
    `${file} is a database of the first version: start the program on it once. Nothing was changed.`,
  );
}

async function openServer(location: DatabaseLocation & { engine: 'postgres' }): Promise<DataSource> {
  const dataSource = await new DataSource({
    ...writerOptions(location),
    entities: entities(),
    applicationName: APPLICATION_NAME,
  } as DataSourceOptions).initialize();
  try {
    await assertOwnSession(dataSource);
    await assertUtf8(dataSource);
    return dataSource;
  } catch (error) {
    await dataSource.destroy();
    throw error;
  }
}

function entities(): EntityMetadata['target'][] {
  return getMetadataArgsStorage().tables.map(({ target }) => target);
}

/** Blocks other processes from the source during the work: on PostgreSQL by a lock in a connection of its own. */
async function runExclusively<T>(runner: QueryRunner, work: () => Promise<T>): Promise<T> {
  if (isSqlite(runner.dataSource)) return runInSnapshot(runner, work);
  const guard = runner.dataSource.createQueryRunner();
  try {
    return await runInTransaction(guard, async () => {
      await liftTimeouts(guard);
      await assertUnused(guard);
      return runInSnapshot(runner, work);
    });
  } finally {
    await guard.release();
  }
}

/** Runs the work in a read snapshot of the source. */
async function runInSnapshot<T>(runner: QueryRunner, work: () => Promise<T>): Promise<T> {
  const begin = isSqlite(runner.dataSource) ? 'begin' : 'begin isolation level repeatable read read only';
  await runner.query(begin);
  await liftTimeouts(runner);
  try {
    return await work();
  } finally {
    await runner.query('rollback').catch(() => undefined);
  }
}
