import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Logger } from '@nestjs/common';
import { DataSource, type QueryRunner } from 'typeorm';
import type { BetterSqlite3Driver } from 'typeorm/driver/better-sqlite3/BetterSqlite3Driver.js';
import { backUp } from '../src/cli/backup/back-up.js';
import { parseDatabaseUrl } from '../src/platform/config/database-url.js';
import { writerOptions } from '../src/platform/database/data-source-options.js';
import { migrate } from '../src/platform/database/migrate.js';
import { openDataSource } from '../src/platform/database/open-data-source.js';
import {
  expectedSchema,
  findSchemaDifferences,
  fingerprintOf,
  readSchema,
} from '../src/platform/database/schema/check-schema.js';
import { compareSchemas, type SchemaDifference } from '../src/platform/database/schema/compare-schemas.js';
import { POSTGRES_FINGERPRINT } from '../src/platform/database/migrations/index.js';
import type { SchemaObject } from '../src/platform/database/schema/read-schema.js';
import { moveDatabase } from '../src/cli/move-database/move-database.js';
import { restore } from '../src/cli/restore/restore.js';
import { startCommand } from './support/command.js';
import { onPostgres } from './support/engines.js';
import { itWithBackups } from './support/postgres-tools.js';
import { itWithSqlite } from './support/sqlite.js';
import {
  createSqliteFile,
  createTemporaryDatabase,
  type TemporaryDatabase,
} from './support/temporary-database.js';
import { createTemporaryFolder } from './support/temporary-folder.js';

const { TEST_DATABASE_URL, UPDATE_SNAPSHOT } = process.env;
const engine = TEST_DATABASE_URL ? 'postgres' : 'sqlite';

const FINGERPRINT_FILE = new URL('../src/platform/database/migrations/index.ts', import.meta.url);
const NEVER = new AbortController().signal;
const NO_PROGRESS = () => undefined;

/** What was done to a database, in the words of both engines, and what is said of it. */
const EVIL = {
  sqlite: `create trigger evil after insert on sessions begin update users set role = 'admin'; end`,
  postgres: `
    create function evil() returns trigger language plpgsql as $$ begin update users set role = 'admin'; return null; end $$;
    create trigger evil after insert on sessions execute function evil()`,
}[engine];
const UNGUARD = {
  sqlite: 'drop trigger tr_stock_movements_refuse_update',
  postgres: 'drop trigger tr_stock_movements_refuse_update on stock_movements',
}[engine];

const GUARDS: Record<typeof engine, [what: string, statements: string, said: string][]> = {
  sqlite: [
    ['a trigger', UNGUARD, 'trigger tr_stock_movements_refuse_update on stock_movements is missing'],
    [
      'the body of a trigger',
      `drop trigger tr_stock_movements_refuse_delete;
       create trigger tr_stock_movements_refuse_delete before delete on stock_movements begin select 1; end`,
      'trigger tr_stock_movements_refuse_delete on stock_movements is another one',
    ],
    [
      'a constraint',
      `pragma writable_schema = on;
       update sqlite_schema set sql = replace(sql, 'quantity_before + delta = quantity_after', 'true')
       where name = 'stock_movements'`,
      'table stock_movements is another one',
    ],
    [
      'a unique index',
      'drop index uq_stock_movements_reverses',
      'index uq_stock_movements_reverses on stock_movements is missing',
    ],
  ],
  postgres: [
    ['a trigger', UNGUARD, 'trigger tr_stock_movements_refuse_update on stock_movements is missing'],
    [
      'a trigger that is disabled',
      'alter table stock_movements disable trigger tr_stock_movements_refuse_truncate',
      'trigger tr_stock_movements_refuse_truncate on stock_movements is another one',
    ],
    [
      'the body of a function',
      `create or replace function refuse_change() returns trigger language plpgsql as $$ begin return new; end $$`,
      'function refuse_change() is another one: "return new; end $function$" instead of "raise exception',
    ],
    [
      'a constraint',
      'alter table stock_movements drop constraint ck_stock_movements_delta',
      'constraint ck_stock_movements_delta on stock_movements is missing',
    ],
    [
      'foreign keys that are not looked at',
      'alter table stock_movements disable trigger all',
      'constraint fk_stock_movements_created_by on stock_movements is another one',
    ],
    [
      'a unique index',
      'drop index uq_stock_movements_reverses',
      'index uq_stock_movements_reverses on stock_movements is missing',
    ],
    [
      'a session that fires no triggers',
      'set local session_replication_role = replica',
      'setting session_replication_role is not of this program',
    ],
  ],
};

const OTHERS: Record<typeof engine, [what: string, statements: string, said: string][]> = {
  sqlite: [
    ['a trigger', EVIL, 'trigger evil on sessions is not of this program'],
    [
      'a version trigger',
      'drop trigger tr_items_update_version',
      'trigger tr_items_update_version on items is missing',
    ],
    ['a view', 'create view recipes as select 1', 'view recipes is not of this program'],
    ['a table', 'create table recipes (name text)', 'table recipes is not of this program'],
    ['a column', 'alter table items add column colour text', 'table items is another one: "'],
    ['an index', 'drop index ix_items_name_key', 'index ix_items_name_key on items is missing'],
    [
      'a partial index',
      `drop index uq_users_email;
       create unique index uq_users_email on users (email) where is_active`,
      'index uq_users_email on users is another one',
    ],
    [
      'a unique index',
      'create unique index one on items (name)',
      'index one on items is not of this program',
    ],
    [
      'an object under a name of SQLite',
      `pragma writable_schema = on;
       insert into sqlite_schema values ('trigger', 'sqlite_evil', 'users', 0, 'create trigger sqlite_evil')`,
      'trigger sqlite_evil on users is not of this program',
    ],
  ],
  postgres: [
    ['a trigger', EVIL, 'trigger evil on sessions is not of this program'],
    [
      'a version trigger',
      'drop trigger tr_items_update_version on items',
      'trigger tr_items_update_version on items is missing',
    ],
    ['a view', 'create view recipes as select 1 as one', 'view recipes is not of this program'],
    ['a table', 'create table recipes (name text)', 'table recipes is not of this program'],
    ['a column', 'alter table items add column colour text', 'column colour on items is not of this program'],
    [
      'a type',
      'alter table items alter column unit_type type text',
      'column unit_type on items is another one',
    ],
    [
      'a default',
      'alter table users alter column is_active set default true',
      'column is_active on users is another one',
    ],
    ['a null', 'alter table users alter column email drop not null', 'column email on users is another one'],
    [
      'a generated column',
      `alter table items add column twice bigint generated always as (unit_price * 2) stored`,
      'column twice on items is not of this program',
    ],
    ['an index', 'drop index ix_items_name_key', 'index ix_items_name_key on items is missing'],
    [
      'a partial index',
      `drop index uq_users_email;
       create unique index uq_users_email on users (email) where is_active`,
      'index uq_users_email on users is another one',
    ],
    [
      'a unique index',
      'create unique index one on items (name)',
      'index one on items is not of this program',
    ],
    [
      'a rule',
      'create rule evil as on update to users do also delete from items',
      'rule evil on users is not of this program',
    ],
    ['row security', 'alter table items enable row level security', 'table items is another one'],
    ['a policy', 'create policy evil on items using (false)', 'policy evil on items is not of this program'],
    [
      'a child table',
      'create table more () inherits (items)',
      'child table more on items is not of this program',
    ],
    [
      'an unlogged table',
      'alter table idempotency_keys set unlogged',
      'table idempotency_keys is another one',
    ],
    ['a sequence', 'alter sequence items_id_seq cycle', 'sequence items_id_seq is another one'],
    [
      'a function in the way of one of PostgreSQL',
      `create function lower(varchar) returns text language sql as $$ select 'admin' $$`,
      'function lower(character varying) is not of this program',
    ],
    [
      'an operator',
      `create operator public.=== (leftarg = text, rightarg = text, function = texteq)`,
      'object operator ===(text,text) is not of this program',
    ],
    [
      'a trigger that calls another schema',
      `create schema elsewhere;
       create function elsewhere.evil() returns trigger language plpgsql as $$ begin return null; end $$;
       create trigger evil before insert on items execute function elsewhere.evil()`,
      'trigger evil on items is not of this program',
    ],
    [
      'an event trigger',
      `create schema elsewhere;
       create function elsewhere.evil() returns event_trigger language plpgsql as $$ begin end $$;
       create event trigger evil on ddl_command_end execute function elsewhere.evil()`,
      'event trigger evil is not of this program',
    ],
  ],
};

const HARMLESS: Record<typeof engine, [what: string, statements: string][]> = {
  sqlite: [
    ['statistics', 'analyze'],
    ['an index', 'create index extra on items (unit_type)'],
  ],
  postgres: [
    ['statistics', 'analyze; create statistics extra on name, sku from items'],
    ['an index', 'create index extra on items (unit_type)'],
    [
      'comments, grants and an owner',
      `comment on table items is 'Goods'; grant select on items to public; create role other; alter table users owner to other`,
    ],
    [
      'settings of storage',
      'alter table items set (fillfactor = 80); alter table items alter column name set statistics 500',
    ],
    ['an extension', 'create extension if not exists pg_stat_statements schema public'],
    ['another schema', 'create schema reports; create view reports.items as select * from public.items'],
    [
      'another order of columns',
      `
      create table moved as select * from seedings; alter table moved rename to former;
      drop table former;
      alter table idempotency_keys drop column etag; alter table idempotency_keys add column etag varchar(100);
      alter table idempotency_keys drop column status; alter table idempotency_keys add column status integer not null`,
    ],
  ],
};

describe('The schema', () => {
  let database: TemporaryDatabase;
  let dataSource: DataSource;
  let expected: SchemaObject[];

  beforeAll(async () => {
    database = await createTemporaryDatabase();
    dataSource = await connect(database);
    await migrate(dataSource);
    expected = await expectedSchema(dataSource);
    // Whoever ruins a file has other tools, which let him write where better-sqlite3 does not.
    if (engine === 'sqlite') (dataSource.driver as BetterSqlite3Driver).databaseConnection.unsafeMode(true);
  });

  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  it('is what the migrations make', async () => {
    expect(compareSchemas(await readSchema(dataSource.createQueryRunner()), expected)).toEqual([]);
    expect(expected.length).toBeGreaterThan(80);
  });

  onPostgres('has the fingerprint by which a start knows it (UPDATE_SNAPSHOT=1 writes it anew)', async () => {
    const fingerprint = fingerprintOf(expected);
    if (UPDATE_SNAPSHOT) {
      const text = readFileSync(FINGERPRINT_FILE, 'utf8');
      await writeFile(FINGERPRINT_FILE, text.replace(POSTGRES_FINGERPRINT, fingerprint));
    }
    expect(UPDATE_SNAPSHOT ? fingerprint : POSTGRES_FINGERPRINT).toBe(fingerprint);
  });

  /** What is found once the statements are carried out, which are taken back. */
  async function differencesAfter(statements: string): Promise<SchemaDifference[]> {
    const runner = dataSource.createQueryRunner();
    await runner.query('begin');
    try {
      await run(runner, statements);
      return compareSchemas(await readSchema(runner), expected);
    } finally {
      await runner.query('rollback');
      if (engine === 'sqlite') await runner.query('pragma writable_schema = reset');
      await runner.release();
    }
  }

  it.each(GUARDS[engine])('that guards the ledger is missed: %s', async (_what, statements, said) => {
    const guards = (await differencesAfter(statements)).filter(({ isGuard }) => isGuard);
    expect(guards.map(({ text }) => text)).toContainEqual(expect.stringContaining(said));
  });

  it.each(OTHERS[engine])('differs by %s', async (_what, statements, said) => {
    const differences = await differencesAfter(statements);
    const difference = differences.find(({ text }) => text.includes(said));
    expect([difference?.text, difference?.isGuard, difference?.isHarmless]).toEqual([
      expect.stringContaining(said),
      false,
      false,
    ]);
  });

  it.each(HARMLESS[engine])('may have %s', async (_what, statements) => {
    const differences = await differencesAfter(statements);
    expect(differences.filter(({ isHarmless }) => !isHarmless)).toEqual([]);
  });
});

describe('A database whose schema was changed', () => {
  let folder: string;
  const databases: TemporaryDatabase[] = [];

  beforeAll(async () => {
    folder = await createTemporaryFolder();
  });

  afterEach(() => jest.restoreAllMocks());

  afterAll(async () => {
    await Promise.all(databases.map((database) => database.drop()));
  });

  async function create(statements?: string, make = createTemporaryDatabase): Promise<TemporaryDatabase> {
    const database = await make();
    databases.push(database);
    const dataSource = await connect(database);
    await migrate(dataSource);
    if (statements) await run(dataSource.createQueryRunner(), statements);
    await dataSource.destroy();
    return database;
  }

  const open = ({ url }: TemporaryDatabase) => openDataSource(writerOptions(parseDatabaseUrl(url)));

  it('is not served without the guards of its ledger', async () => {
    await expect(open(await create(UNGUARD))).rejects.toThrow(
      `DATABASE_URL names a database that can't be used: its ledger is not guarded: trigger tr_stock_movements_refuse_update on stock_movements is missing`,
    );
  });

  it('is served with a warning when it is something else', async () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
    await (await open(await create(EVIL))).destroy();
    expect(warn.mock.calls).toEqual([
      [expect.stringContaining('trigger evil on sessions is not of this program')],
    ]);
  });

  it('is served in silence when nothing is', async () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
    await (await open(await create())).destroy();
    expect(warn).not.toHaveBeenCalled();
  });

  it('is found out by verifying', async () => {
    const { url } = await create(EVIL);
    const { code, stdout } = await startCommand('ledger:verify', [], { DATABASE_URL: url }).ended;
    expect(stdout).toContain('Not valid: the schema is not as this program makes it: ');
    expect(stdout).toContain('trigger evil on sessions is not of this program');
    expect(code).toBe(1);
  });

  itWithBackups('is not restored, and nothing changes', async () => {
    const file = join(folder, 'evil.backup');
    await backUp(parseDatabaseUrl((await create(EVIL)).url), file, false, NO_PROGRESS, NEVER);
    const target = await create();
    await expect(restore(file, parseDatabaseUrl(target.url), NO_PROGRESS, NEVER)).rejects.toThrow(
      /evil\.backup is not as this program makes it: .*trigger evil on sessions is not of this program/,
    );
    const dataSource = await connect(target);
    expect(await findSchemaDifferences(dataSource)).toEqual([]);
    await dataSource.destroy();
    expect(remainsBeside(target)).toEqual([]);
  });

  itWithBackups('is restored when it is as it was made', async () => {
    const file = join(folder, 'sound.backup');
    await backUp(parseDatabaseUrl((await create()).url), file, false, NO_PROGRESS, NEVER);
    const target = await create(EVIL);
    await restore(file, parseDatabaseUrl(target.url), NO_PROGRESS, NEVER);
    const dataSource = await connect(target);
    expect(await findSchemaDifferences(dataSource)).toEqual([]);
    await dataSource.destroy();
  });

  itWithSqlite('is not moved, from it or to it', async () => {
    const [changed, sound] = [await create(EVIL), await create(undefined, createSqliteFile)];
    const move = (from: TemporaryDatabase, to: TemporaryDatabase) =>
      moveDatabase(parseDatabaseUrl(from.url), parseDatabaseUrl(to.url), NO_PROGRESS);
    const said = 'is not as this program makes it: ';
    await expect(move(changed, sound)).rejects.toThrow(`The source ${said}`);
    await expect(move(sound, changed)).rejects.toThrow(`The target ${said}`);
  });
});

function connect({ url }: TemporaryDatabase): Promise<DataSource> {
  return new DataSource(writerOptions(parseDatabaseUrl(url))).initialize();
}

/** SQLite takes one statement at a time. */
async function run(runner: QueryRunner, statements: string): Promise<void> {
  const parts = engine === 'sqlite' ? statements.split(/;\n/) : [statements];
  for (const part of parts) await runner.query(part);
}

function remainsBeside({ url }: TemporaryDatabase): string[] {
  const folder = dirname(url.replace('sqlite:///', ''));
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.includes('restoring')) : [];
}
