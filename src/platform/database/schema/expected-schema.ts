import { randomBytes } from 'node:crypto';
import { DataSource, type DataSourceOptions, MigrationExecutor, type QueryRunner } from 'typeorm';
import { migrations } from '../migrations/index.js';
import { DATABASE_WIDE, POSTGRES_SCHEMA, type SchemaObject, SQLITE_SCHEMA } from './read-schema.js';

/**
 * What these migrations make on SQLite, found out by running them in memory.
 *
 * @param names of migrations that this program knows
 */
export async function expectedSqliteSchema(names: string[]): Promise<SchemaObject[]> {
  return usingMigrations({ type: 'better-sqlite3', database: ':memory:' }, names, async (runner) => {
    await runMigrations(runner);
    return (await runner.query(SQLITE_SCHEMA)) as SchemaObject[];
  });
}

/**
 * What these migrations make on PostgreSQL, found out by running them in a schema of their own, in a transaction that is rolled
 * back. The same server then writes both schemas down, in the words of its version.
 *
 * @param names of migrations that this program knows
 * @throws when the role may not create a schema
 */
export async function expectedPostgresSchema(
  options: DataSourceOptions,
  names: string[],
): Promise<SchemaObject[]> {
  const schema = `expected_${randomBytes(8).toString('hex')}`;
  // TypeORM looks for its own table there.
  const ownOptions = { ...options, schema } as DataSourceOptions;
  return usingMigrations(ownOptions, names, async (runner) => {
    await runner.query('begin');
    try {
      await runner.query(`create schema ${schema}`);
      await runner.query(
        `select set_config('search_path', '${schema}, ' || current_setting('search_path'), true)`,
      );
      await runMigrations(runner);
      const objects = (await runner.query(POSTGRES_SCHEMA)) as SchemaObject[];
      return objects.filter(({ kind }) => !DATABASE_WIDE.includes(kind));
    } finally {
      await runner.query('rollback');
    }
  });
}

async function usingMigrations<T>(
  options: DataSourceOptions,
  names: string[],
  work: (runner: QueryRunner) => Promise<T>,
): Promise<T> {
  const wanted = migrations.filter(({ name }) => names.includes(name));
  const dataSource = await new DataSource({
    ...options,
    migrations: wanted,
    logging: false,
  }).initialize();
  try {
    return await work(dataSource.createQueryRunner());
  } finally {
    await dataSource.destroy();
  }
}

async function runMigrations(runner: QueryRunner): Promise<void> {
  const executor = new MigrationExecutor(runner.dataSource, runner);
  executor.transaction = 'none';
  await executor.executePendingMigrations();
}
