import { createHash } from 'node:crypto';
import { Logger } from '@nestjs/common';
import type { DataSource, QueryRunner } from 'typeorm';
import { isSqlite } from '../engine.js';
import { migrations, POSTGRES_FINGERPRINT } from '../migrations/index.js';
import { canonicalText, compareSchemas, type SchemaDifference } from './compare-schemas.js';
import { expectedPostgresSchema, expectedSqliteSchema } from './expected-schema.js';
import { POSTGRES_SCHEMA, type SchemaObject, SQLITE_SCHEMA } from './read-schema.js';

/** Differences that a message names; of more it says how many. */
const MAX_LISTED = 3;

/** SQLSTATE of what a role may not do. */
const INSUFFICIENT_PRIVILEGE = '42501';

/**
 * How a database that is up to date differs from what the migrations make.
 *
 * SQLite runs them in memory. On PostgreSQL that takes long, and happens only when the schema is not, to the letter, the one whose
 * fingerprint is known.
 */
export async function findSchemaDifferences(dataSource: DataSource): Promise<SchemaDifference[]> {
  const runner = dataSource.createQueryRunner();
  const actual = await readSchema(runner).finally(() => runner.release());
  if (!isSqlite(dataSource) && fingerprintOf(actual) === POSTGRES_FINGERPRINT) return [];
  return compareSchemas(actual, await expectedSchema(dataSource));
}

/** What is there, as the runner's connection and transaction see it. */
export async function readSchema(runner: QueryRunner): Promise<SchemaObject[]> {
  return (await runner.query(
    isSqlite(runner.dataSource) ? SQLITE_SCHEMA : POSTGRES_SCHEMA,
  )) as SchemaObject[];
}

/** What the migrations make, all of them unless some are named, on an engine and a server like this one. */
export function expectedSchema(
  dataSource: DataSource,
  names = migrations.map(({ name }) => name),
): Promise<SchemaObject[]> {
  return isSqlite(dataSource)
    ? expectedSqliteSchema(names)
    : expectedPostgresSchema(dataSource.options, names);
}

/** SHA-256, in hexadecimal. */
export function fingerprintOf(schema: SchemaObject[]): string {
  return createHash('sha256').update(canonicalText(schema)).digest('hex');
}

/**
 * For a start: warns of what differs. A database that a newer version has changed is not checked: only that version knows its schema.
 *
 * @throws when the ledger has lost one of its guards
 */
export async function assertLedgerGuarded(dataSource: DataSource): Promise<void> {
  const rows = await dataSource.query<{ name: string }[]>('select name from migrations');
  const known = new Set(migrations.map(({ name }) => name));
  if (rows.some(({ name }) => !known.has(name))) return;
  const logger = new Logger('Database');
  let differences: SchemaDifference[];
  try {
    differences = await findSchemaDifferences(dataSource);
  } catch (error) {
    if ((error as { code?: string }).code !== INSUFFICIENT_PRIVILEGE) throw error;
    logger.warn(
      `The schema could not be compared with what the migrations make: ${(error as Error).message}`,
    );
    return;
  }
  const guards = differences.filter(({ isGuard }) => isGuard);
  if (guards.length > 0) throw new Error(`its ledger is not guarded: ${listOf(guards)}`);
  if (differences.length > 0) {
    logger.warn(`The schema is not as the migrations make it: ${listOf(differences)}`);
  }
}

/** @throws with one line that names the first differences; harmless ones are none */
export function assertNoDifferences(differences: SchemaDifference[], what: string): void {
  const found = differences.filter(({ isHarmless }) => !isHarmless);
  if (found.length > 0) throw new Error(`${what} is not as this program makes it: ${listOf(found)}.`);
}

/** The first few, in one line. */
export function listOf(differences: SchemaDifference[]): string {
  const first = differences.slice(0, MAX_LISTED).map(({ text }) => text);
  const more = differences.length - first.length;
  return [...first, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}
