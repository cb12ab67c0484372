import { type DataSource, MigrationExecutor, type QueryRunner } from 'typeorm';
import { isOwnMigration } from './migration-names.js';
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
  await assertOwnDatabase(runner);
  const executor = new MigrationExecutor(runner.dataSource, runner);
  executor.transaction = 'none';
  await executor.executePendingMigrations();
}

/**
 * Keeps off a database that another program has filled: its tables may be called like ours.
 *
 * @throws Error before anything is changed
 */
async function assertOwnDatabase(runner: QueryRunner): Promise<void> {
  if (await runner.hasTable('migrations')) {
    const hasNames = await runner.hasColumn('migrations', 'name');
    const rows = hasNames ? ((await runner.query('select name from migrations')) as { name: string }[]) : [];
    if (rows.some(({ name }) => isOwnMigration(name))) return;
    if (!hasNames || rows.length > 0) {
      throw new Error('its table "migrations" is that of another program. Nothing was changed.');
    }
  }
  for (const { tableName } of runner.dataSource.entityMetadatas) {
    if (await runner.hasTable(tableName)) {
      throw new Error(`its table "${tableName}" is that of another program. Nothing was changed.`);
    }
  }
}
