import { type DataSource, MigrationExecutor } from 'typeorm';
import { liftTimeouts, lockExclusively, runInTransaction } from './transaction.js';

/**
 * Brings the schema up to date: every migration that has not run yet, in one transaction, one process at a time, so
 * that several may start at once.
 */
export async function migrate(dataSource: DataSource): Promise<void> {
  const runner = dataSource.createQueryRunner();
  const executor = new MigrationExecutor(dataSource, runner);
  executor.transaction = 'none';
  try {
    await runInTransaction(runner, async () => {
      await liftTimeouts(runner);
      await lockExclusively(runner);
      await executor.executePendingMigrations();
    });
  } finally {
    if (dataSource.options.type === 'postgres') await runner.release();
  }
}
