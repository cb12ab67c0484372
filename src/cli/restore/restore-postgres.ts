import { DataSource } from 'typeorm';
import type { PostgresLocation } from '../../platform/config/database-url.js';
import { serverOptions } from '../../platform/database/data-source-options.js';
import { assertOwnMigrations, assertNotNewer } from '../../platform/database/migration-names.js';
import { PostgresTools } from '../postgres-tools.js';
import { assertOwnSession } from '../../platform/database/own-session.js';
import { assertUtf8 } from '../../platform/database/postgres-encoding.js';
import { assertNoDifferences } from '../../platform/database/schema/check-schema.js';
import { compareSchemas } from '../../platform/database/schema/compare-schemas.js';
import { expectedPostgresSchema } from '../../platform/database/schema/expected-schema.js';
import {
  DATABASE_WIDE,
  POSTGRES_SCHEMA,
  type SchemaObject,
} from '../../platform/database/schema/read-schema.js';
import { assertUnused, runInTransaction } from '../../platform/database/transaction.js';

/** Relations in the schema `public`, except those that belong to an extension. */
const OWN_RELATIONS = `
  from pg_class c
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'S')
    and not exists (select from pg_depend d where d.objid = c.oid and d.deptype in ('e', 'i', 'a'))`;

/**
 * Runs before the dump, in its transaction. Drops tables and functions of newer versions too, so that a backup can be restored
 * after a failed upgrade.
 */
const BEFORE = `
  begin;
  set local lock_timeout = '5s';
  do $$
  declare relation record;
  begin
    for relation in
      select relname as name, case relkind when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence'
        else 'table' end as kind ${OWN_RELATIONS}
    loop
      execute format('drop %s if exists public.%I cascade', relation.kind, relation.name);
    end loop;
    for relation in
      select p.oid::regprocedure as signature from pg_proc p
      where p.pronamespace = 'public'::regnamespace
        and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
    loop
      execute format('drop function if exists %s cascade', relation.signature);
    end loop;
  end $$;
  create extension if not exists pg_trgm schema public;
`;

/** Prints the restored schema as one line of JSON, before any of its triggers or functions run. */
const CHECK = `
  set local search_path = public;
  select json_agg(found) from (${POSTGRES_SCHEMA}) found;
`;

/** Commits the restore. */
const AFTER = `
  delete from public.refresh_tokens;
  do $$
  begin
    -- A backup of an older version has no sessions beside its tokens.
    if to_regclass('public.sessions') is not null then delete from public.sessions; end if;
  end $$;
  commit;
`;

/**
 * Restores a dump in one transaction, so that the database is unchanged if anything fails. A program that starts meanwhile
 * waits, as it would for another process's migrations.
 */
export async function restorePostgres(
  file: string,
  to: PostgresLocation,
  signal: AbortSignal,
): Promise<void> {
  const tools = new PostgresTools(to, signal);
  const dataSource = await new DataSource(serverOptions(to)).initialize();
  try {
    await assertOwnSession(dataSource);
    await tools.assertFit(dataSource, 'pg_restore', 'psql');
    const names = await tools.verify(file);
    assertOwnMigrations(names, file);
    assertNotNewer(names, file);
    await assertUtf8(dataSource);
    await assertOwnTarget(dataSource);
    const expected = await expectedPostgresSchema(dataSource.options, names);
    const runner = dataSource.createQueryRunner();
    await runInTransaction(runner, async () => {
      await assertUnused(runner);
      await tools.restore(file, BEFORE, CHECK, (line) => {
        const schema = (JSON.parse(line) as SchemaObject[]).filter(
          ({ kind }) => !DATABASE_WIDE.includes(kind),
        );
        assertNoDifferences(compareSchemas(schema, expected), file);
        return AFTER;
      });
    });
  } finally {
    await dataSource.destroy();
  }
}

/** Makes sure that the data to be replaced belongs to this program. */
async function assertOwnTarget(dataSource: DataSource): Promise<void> {
  const [relation] = await dataSource.query<unknown[]>(`select ${OWN_RELATIONS} limit 1`);
  if (!relation) return;
  const [table] = await dataSource.query<{ name: string | null }[]>(
    `select to_regclass('public.migrations') as name`,
  );
  const rows = table?.name
    ? await dataSource.query<{ name: string }[]>('select name from public.migrations')
    : [];
  assertOwnMigrations(
    rows.map(({ name }) => name),
    'The database in DATABASE_URL is not empty, and',
  );
}
