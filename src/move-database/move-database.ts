import { existsSync } from 'node:fs';
import {
  DataSource,
  type DataSourceOptions,
  type EntityMetadata,
  getMetadataArgsStorage,
  type QueryRunner,
} from 'typeorm';
import type { DatabaseLocation } from '../config/database-url.js';
import { writerOptions } from '../database/data-source-options.js';
import { isSqlite } from '../database/engine.js';
import { runPendingMigrations } from '../database/migrate.js';
import { createForOwner } from '../database/sqlite-files.js';
import { liftTimeouts, runInTransaction } from '../database/transaction.js';
import { hasSequence, Side } from './side.js';

/** A move that can't be made. The message is one sentence for the operator. */
export class MoveRefused extends Error {}

export interface MovedTable {
  name: string;
  rows: number;
  /** SHA-256, in hexadecimal, the same on both sides. */
  checksum: string;
}

/** Hears how far the copying of a table is. */
export type Progress = (table: string, copied: number, total: number) => void;

/**
 * Copies all rows, with their ids and the ids to come, into an empty database, and compares both sides table by table.
 * The source is read in one snapshot and never written. All that happens on the target is one transaction, its schema
 * included: a move that fails or is stopped leaves nothing there.
 *
 * @throws MoveRefused when the source is not up to date or the target is not empty
 */
export async function moveDatabase(
  from: DatabaseLocation,
  to: DatabaseLocation,
  progress: Progress,
): Promise<MovedTable[]> {
  if (from.engine === 'sqlite' && !existsSync(from.file))
    throw new MoveRefused(`There is no file ${from.file}.`);
  return using(from, async (sourceRunner) => {
    if (await sourceRunner.dataSource.showMigrations()) {
      throw new MoveRefused('The source is not up to date: start the program on it once, then move it.');
    }
    return runInSnapshot(sourceRunner, () =>
      using(to, (targetRunner) =>
        runInTransaction(targetRunner, async () => {
          await runPendingMigrations(targetRunner);
          return copyTables(new Side(sourceRunner), new Side(targetRunner), tablesOf(targetRunner), progress);
        }),
      ),
    );
  });
}

async function copyTables(
  source: Side,
  target: Side,
  tables: EntityMetadata[],
  progress: Progress,
): Promise<MovedTable[]> {
  for (const table of tables) {
    if ((await target.count(table)) > 0) {
      throw new MoveRefused(`The target is not empty: ${table.tableName} has rows. Nothing was changed.`);
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

async function compare(source: Side, target: Side, table: EntityMetadata): Promise<MovedTable> {
  const rows = await source.count(table);
  const checksum = await source.checksum(table);
  if (rows !== (await target.count(table)) || checksum !== (await target.checksum(table))) {
    throw new Error(`${table.tableName} differs between the source and the target. Nothing was moved.`);
  }
  return { name: table.tableName, rows, checksum };
}

/** Every table of the program, those that others refer to first. */
function tablesOf(runner: QueryRunner): EntityMetadata[] {
  const sorted = new Set<EntityMetadata>();
  const add = (table: EntityMetadata): void => {
    for (const { referencedEntityMetadata } of table.foreignKeys) {
      if (referencedEntityMetadata !== table) add(referencedEntityMetadata);
    }
    sorted.add(table);
  };
  runner.dataSource.entityMetadatas.forEach(add);
  return [...sorted];
}

async function using<T>(location: DatabaseLocation, work: (runner: QueryRunner) => Promise<T>): Promise<T> {
  const entities = getMetadataArgsStorage().tables.map(({ target }) => target);
  const options = { ...writerOptions(location), entities } as DataSourceOptions;
  if (location.engine === 'sqlite') createForOwner(location.file);
  const dataSource = await new DataSource(options).initialize();
  try {
    return await work(dataSource.createQueryRunner());
  } finally {
    await dataSource.destroy();
  }
}

/** Reads the source as it is at one moment, while others go on writing to it. */
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
