import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { Role } from '../src/platform/authorization/role.js';
import { DataSource } from 'typeorm';
import { type DatabaseLocation, parseDatabaseUrl } from '../src/platform/config/database-url.js';
import { writerOptions } from '../src/platform/database/data-source-options.js';
import { Database } from '../src/platform/database/database.js';
import { openReader } from '../src/platform/database/sqlite-reader.js';
import { type MovedTable, moveDatabase } from '../src/cli/move-database/move-database.js';
import { LoginThrottle } from '../src/platform/throttling/login-throttle.entity.js';
import { startApp } from './support/app.js';
import { Client } from './support/client.js';
import { userIdOf } from './support/catalogue.js';
import { startCommand } from './support/command.js';
import { onPostgres } from './support/engines.js';
import { salesDisagreements } from './support/sales-agreement.js';
import { Shop } from './support/shop.js';
import { describeWithSqlite } from './support/sqlite.js';
import {
  createPostgresDatabase,
  createSqliteFile,
  createTemporaryDatabase,
  type TemporaryDatabase,
} from './support/temporary-database.js';
import { createTemporaryFolder } from './support/temporary-folder.js';
import { until } from './support/until.js';

const { TEST_DATABASE_URL } = process.env;

const firstVersion = () =>
  readFileSync(new URL('../../shared/first-version/stock_tracker.db', import.meta.url));
const otherProgram = () => new Sqlite(':memory:').exec('create table orders (id integer)').serialize();

/** From an SQLite file to another database (PostgreSQL with TEST_DATABASE_URL), and back into a new file. */
describeWithSqlite('Moving a database', () => {
  let shop: Shop;
  let source: TemporaryDatabase;
  let target: TemporaryDatabase;
  let home: TemporaryDatabase;
  /** So many tables are moved. */
  let tables: number;

  beforeAll(async () => {
    source = await createSqliteFile();
    shop = await Shop.open({ SEED_MOCK_DATA: 'true' }, source);
    target = await createTemporaryDatabase();
    home = await createSqliteFile();
    const employee = shop.as(Role.Employee);
    await employee.patch('/items/1', { name: 'Äpfel "rot"', description: 'Line\nbreak', sku: null });
    await employee.delete('/items/32');
    await sell(shop.as(Role.MarketOwner));
    await shop.as(Role.Admin).patch('/items/2', { unit_price: 4.5, unit_cost: 1.0625 });
    await count(shop.as(Role.Admin));
    await shop.as(Role.Admin).post('/tasks', { title: 'Clean the shelf', item_id: 2, assigned_to: 1 });
    const wrongRows = Array.from({ length: 1_001 }, (_, row) => `none ${row},1`);
    await shop
      .as(Role.Admin)
      .post('/items/import')
      .type('text/csv')
      .send(`sku,unit_price\r\n${wrongRows.join('\r\n')}`)
      .expect(202);
    await until(
      async () => (await shop.as(Role.Admin).get('/items/imports/1').expect(200)).body.finished_at !== null,
    );
    await shop.app.get(Database).insert(LoginThrottle, {
      subject_hash: 'f'.repeat(64),
      failures_left: -3,
      waits_until: Date.now(),
      is_known: true,
      expires_at: '2026-03-01T07:00:00.000Z',
    });
    await shop.app.get(Database).write`
      with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < 2500)
      insert into categories (name, name_key, created_by, updated_by, created_at, updated_at)
      select 'Shelf ' || n, 'shelf ' || n, 1, 1, '', '' from numbers`;
    await shop.app.close();
  });

  afterAll(async () => {
    await source.drop();
    await target.drop();
    await home.drop();
  });

  const move = (from: string, to: string): Promise<MovedTable[]> =>
    moveDatabase(parseDatabaseUrl(from), parseDatabaseUrl(to), () => undefined);

  it('copies every table whole, there and back again', async () => {
    const there = await move(source.url, target.url);
    expect(Object.fromEntries(there.map(({ name, rows }) => [name, rows]))).toEqual({
      users: 3,
      sessions: 3,
      refresh_tokens: 3,
      categories: 2507,
      items: 31,
      stock_entries: 31,
      // The 32 that were put in stock, the one of them that was taken out, three lines of carts and what came back.
      stock_movements: 37,
      // One for each item, and the new prices of two.
      item_prices: 34,
      seedings: 1,
      login_throttles: 1,
      request_counts: 0,
      idempotency_keys: 0,
      carts: 2,
      cart_items: 3,
      cart_payments: 2,
      cart_refunds: 1,
      cart_refund_lines: 1,
      trading_days: 1,
      stocktakes: 1,
      stocktake_assignees: 1,
      stocktake_items: 2,
      stocktake_counts: 1,
      tasks: 1,
      item_imports: 1,
      item_import_batches: 0,
      daily_accounts: 1,
      daily_account_items: 2,
      daily_account_payments: 2,
      daily_account_events: 3,
    });
    tables = there.length;
    const back = await move(target.url, home.url);
    expect(back).toEqual(there);
  });

  it('keeps carts, stock, closed days and the ledger in agreement', async () => {
    for (const { url } of [source, target, home]) {
      expect(await salesDisagreements(url)).toEqual([]);
      const { stdout, code } = await startCommand('ledger:verify', [], { DATABASE_URL: url }).ended;
      expect({ stdout, code }).toEqual({ stdout: expect.stringContaining('Valid'), code: 0 });
    }
  });

  it('leaves no table of the program behind', async () => {
    const reader = await openReader(source.url.replace('sqlite:///', ''));
    const names = reader
      .prepare(
        `select name from sqlite_master
        where type = 'table' and name not like 'sqlite_%' and name not like 'item_names%'
          and name not in ('migrations', 'collection_versions')`,
      )
      .pluck()
      .all();
    reader.close();
    expect(names.sort()).toEqual(
      (await move(source.url, (await emptyFile()).url)).map(({ name }) => name).sort(),
    );
  });

  it('goes on where the source stopped: same users, same sessions, ids that were never given', async () => {
    const { app, client } = await startApp(target);
    const employee = new Client(client.url, shop.as(Role.Employee).accessToken);
    expect((await employee.get('/items/1').expect(200)).body).toMatchObject({
      name: 'Äpfel "rot"',
      sku: null,
    });
    await employee.get('/items/32').expect(404);
    const { body: prices } = await employee.get('/items/2/prices').expect(200);
    expect(prices.map(({ unit_price }: { unit_price: number }) => unit_price)).toEqual([
      4.5,
      2.49,
      expect.any(Number),
    ]);
    const { body } = await employee
      .post('/items', { category_id: 1, name: 'New', unit_price: 1 })
      .expect(201);
    expect(body.id).toBe(33);
    expect((await employee.post('/carts', { desk_number: 'T2' }).expect(201)).body).toMatchObject({ id: 3 });
    await employee.post('/carts', { desk_number: 'T1' }).expect(409);
    const line = await employee.post('/carts/3/items', { item_id: 3, quantity: 1 }).expect(201);
    expect(line.body).toMatchObject({ id: 4 });
    await employee.delete('/items/3').expect(409);
    await employee.post('/daily-accounts/close').expect(409);
    expect((await employee.get('/items/search?q=apfel').expect(200)).body).toHaveLength(1);
    await app.close();
  });

  it('refuses a target with rows, and changes nothing there', async () => {
    await expect(move(source.url, home.url)).rejects.toThrow(/^The target is not empty: \w+ has rows\./);
  });

  it('refuses a source that is missing', async () => {
    await expect(move('sqlite:////no/such.db', home.url)).rejects.toThrow('There is no file /no/such.db.');
  });

  it('refuses a source that this program has not brought up to date', async () => {
    await expect(move((await emptyFile()).url, home.url)).rejects.toThrow('The source is not up to date');
  });

  it.each([
    ['the first version', firstVersion, 'is a database of the first version: start the program on it once.'],
    ['another program', otherProgram, 'contains tables of another program (orders).'],
  ])(
    'refuses a file of %s on either side, and leaves it byte by byte as it was',
    async (_, contentOf, reason) => {
      const content = contentOf();
      const folder = await createTemporaryFolder();
      const file = join(folder, 'other.db');
      await writeFile(file, content);
      await expect(move(`sqlite:///${file}`, home.url)).rejects.toThrow(
        `${file} ${reason} Nothing was changed.`,
      );
      await expect(move(source.url, `sqlite:///${file}`)).rejects.toThrow(`${file} ${reason}`);
      expect(readFileSync(file).equals(content)).toBe(true);
      expect(readdirSync(folder)).toEqual(['other.db']);
    },
  );

  describe('while a program serves', () => {
    it.each(['an SQLite file', 'the other database'])('is refused from %s', async (what) => {
      const served = what === 'an SQLite file' ? source : target;
      const { app } = await startApp(served);
      const fresh = await createSqliteFile();
      await expect(move(served.url, fresh.url)).rejects.toThrow(/ is in use: stop the program first\.$/);
      await app.close();
      expect(await move(served.url, fresh.url)).toHaveLength(tables);
      await fresh.drop();
    });

    it.each([createSqliteFile, createTemporaryDatabase])('is refused to there (%p)', async (create) => {
      const served = await create();
      const { app } = await startApp(served, { SEED_ADMIN: 'false', SEED_MOCK_DATA: 'false' });
      await expect(move(source.url, served.url)).rejects.toThrow(/ is in use: stop the program first\.$/);
      await app.close();
      await served.drop();
    });
  });

  it('keeps a program from serving before it has ended', async () => {
    const fresh = await createSqliteFile();
    const order: string[] = [];
    let started: Promise<unknown> | undefined;
    await moveDatabase(parseDatabaseUrl(target.url), parseDatabaseUrl(fresh.url), () => {
      started ??= startApp(target).then(
        ({ app }) => app.close().then(() => order.push('served')),
        // SQLite waits for nobody that long, or just long enough.
        () => order.push('refused'),
      );
    });
    order.push('moved');
    await started;
    expect(['moved, served', 'refused, moved', 'moved, refused']).toContain(order.join(', '));
    await fresh.drop();
  });

  onPostgres.each(['LATIN5', 'SQL_ASCII'])('refuses a target in %s', async (encoding) => {
    const options = `encoding '${encoding}' locale 'C' template template0`;
    const other = await createPostgresDatabase(TEST_DATABASE_URL ?? '', options);
    await expect(move(source.url, other.url)).rejects.toThrow(
      `its encoding is ${encoding} where UTF8 is needed`,
    );
    await other.drop();
  });

  it('leaves the target as it was when it is stopped in the middle', async () => {
    const fresh = await createTemporaryDatabase();
    const stop = (table: string) => {
      if (table === 'items') throw new Error('Stopped');
    };
    const locations = [source.url, fresh.url].map(parseDatabaseUrl) as [DatabaseLocation, DatabaseLocation];
    await expect(moveDatabase(...locations, stop)).rejects.toThrow('Stopped');
    expect(await move(source.url, fresh.url)).toHaveLength(tables);
    await fresh.drop();
  });

  it('leaves the target as it was when it is killed in the middle', async () => {
    const fresh = await createTemporaryDatabase();
    const script = `
      import './dist/app.module.js';
      import { parseDatabaseUrl } from './dist/platform/config/database-url.js';
      import { moveDatabase } from './dist/cli/move-database/move-database.js';
      const [from, to] = [${JSON.stringify(source.url)}, ${JSON.stringify(fresh.url)}].map(parseDatabaseUrl);
      await moveDatabase(from, to, (table) => table === 'items' && process.kill(process.pid, 'SIGKILL'));`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script]);
    const said: Buffer[] = [];
    child.stderr.on('data', (data: Buffer) => said.push(data));
    const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
    expect({ code, signal, said: said.join('') }).toEqual({ code: null, signal: 'SIGKILL', said: '' });
    const dataSource = await new DataSource(writerOptions(parseDatabaseUrl(fresh.url))).initialize();
    expect(await dataSource.createQueryRunner().hasTable('users')).toBe(false);
    await dataSource.destroy();
    await fresh.drop();
  });

  const files: TemporaryDatabase[] = [];
  async function emptyFile(): Promise<TemporaryDatabase> {
    const file = await createSqliteFile();
    files.push(file);
    await writeFile(file.url.replace('sqlite:///', ''), '');
    return file;
  }
  afterAll(() => Promise.all(files.map((file) => file.drop())));
});

/** A completed cart with a refund, a draft, and a day that was closed, opened and closed again. */
async function count(owner: Client): Promise<void> {
  const sent = { name: 'Count', item_ids: [1, 2], assigned_to: [await userIdOf(owner)] };
  const { body } = await owner.post('/stocktakes', sent).expect(201);
  await owner.put(`/stocktakes/${body.id}/counts/1`, { quantity: 3 }).expect(200);
}

async function sell(owner: Client): Promise<void> {
  await owner.patch('/items/2', { unit_price: 2.49 }).expect(200);
  const items = [1, 2].map((item_id) => ({ item_id, quantity: 1.5 }));
  const cart = await owner.post('/carts', { items }).expect(201);
  const { body } = await owner.get(`/carts/${cart.body.id}`).expect(200);
  const { totals, items: lines } = body as { totals: { total: number }; items: { id: number }[] };
  const payments = [
    { method: 'cash', amount: 1 },
    { method: 'card', amount: Math.round(totals.total * 100 - 100) / 100 },
  ];
  await owner.post(`/carts/${cart.body.id}/complete`, { payments }).expect(200);
  const refunded = [{ cart_item_id: lines[0]?.id, quantity: 0.5, restock: true }];
  await owner
    .post(`/carts/${cart.body.id}/refunds`, { lines: refunded, reason: 'Bruised', method: 'cash' })
    .expect(201);
  await owner.post('/carts', { desk_number: 'T1', items: [{ item_id: 3, quantity: 1 }] }).expect(201);
  const account = await owner.post('/daily-accounts/close', { opening_float: 10 }).expect(200);
  await owner.post(`/daily-accounts/${account.body.id}/open`, { reason: 'One more' }).expect(200);
  await owner.post('/daily-accounts/close', { opening_float: 10, counted_cash: 10.5 }).expect(200);
}
