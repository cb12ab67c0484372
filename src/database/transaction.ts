import type { QueryRunner } from 'typeorm';

/** Names the lock among PostgreSQL's advisory locks; any number will do as long as it stays the same. */
const EXCLUSIVE_LOCK = 7_226_310;

/**
 * Runs the work between `begin` and `commit` on the runner's connection, `rollback` when it throws.
 *
 * SQLite begins as a writer at once (`immediate`): a transaction that reads first and writes later would be refused
 * instead of waiting its turn when another process wrote in between.
 */
export async function runInTransaction<T>(
  runner: QueryRunner,
  work: () => Promise<T>,
  { exclusive }: { exclusive: boolean },
): Promise<T> {
  const isSqlite = runner.dataSource.options.type === 'better-sqlite3';
  await runner.query(isSqlite ? 'begin immediate' : 'begin');
  try {
    if (exclusive && !isSqlite) await runner.query('select pg_advisory_xact_lock($1)', [EXCLUSIVE_LOCK]);
    const result = await work();
    await runner.query('commit');
    return result;
  } catch (error) {
    // The engine may have rolled back already (a full disk, a lost connection); the first error is the one to report.
    await runner.query('rollback').catch(() => undefined);
    throw error;
  }
}
