import { type DataSource, MigrationExecutor, type QueryRunner } from 'typeorm';
import { liftTimeouts, lockExclusively, runInTransaction } from './transaction.js';

/**
 * Brings the schema up to date: every migration that has not run yet, in one transaction, one process at a time, so
 * that several may start at once.
 */
export async function migrate(dataSource: DataSource): Promise<void> {
  const runner = dataSource.createQueryRunner();
  try {
    await runInTransaction(runner, () => runPendingMigrations(runner));
  } finally {
    await runner.release();
  }
}

/** Does so within the transaction that is open on the runner. */
export async function runPendingMigrations(runner: QueryRunner): Promise<void> {
  await liftTimeouts(runner);
  await lockExclusively(runner);
  const executor = new MigrationExecutor(runner.dataSource, runner);
  executor.transaction = 'none';
  await executor.executePendingMigrations();
}
