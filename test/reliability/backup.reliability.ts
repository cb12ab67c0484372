import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Sqlite from 'better-sqlite3';
import { Client as Postgres } from 'pg';
import { DataSource } from 'typeorm';
import { backUp } from '../../src/cli/backup/back-up.js';
import { PostgresTools } from '../../src/cli/postgres-tools.js';
import { parseDatabaseUrl, type PostgresLocation } from '../../src/platform/config/database-url.js';
import { writerOptions } from '../../src/platform/database/data-source-options.js';
import { restore } from '../../src/cli/restore/restore.js';
import { startApp } from '../support/app.js';
import { Client } from '../support/client.js';
import { type Outcome, startCommand } from '../support/command.js';
import { onPostgres, onSqlite } from '../support/engines.js';
import { findFreePort } from '../support/free-port.js';
import { nonEmpty } from '../support/non-empty.js';
import { Program } from '../support/program.js';
import { queryDatabase, type Row } from '../support/query-database.js';
import { salesDisagreements } from '../support/sales-agreement.js';
import { ADMIN } from '../support/shop.js';
import { readTables } from '../support/tables.js';
import {
  createSqliteFile,
  createTemporaryDatabase,
  type TemporaryDatabase,
} from '../support/temporary-database.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';
import { Tills } from '../support/tills.js';
import { until } from '../support/until.js';
import { Workload } from '../support/workload.js';

const { TEST_DATABASE_URL, SECRET_KEY = '' } = process.env;

const NEVER = new AbortController().signal;
const NO_PROGRESS = (): void => undefined;

/** The tables of carts and closed days. */
const SALES = [
  'carts',
  'cart_items',
  'cart_payments',
  'cart_refunds',
  'cart_refund_lines',
  'daily_accounts',
  'daily_account_items',
  'daily_account_payments',
  'daily_account_events',
  'trading_days',
];

jest.setTimeout(60_000);

describe('A backup', () => {
  let folder: string;
  let database: TemporaryDatabase;
  let file: string;

  beforeAll(async () => {
    folder = await createTemporaryFolder();
    database = await createTemporaryDatabase();
    file = join(folder, 'shop.backup');
  });

  afterAll(async () => {
    await Program.endAll();
    await database.drop();
  });

  const run = (name: 'backup' | 'restore', ...options: string[]): Promise<Outcome> =>
    startCommand(name, options, { DATABASE_URL: database.url }).ended;

  const start = (): Program => new Program(folder, { SECRET_KEY, DATABASE_URL: database.url });

  describe('of a program that serves', () => {
    let before: Workload;
    let tokens: { access_token: string; refresh_token: string };
    let lastItem: number;
    /** What the restore said. */
    let restored: string;

    it('is taken under writes, which all succeed', async () => {
      const { origin } = await start().ready;
      tokens = (await new Client(origin).post('/auth/login', ADMIN).expect(200)).body;
      before = new Workload([origin], tokens.access_token, [1, 2, 3, 4]);
      await before.goOn(60);
      await before.stop();
      const during = new Workload([origin], tokens.access_token, [5, 6, 7, 8]);
      await during.goOn(20);
      const outcome = await run('backup', file);
      await during.goOn(20);
      await during.stop();
      expect(outcome).toEqual({
        code: 0,
        stderr: '',
        stdout: expect.stringContaining(`Backed up to ${file}: `),
      });
      expect([...before.failures, ...during.failures]).toEqual([]);
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      expect(await readdir(folder)).toEqual(['shop.backup']);
      const { body } = await new Client(origin, tokens.access_token)
        .post('/items', { category_id: 1, name: 'Too late', unit_price: 1 })
        .expect(201);
      lastItem = body.id;
    });

    it('is not restored while the program runs', async () => {
      const outcome = await run('restore', file);
      expect(outcome).toEqual({
        code: 1,
        stdout: '',
        stderr: expect.stringMatching(/^[^\n]* is in use: stop the program first\.\n$/),
      });
      await Program.endAll();
    });

    it('brings back what was there, when the program has ended, even killed', async () => {
      const outcome = await run('restore', file);
      expect(outcome).toEqual({ code: 0, stderr: '', stdout: expect.stringContaining('Restored from') });
      const program = start();
      const { origin } = await program.ready;
      expect(await before.losses(origin)).toEqual([]);
      const admin = new Client(origin, tokens.access_token);
      await admin.get(`/items/${lastItem}`).expect(404);
      await admin.post('/auth/refresh', { refresh_token: tokens.refresh_token }).expect(401);
      expect((await new Client(origin).login(ADMIN.username, ADMIN.password)).accessToken).toBeDefined();
      await program.end();
      restored = outcome.stdout;
    });

    onSqlite('keeps the file that was there before, with all that was in it', () => {
      const kept = /kept as (.*)\.\n/.exec(restored)?.[1] ?? '';
      const old = new Sqlite(kept, { readonly: true, fileMustExist: true });
      expect(old.prepare('select name from items where id = ?').pluck().get(lastItem)).toBe('Too late');
      old.close();
    });
  });

  it('brings back sales, refunds and closed days, which go on where they were', async () => {
    const PORT = String(await findFreePort());
    const shop = await createTemporaryDatabase();
    const backup = join(await createTemporaryFolder(), 'sales.backup');
    const serve = () =>
      new Program(folder, { PORT, SECRET_KEY, DATABASE_URL: shop.url, RATE_LIMIT_ENABLED: 'false' });
    const command = async (name: 'backup' | 'restore' | 'ledger:verify', ...options: string[]) => {
      const outcome = await startCommand(name, options, { DATABASE_URL: shop.url }).ended;
      expect(outcome).toMatchObject({ code: 0, stderr: '' });
      return outcome.stdout;
    };
    const program = serve();
    const { origin } = await program.ready;
    const { accessToken = '' } = await new Client(origin).login(ADMIN.username, ADMIN.password);
    const tills = new Tills(origin, accessToken);
    await tills.stockUp();
    tills.start(4);
    await until(() => tills.acknowledged > 500 || tills.failures.length > 0);
    await tills.stop();
    const before = await listSales(shop.url);
    await command('backup', backup);

    await sellUntilClosed(origin, accessToken);
    await program.end('SIGKILL');
    await command('restore', backup);
    expect(await listSales(shop.url)).toEqual(before);
    expect(await salesDisagreements(shop.url)).toEqual([]);
    expect(await command('ledger:verify')).toContain('Valid');

    const restored = serve();
    await restored.ready;
    expect(await tills.disagreements()).toEqual([]);
    expect(tills.failures).toEqual([]);
    const { accessToken: token = '' } = await new Client(origin).login(ADMIN.username, ADMIN.password);
    const { sequence } = await sellUntilClosed(origin, token);
    const closings = before.daily_account_events?.filter(({ kind }) => kind === 'closed') ?? [];
    expect(sequence).toBe(nonEmpty(closings).length + 1);
    await restored.end();
    expect(await command('ledger:verify')).toContain('Valid');
    await shop.drop();
  });

  describe('is refused, and nothing is written,', () => {
    const back = (to: string, url = database.url, overwrite = false): Promise<void> =>
      backUp(parseDatabaseUrl(url), to, overwrite, NO_PROGRESS, NEVER);

    it('to a file that is there, unless it is to be replaced', async () => {
      const old = join(folder, 'old.backup');
      await writeFile(old, 'old');
      await expect(back(old)).rejects.toThrow(`There is a file ${old} already: --force replaces it.`);
      expect(await readFile(old, 'utf8')).toBe('old');
      await back(old, database.url, true);
      expect(await restore(old, location(), NO_PROGRESS, NEVER)).toEqual(
        TEST_DATABASE_URL ? undefined : expect.any(String),
      );
      await rm(old);
    });

    it('to a folder that is missing', async () => {
      await expect(back('/no/such/shop.backup')).rejects.toThrow('There is no folder /no/such.');
    });

    it("of a database that is not this program's", async () => {
      const empty = await createTemporaryDatabase();
      if (!TEST_DATABASE_URL) new Sqlite(fileOf(empty)).exec('create table a (b)').close();
      await expect(back(join(folder, 'empty'), empty.url)).rejects.toThrow('holds no data of this program.');
      await empty.drop();
    });

    it('of a database that is missing', async () => {
      await expect(back(join(folder, 'none'), 'sqlite:////no/such.db')).rejects.toThrow(
        'There is no file /no/such.db.',
      );
    });

    afterEach(async () => {
      expect(await readdir(folder)).toEqual(['shop.backup']);
    });
  });

  onSqlite('replaces no file of the database itself, but one beside it', async () => {
    const beside = `${fileOf(database)}.backup`;
    await writeFile(beside, 'old');
    await backUp(location(), beside, true, NO_PROGRESS, NEVER);
    for (const end of ['', '-wal', '-shm']) {
      const own = fileOf(database) + end;
      await writeFile(own, '', { flag: 'a' });
      await expect(backUp(location(), own, true, NO_PROGRESS, NEVER)).rejects.toThrow(
        'is the database itself.',
      );
    }
  });

  describe('is not restored, and nothing changes, when it', () => {
    const broken: [what: string, make: (to: string) => Promise<unknown>, reason: RegExp][] = [
      ['is empty', (to) => writeFile(to, ''), /is not a backup\.$/],
      ['is something else', (to) => writeFile(to, 'The shopping list. '.repeat(1000)), /is not a backup\.$/],
      ['ends early', (to) => cut(to, 0.6), / is damaged: | can't be (copied|read): /],
      ['ends just after its start', (to) => cut(to, 0.01), / is damaged: | can't be (copied|read): /],
      ['has a page of nonsense', (to) => scribble(to), / is damaged: | can't be (copied|read): /],
      ['is of another program', (to) => backUpAnother(to), /holds no data of this program\.$/],
      ['comes from a newer version', (to) => backUpNewer(to), /comes from a newer version .* FromTheFuture1/],
      ['is missing', () => Promise.resolve(), /^There is no file /],
    ];

    it.each(broken)('%s', async (_what, make, reason) => {
      const bad = join(folder, 'bad.backup');
      await make(bad);
      const state = await stateOf(database);
      await expect(restore(bad, location(), NO_PROGRESS, NEVER)).rejects.toThrow(reason);
      expect(await stateOf(database)).toEqual(state);
      if (!TEST_DATABASE_URL) expect(await remains()).toEqual([]);
      await rm(bad, { force: true });
    });

    it('is of the other engine', async () => {
      const to = parseDatabaseUrl(
        TEST_DATABASE_URL ? 'sqlite:////no/such.db' : 'postgresql://nobody@127.0.0.1:1/nothing',
      );
      await expect(restore(file, to, NO_PROGRESS, NEVER)).rejects.toThrow(
        /is a backup of .* npm run move-database\.$/,
      );
    });
  });

  it('is restored where there is nothing yet', async () => {
    const fresh = await createTemporaryDatabase();
    expect(await restore(file, parseDatabaseUrl(fresh.url), NO_PROGRESS, NEVER)).toBeUndefined();
    const { app, client } = await startApp(fresh);
    const admin = await client.login(ADMIN.username, ADMIN.password);
    expect((await admin.get('/stock').expect(200)).body).toHaveLength(32);
    await app.close();
    await fresh.drop();
  });

  it('of an older version is brought up to date by the next start', async () => {
    const older = await createTemporaryDatabase();
    await (await startApp(older)).app.close();
    await revertLastMigration(older);
    const oldFile = join(folder, 'older.backup');
    await backUp(parseDatabaseUrl(older.url), oldFile, false, NO_PROGRESS, NEVER);
    await (await startApp(older)).app.close();
    await restore(oldFile, parseDatabaseUrl(older.url), NO_PROGRESS, NEVER);
    const { app, client } = await startApp(older);
    const { status } = await fetch(new URL('/health/ready', client.url));
    expect(status).toBe(200);
    await client.login(ADMIN.username, ADMIN.password);
    await app.close();
    await older.drop();
    await rm(oldFile);
  });

  describe('of an SQLite file', () => {
    onSqlite('ends, and is one snapshot, however often others write to a large file meanwhile', async () => {
      const { source, url, drop } = await createLargeFile();
      const add = source.prepare(`insert into seedings (name, seeded_at) values (?, '')`);
      let steps = 0;
      await backUp(
        parseDatabaseUrl(url),
        join(folder, 'large.db'),
        false,
        () => {
          if (++steps > 100) throw new Error('It starts again and again');
          source.transaction(() => {
            add.run(`a ${steps}`);
            add.run(`b ${steps}`);
          })();
        },
        NEVER,
      );
      expect(steps).toBeGreaterThan(3);
      const copy = new Sqlite(join(folder, 'large.db'), { readonly: true });
      expect(copy.prepare('select count(*) from seedings where seeded_at = ?').pluck().get('')).toBe(0);
      copy.close();
      source.close();
      await drop();
      await rm(join(folder, 'large.db'));
    });

    onSqlite('is restored over a file that is no database, which is kept with its log', async () => {
      const damaged = await createSqliteFile();
      await writeFile(fileOf(damaged), 'nonsense '.repeat(1000));
      await writeFile(`${fileOf(damaged)}-wal`, 'the log of another');
      const kept = (await restore(file, parseDatabaseUrl(damaged.url), NO_PROGRESS, NEVER)) ?? '';
      expect(await readFile(kept, 'utf8')).toMatch(/^nonsense/);
      expect(await readFile(`${kept}-wal`, 'utf8')).toBe('the log of another');
      const { app, client } = await startApp(damaged);
      await client.login(ADMIN.username, ADMIN.password);
      await app.close();
      await damaged.drop();
    });

    onSqlite('is restored over a file without what a killed program has left in its log', async () => {
      const killed = await createSqliteFile();
      await restore(file, parseDatabaseUrl(killed.url), NO_PROGRESS, NEVER);
      // A copy of a database in use is what a power cut leaves.
      const crashed = await createSqliteFile();
      const writer = new Sqlite(fileOf(killed));
      writer.pragma('journal_mode = wal');
      writer.exec(`update categories set description = 'From the log'`);
      for (const end of ['', '-wal'])
        await writeFile(fileOf(crashed) + end, await readFile(fileOf(killed) + end));
      writer.close();
      const kept = (await restore(file, parseDatabaseUrl(crashed.url), NO_PROGRESS, NEVER)) ?? '';
      const count = (of: string) => {
        const opened = new Sqlite(of, { readonly: true });
        const found = opened
          .prepare(`select count(*) from categories where description = 'From the log'`)
          .pluck()
          .get();
        opened.close();
        return found;
      };
      expect(count(fileOf(crashed))).toBe(0);
      expect(count(kept)).toBeGreaterThan(0);
      await Promise.all([killed.drop(), crashed.drop()]);
    });

    onSqlite.each([
      ['SIGKILL', { code: null, stderr: '' }],
      ['SIGINT', { code: 1, stderr: 'Stopped. Nothing was changed.\n' }],
    ])('leaves the old data when its restoring ends with %s in the middle', async (signal, ending) => {
      const { source, url, drop } = await createLargeFile();
      const large = join(folder, 'large.db');
      await backUp(parseDatabaseUrl(url), large, false, NO_PROGRESS, NEVER);
      source.exec(`update categories set description = 'newer'`);
      source.close();
      // The first copy is the one that is checked; the second one overwrites the database.
      const script = `
        import { run } from './dist/cli/run.js';
        import { restore } from './dist/cli/restore/restore.js';
        let copies = 0;
        let last = 100;
        const progress = (percent) => {
          if (percent < last) copies++;
          last = percent;
          if (copies === 2 && percent > 30) process.kill(process.pid, '${signal}');
        };
        const to = { engine: 'sqlite', file: ${JSON.stringify(url.replace('sqlite:///', ''))} };
        await run((_, signal) => restore(${JSON.stringify(large)}, to, progress, signal));`;
      const child = spawn(process.execPath, ['--input-type=module', '--eval', script]);
      let stderr = '';
      child.stderr.setEncoding('utf8').on('data', (data: string) => (stderr += data));
      const [code] = (await once(child, 'close')) as [number | null];
      expect({ code, stderr }).toEqual(ending);
      const after = new Sqlite(url.replace('sqlite:///', ''));
      expect(after.pragma('integrity_check')).toEqual([{ integrity_check: 'ok' }]);
      expect(
        after.prepare(`select count(*) from categories where description <> 'newer'`).pluck().get(),
      ).toBe(0);
      after.close();
      await drop();
      await rm(large);
    });
  });

  describe('of a PostgreSQL database', () => {
    onPostgres('leaves the old data when its restoring is killed in the middle', async () => {
      const state = await stateOf(database);
      const [reader, watcher] = await Promise.all([connect(database), connect(database)]);
      // The tables go one after the other: this one has to wait for its reader.
      await reader.query('begin');
      await reader.query('select from users');
      const isRestoring = async () => {
        const { rowCount } = await watcher.query(`
          select from pg_stat_activity
          where datname = current_database() and application_name = 'psql' and wait_event_type = 'Lock'`);
        return rowCount === 1;
      };
      const { process: command, ended } = startCommand('restore', [file], { DATABASE_URL: database.url });
      await until(isRestoring);
      command.kill('SIGKILL');
      expect((await ended).code).toBeNull();
      await reader.end();
      await until(async () => !(await isRestoring()));
      await watcher.end();
      expect(await stateOf(database)).toEqual(state);
    });

    onPostgres('is not restored over the data of another program', async () => {
      const foreign = await createTemporaryDatabase();
      const client = await connect(foreign);
      await client.query('create table recipes (name text)');
      await expect(restore(file, parseDatabaseUrl(foreign.url), NO_PROGRESS, NEVER)).rejects.toThrow(
        'The database in DATABASE_URL is not empty, and holds no data of this program.',
      );
      await client.query('select from recipes');
      await client.end();
      await foreign.drop();
    });

    onPostgres('shows its password to nobody who lists processes, and ends when it is stopped', async () => {
      const blocker = await connect(database);
      await blocker.query('begin');
      await blocker.query('lock table users');
      const url = new URL(database.url);
      url.password = 'Geheim99';
      const { process: command, ended } = startCommand('backup', [join(folder, 'stopped')], {
        DATABASE_URL: url.href,
      });
      const list = async () => (await promisify(execFile)('ps', ['-eo', 'args'])).stdout;
      await until(async () => (await list()).includes(`pg_dump --no-password`));
      expect(await list()).not.toContain('Geheim99');
      command.kill('SIGINT');
      expect(await ended).toEqual({ code: 1, stdout: '', stderr: 'Stopped. Nothing was changed.\n' });
      await blocker.end();
      expect(await readdir(folder)).toEqual(['shop.backup']);
    });

    onPostgres('names the package of a program that is missing', async () => {
      const environment = { DATABASE_URL: database.url, PATH: '/no/such' };
      const { code, stderr } = await startCommand('backup', [join(folder, 'none')], environment).ended;
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: 'pg_dump is missing: install the package postgresql-client.\n',
      });
    });
  });

  function location() {
    return parseDatabaseUrl(database.url);
  }

  /** What restoring a backup must not leave beside the database. */
  async function remains(): Promise<string[]> {
    return (await readdir(join(fileOf(database), '..'))).filter((name) => name.includes('restoring'));
  }

  async function cut(to: string, part: number): Promise<void> {
    await writeFile(to, await readFile(file));
    await truncate(to, Math.floor((await stat(to)).size * part));
  }

  async function scribble(to: string): Promise<void> {
    const bytes = await readFile(file);
    const middle = Math.floor(bytes.length / 2);
    bytes.fill(0x5a, middle, middle + Math.floor(bytes.length / 10));
    await writeFile(to, bytes);
  }

  async function backUpAnother(to: string): Promise<void> {
    if (!TEST_DATABASE_URL) {
      new Sqlite(to).exec('create table recipes (name text)').close();
      return;
    }
    const foreign = await createTemporaryDatabase();
    await new PostgresTools(parseDatabaseUrl(foreign.url) as PostgresLocation, NEVER).dump(to);
    await foreign.drop();
  }

  async function backUpNewer(to: string): Promise<void> {
    await change(database, `insert into migrations ("timestamp", name) values (1, 'FromTheFuture1')`);
    await backUp(location(), to, false, NO_PROGRESS, NEVER);
    await change(database, `delete from migrations where name = 'FromTheFuture1'`);
  }
});

function fileOf({ url }: { url: string }): string {
  return url.replace('sqlite:///', '');
}

async function using<T>(
  database: TemporaryDatabase,
  work: (dataSource: DataSource) => Promise<T>,
): Promise<T> {
  const dataSource = await new DataSource(writerOptions(parseDatabaseUrl(database.url))).initialize();
  try {
    return await work(dataSource);
  } finally {
    await dataSource.destroy();
  }
}

function stateOf(database: TemporaryDatabase): Promise<unknown> {
  return using(database, readTables);
}

function change(database: TemporaryDatabase, statement: string): Promise<unknown> {
  return using(database, (dataSource) => dataSource.query(statement));
}

function revertLastMigration(database: TemporaryDatabase): Promise<void> {
  return using(database, (dataSource) => dataSource.undoLastMigration());
}

async function connect({ url }: TemporaryDatabase): Promise<Postgres> {
  const client = new Postgres({ connectionString: url });
  await client.connect();
  return client;
}

/** Some 25 MB: several batches of a copy. */
async function createLargeFile() {
  const large = await createSqliteFile();
  await (await startApp(large)).app.close();
  const source = new Sqlite(fileOf(large));
  source.pragma('journal_mode = wal');
  source.exec(`
    with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < 6000)
    insert into categories (name, name_key, description, created_by, updated_by, created_at, updated_at)
    select 'Shelf ' || n, 'shelf ' || n, printf('%.3500c', 'x'), 1, 1, '', '' from numbers`);
  return { source, url: large.url, drop: () => large.drop() };
}

/** What carts and closed days leave in the database. */
async function listSales(url: string): Promise<Record<string, Row[]>> {
  const tables: Record<string, Row[]> = {};
  for (const table of SALES) {
    tables[table] = nonEmpty(await queryDatabase(url, `select * from ${table} order by 1, 2`));
  }
  return tables;
}

/** Sells something today, and closes the day. */
async function sellUntilClosed(origin: string, accessToken: string): Promise<{ sequence: number }> {
  const admin = new Client(origin, accessToken);
  await admin.post('/carts', { items: [{ item_id: 1, quantity: 1 }], complete: true }).expect(201);
  return (await admin.post('/daily-accounts/close').expect(200)).body as { sequence: number };
}
