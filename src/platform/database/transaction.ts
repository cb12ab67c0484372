import type { QueryRunner } from 'typeorm';
import { APPLICATION_NAME } from './data-source-options.js';
import { isSqlite } from './engine.js';
import type { PostgresConnection } from './postgres-connection.js';

/** Names the lock among PostgreSQL's advisory locks; any number will do as long as it stays the same. */
const EXCLUSIVE_LOCK = 7_226_310;

/**
 * Runs the work between `begin` and `commit` on the runner's connection, `rollback` when it throws.
 *
 * SQLite begins as a writer at once (`immediate`): a transaction that reads first and writes later would be refused
 * instead of waiting its turn when another process wrote in between.
 */
export async function runInTransaction<T>(runner: QueryRunner, work: () => Promise<T>): Promise<T> {
  await runner.query(isSqlite(runner.dataSource) ? 'begin immediate' : 'begin');
  try {
    const result = await work();
    await runner.query('commit');
    return result;
  } catch (error) {
    // The engine may have rolled back already (a full disk, a lost connection); the first error is the one to report.
    await runner.query('rollback').catch(() => undefined);
    throw error;
  }
}

/**
 * Keeps every other transaction that calls this waiting until the runner's own ends, in whatever process it is. On
 * SQLite the transaction has been alone since it began.
 */
export async function lockExclusively(runner: QueryRunner): Promise<void> {
  if (!isSqlite(runner.dataSource)) await lockPostgresExclusively(await connectionOf(runner));
}

export async function lockPostgresExclusively(connection: PostgresConnection): Promise<void> {
  await connection.query('select pg_advisory_xact_lock($1)', [EXCLUSIVE_LOCK]);
}

/**
 * Makes sure that no program serves from the runner's PostgreSQL database, and keeps those that start waiting until the
 * runner's transaction ends, as they would wait for the migrations of another.
 *
 * @throws Error when one does, or has just begun to start
 */
export async function assertUnused(runner: QueryRunner): Promise<void> {
  const [lock] = (await runner.query('select pg_try_advisory_xact_lock($1) as is_free', [
    EXCLUSIVE_LOCK,
  ])) as {
    is_free: boolean;
  }[];
  const programs = (await runner.query(
    'select from pg_stat_activity where datname = current_database() and application_name = $1',
    [APPLICATION_NAME],
  )) as unknown[];
  if (!lock?.is_free || programs.length > 0)
    throw new Error('The database is in use: stop the program first.');
}

/** Lets the runner's transaction take, and wait for, as long as it needs. */
export async function liftTimeouts(runner: QueryRunner): Promise<void> {
  if (!isSqlite(runner.dataSource)) await liftPostgresTimeouts(await connectionOf(runner));
}

export async function liftPostgresTimeouts(connection: PostgresConnection): Promise<void> {
  await connection.query('set local statement_timeout = 0');
  await connection.query('set local lock_timeout = 0');
  await connection.query('set local idle_in_transaction_session_timeout = 0');
  connection.disableTimeout();
}

async function connectionOf(runner: QueryRunner): Promise<PostgresConnection> {
  return (await runner.connect()) as PostgresConnection;
}
