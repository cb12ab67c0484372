import { type DataSource, MigrationExecutor } from 'typeorm';
import { runInTransaction } from './transaction.js';

/**
 * Brings the schema up to date: every migration that has not run yet, in one transaction, one process at a time, so
 * that several may start at once.
 */
export async function migrate(dataSource: DataSource): Promise<void> {
  const runner = dataSource.createQueryRunner();
  try {
    const executor = new MigrationExecutor(dataSource, runner);
    executor.transaction = 'none';
    await runInTransaction(runner, () => executor.executePendingMigrations(), { exclusive: true });
  } finally {
    if (dataSource.options.type !== 'better-sqlite3') await runner.release();
  }
}
