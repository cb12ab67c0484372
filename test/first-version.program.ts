import { copyFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashSync } from 'bcryptjs';
import Sqlite from 'better-sqlite3';
import { Client as Postgres } from 'pg';
import { Client } from './support/client.js';
import { startCommand } from './support/command.js';
import { describeOnPostgres, describeOnSqlite } from './support/engines.js';
import {
  adoptionLog,
  changeFile,
  FIXTURES,
  placeFirstVersion,
  SECRET_KEY,
  timeOf,
  tokenOf,
} from './support/first-version.js';
import { nonEmpty } from './support/non-empty.js';
import { Program } from './support/program.js';
import { createTemporaryDatabase } from './support/temporary-database.js';
import { createTemporaryFolder } from './support/temporary-folder.js';

const ADMIN = { username: 'admin', password: 'Admin1234!' };
const TABLES = ['users', 'categories', 'items', 'stock_entries'];

type Row = Record<string, unknown>;

// Such a database is an SQLite file.
describeOnSqlite('A database of the first version', () => {
  let folder: string;
  let file: string;

  beforeEach(async () => {
    folder = await createTemporaryFolder();
    file = join(folder, 'stock_tracker.db');
  });

  afterEach(async () => {
    await Program.endAll();
  });

  const start = (environment: Record<string, string> = {}) =>
    new Program(folder, { SECRET_KEY, RATE_LIMIT_ENABLED: 'false', ...environment });

  const place = (name?: string) => placeFirstVersion(file, name);

  async function adopt(): Promise<{ program: Program; admin: Client; url: string }> {
    const program = start();
    const url = (await program.ready).origin;
    return { program, url, admin: new Client(url, tokenOf(1, 'admin', 'access')) };
  }

  const copies = () =>
    readdirSync(folder).filter((name) => name.startsWith('stock_tracker.db.first-version-'));

  describe('as it was left', () => {
    it('comes over row by row, with ids, times and authors, and exact decimals', async () => {
      await place();
      const before = readRows(file);
      const { program, admin } = await adopt();
      const list = async (path: string) => sortedById((await admin.get(path).expect(200)).body as Row[]);

      const users = await list('/users?include_deleted=true');
      expect(users).toEqual(
        before.users?.map((user) =>
          expect.objectContaining({
            id: user.id,
            username: user.username,
            role: user.role,
            email: String(user.email).toLowerCase(),
            full_name: user.full_name === '' ? null : user.full_name,
            is_active: user.is_active === 1,
            is_deleted: user.is_deleted === 1,
            deleted_at: timeOf(user.deleted_at),
            created_at: timeOf(user.created_at),
            updated_at: timeOf(user.updated_at),
          }),
        ),
      );
      const withTimes = (row: Row) => ({
        ...row,
        created_at: timeOf(row.created_at),
        updated_at: timeOf(row.updated_at),
      });
      expect(await list('/categories')).toEqual(
        before.categories?.map((row) => expect.objectContaining(withTimes(row))),
      );
      const noise = { unit_price: 0.3, quantity: 0.3 };
      expect(before.items?.[33]).toMatchObject({ unit_price: 0.1 + 0.2 });
      expect(await list('/items')).toEqual(
        before.items?.map((row) =>
          expect.objectContaining({
            ...withTimes(row),
            ...(row.id === 34 && { unit_price: noise.unit_price }),
          }),
        ),
      );
      expect(before.stock_entries?.find(({ item_id }) => item_id === 34)).toMatchObject({
        quantity: 0.1 + 0.2,
      });
      expect(await list('/stock')).toEqual(
        before.stock_entries?.map((row) =>
          expect.objectContaining({
            ...withTimes(row),
            ...(row.item_id === 34 && { quantity: noise.quantity }),
          }),
        ),
      );
      expect(await list('/stock/movements?limit=100')).toEqual(
        before.stock_entries?.map((row) =>
          expect.objectContaining({
            item_id: row.item_id,
            reason: 'initial',
            quantity_before: 0,
            quantity_after: row.item_id === 34 ? 0.3 : row.quantity,
            occurred_at: timeOf(row.updated_at),
            created_by: row.updated_by,
          }),
        ),
      );
      expect(adoptionLog(program)).toEqual([
        expect.stringMatching(
          /^Imported a database of the first version: 5 users, 3 refresh tokens, 8 categories, 34 items, 34 stock entries\. /,
        ),
      ]);
      const verified = await startCommand('ledger:verify', [], { DATABASE_URL: `sqlite:///${file}` }).ended;
      expect(verified).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('34 movements of 34 items'),
      });
      expect(await program.end()).toBe(0);
    });

    it('is kept beside it as it was, for its owner alone', async () => {
      await place();
      const before = readRows(file);
      const { program } = await adopt();
      const [copy = '', ...others] = copies();
      expect(others).toEqual([]);
      expect(copy).toMatch(/\.first-version-\d{8}T\d{6}Z$/);
      expect(readRows(join(folder, copy))).toEqual(before);
      expect(statSync(join(folder, copy)).mode & 0o777).toBe(0o600);
      expect(readdirSync(folder).filter((name) => name.includes('adopting'))).toEqual([]);

      // A second start finds a database of this program, and changes nothing.
      await program.end();
      const again = await adopt();
      expect(adoptionLog(again.program)).toEqual([]);
      expect(copies()).toEqual([copy]);
    });

    it('lets everybody in who could log in, and nobody else', async () => {
      await place();
      const { url } = await adopt();
      const login = (username: string, password: string) =>
        new Client(url).post('/auth/login', { username, password });
      await login('owner_1', 'Kahve2026x').expect(200);
      await login('Owner.One@corner-cafe.example', 'Kahve2026x').expect(200);
      await login('employee_1', 'Kahve2026y').expect(200);
      await login('employee_1', 'Kahve2026x').expect(401);
      await login('employee_gone', 'Kahve2026z').expect(401);
      await login('employee_off', 'Kahve2026w').expect(400);
    });

    it('takes the first 72 bytes of a long password, as the first version did, and no fewer', async () => {
      await place();
      const long = `Kahve2026${'ş'.repeat(40)}`;
      changeFile(
        file,
        `update users set hashed_password = '${hashSync(long, 4)}' where username = 'owner_1'`,
      );
      const { url } = await adopt();
      const login = (username: string, password: string) =>
        new Client(url).post('/auth/login', { username, password });
      await login('owner_1', `${long.slice(0, 39)}x`).expect(401);
      const { body } = await login('owner_1', long).expect(200);
      // From the next one on, all of it counts.
      const owner = new Client(url, (body as { access_token: string }).access_token);
      await owner.post('/auth/change-password', { old_password: long, new_password: long }).expect(200);
      await login('owner_1', `${long.slice(0, -1)}s`).expect(401);
      await login('owner_1', long).expect(200);
    });

    it('holds no refresh token in clear any more', async () => {
      await place();
      const { program } = await adopt();
      await program.end();
      expect(readFileSync(join(FIXTURES, 'stock_tracker.db'), 'latin1')).toContain('eyJhbGciOiJIUzI1NiIs');
      const names = readdirSync(folder).filter((name) => !name.includes('first-version'));
      for (const name of nonEmpty(names)) {
        expect(readFileSync(join(folder, name), 'latin1')).not.toContain('eyJhbGciOiJIUzI1NiIs');
      }
    });

    it('gets no goods to try things out with, and gives no id again', async () => {
      await place();
      changeFile(
        file,
        'delete from stock_entries; delete from items; delete from categories; update refresh_tokens set revoked = 1',
      );
      const { url } = await adopt();
      const admin = await new Client(url).login(ADMIN.username, ADMIN.password);
      expect((await admin.get('/categories').expect(200)).body).toEqual([]);
      const category = await admin.post('/categories', { name: 'Tea' }).expect(201);
      expect(category.body.id).toBe(9);
      const item = await admin.post('/items', { category_id: 9, name: 'Assam', unit_price: 3 }).expect(201);
      expect(item.body.id).toBe(35);
      const entry = await admin.post('/stock', { item_id: 35, quantity: 1 }).expect(201);
      expect(entry.body.id).toBe(35);
      const { body: sessions } = await admin.get('/auth/sessions').expect(200);
      expect(sessions).toEqual([expect.objectContaining({ id: 4 })]);
    });
  });

  describe('whose sessions go on', () => {
    async function placeWithTokens(): Promise<{ refresh: string; access: string }> {
      await place();
      const refresh = tokenOf(3, 'employee', 'refresh');
      const database = new Sqlite(file);
      insertToken(database, refresh, 3);
      database.close();
      return { refresh, access: tokenOf(3, 'employee', 'access') };
    }

    const insertToken = (database: Sqlite.Database, token: string, userId: number, changes: Row = {}) =>
      database
        .prepare(
          `insert into refresh_tokens (user_id, token, expires_at, revoked)
           values (@user_id, @token, @expires_at, @revoked)`,
        )
        .run({
          user_id: userId,
          token,
          expires_at: new Date(Date.now() + 900_000).toISOString().replace('Z', '123+00:00'),
          revoked: 0,
          ...changes,
        });

    const refreshes = (url: string, refresh_token: string, status: number) =>
      new Client(url).post('/auth/refresh', { refresh_token }).expect(status);

    it('until the tokens run out, where the SECRET_KEY is the same', async () => {
      const { refresh, access } = await placeWithTokens();
      const { program, url } = await adopt();
      await new Client(url, access).get('/items').expect(200);
      const { body } = await refreshes(url, refresh, 200);
      await new Client(url, body.access_token).get('/auth/me').expect(200);
      await program.end();

      const other = await start({ SECRET_KEY: 'another secret, just as long as the first one was' }).ready;
      await refreshes(other.origin, refresh, 401);
      await new Client(other.origin, access).get('/items').expect(401);
    });

    it.each<[string, (client: Client, refresh: string, admin: Client) => Promise<unknown>]>([
      ['logout', (client, refresh_token) => client.post('/auth/logout', { refresh_token }).expect(204)],
      ['logout everywhere', (client) => client.post('/auth/logout-all').expect(204)],
      [
        'a change of the password',
        async (client) => {
          const passwords = { old_password: 'Kahve2026y', new_password: 'Espresso2Go' };
          await client.post('/auth/change-password', passwords).expect(200);
          await client.get('/auth/me').expect(401);
        },
      ],
      [
        'deactivation',
        async (client, _, admin) => {
          await admin.patch('/users/3', { is_active: false }).expect(200);
          await client.get('/auth/me').expect(401);
          await admin.patch('/users/3', { is_active: true }).expect(200);
        },
      ],
    ])('until %s', async (_, end) => {
      const { refresh, access } = await placeWithTokens();
      const { url, admin } = await adopt();
      await refreshes(url, refresh, 200);
      await end(new Client(url, access), refresh, admin);
      await refreshes(url, refresh, 401);
    });

    it('but for those that are revoked, run out, or of nobody who may log in', async () => {
      await place();
      const database = new Sqlite(file);
      database.pragma('foreign_keys = off');
      database.exec('delete from refresh_tokens');
      const tokens = [1, 4, 5, 77].map((id) => tokenOf(id, 'employee', 'refresh'));
      insertToken(database, tokens[0] ?? '', 1, { revoked: 1 });
      insertToken(database, tokenOf(2, 'market_owner', 'refresh'), 2, {
        expires_at: '2026-03-01T07:00:00+00:00',
      });
      insertToken(database, tokens[1] ?? '', 4);
      insertToken(database, tokens[2] ?? '', 5);
      insertToken(database, tokens[3] ?? '', 77);
      database.close();
      const { program, url, admin } = await adopt();
      expect(adoptionLog(program)).toContain(
        'refresh_tokens: 5 are only kept in the copy: revoked, expired, or of users who cannot log in',
      );
      await admin.patch('/users/5', { is_active: true }).expect(200);
      for (const token of tokens) await refreshes(url, token, 401);
    });
  });

  describe('with what its looser rules allowed', () => {
    /** Adopts a file in which the statements were carried out, whatever its constraints say. */
    async function adoptChanged(
      statements: string,
    ): Promise<{ admin: Client; log: string[]; program: Program; url: string }> {
      await place();
      changeFile(file, statements);
      const { program, admin, url } = await adopt();
      const verified = await startCommand('ledger:verify', [], { DATABASE_URL: `sqlite:///${file}` }).ended;
      expect(verified.stdout).toContain('Valid');
      return { admin, program, url, log: adoptionLog(program).slice(0, -1) };
    }

    it('gives e-mail addresses and user names to who came first, and the others an addition', async () => {
      const { admin, log, url } = await adoptChanged(`
        insert into users (id, email, username, hashed_password)
          select 10, 'OWNER.one@corner-cafe.example', 'Owner_1', hashed_password from users where id = 2;
        insert into users (id, email, username, hashed_password)
          select 11, 'owner.one+10@corner-cafe.example', 'owner_1_10', hashed_password from users where id = 2;
        insert into users (id, email, username, hashed_password, is_active, is_deleted)
          select 12, 'GONE@corner-cafe.example', 'OWNER_1', hashed_password, 0, 1 from users where id = 2;
        update users set deleted_at = updated_at where id = 12;
        insert into users (id, email, username, hashed_password)
          select 13, 'irem@corner-cafe.example', 'irem', hashed_password from users where id = 2;
        insert into users (id, email, username, hashed_password)
          select 14, char(304) || 'rem@corner-cafe.example', char(304) || 'rem', hashed_password from users where id = 2;`);
      const { body: users } = await admin.get('/users?include_deleted=true').expect(200);
      expect(sortedById(users).slice(5)).toEqual([
        expect.objectContaining({
          id: 10,
          email: 'owner.one+10_2@corner-cafe.example',
          username: 'Owner_1_10_2',
        }),
        expect.objectContaining({
          id: 11,
          email: 'owner.one+10@corner-cafe.example',
          username: 'owner_1_10',
        }),
        expect.objectContaining({ id: 12, email: 'gone@corner-cafe.example', username: 'OWNER_1' }),
        expect.objectContaining({ id: 13, email: 'irem@corner-cafe.example', username: 'irem' }),
        expect.objectContaining({ id: 14, email: 'irem+14@corner-cafe.example', username: 'İrem_14' }),
      ]);
      expect(log).toEqual([
        'users 10: email "OWNER.one@corner-cafe.example" is already used by users 2: is now "owner.one+10_2@corner-cafe.example"',
        'users 10: username "Owner_1" is already used by users 2: is now "Owner_1_10_2"',
        'users 14: email "İrem@corner-cafe.example" is already used by users 13: is now "irem+14@corner-cafe.example"',
        'users 14: username "İrem" is already used by users 13: is now "İrem_14"',
      ]);
      for (const username of ['owner_1', 'owner_1_10_2', 'OWNER_1_10', 'İrem', 'irem']) {
        await new Client(url).login(username, 'Kahve2026x');
      }
    });

    it('mends users that are half deleted, and have a role, a name or a hash that is none', async () => {
      const { log, admin } = await adoptChanged(`
        update users set role = 'barista', full_name = '  Ada   ' where id = 3;
        update users set is_deleted = 1, is_active = 1, updated_at = '2026-03-01 07:00:00' where id = 2;
        update users set deleted_at = '2026-03-01 07:00:00', username = 'me@home', hashed_password = 'plain' where id = 5;
        update users set email = 'nobody', username = '', created_at = 'long ago' where id = 4;`);
      expect(log).toEqual([
        'users 2: is_active was 1, is now 0',
        'users 2: deleted_at was NULL, is now "2026-03-01T07:00:00.000Z"',
        'users 3: role was "barista", is now "employee"',
        expect.stringMatching(/^users 4: created_at was "long ago", is now "2026-/),
        'users 4: email "nobody" is not a valid address: kept as "nobody"',
        'users 4: username was "", is now "user_4"',
        'users 5: username was "me@home", is now "me_home"',
        'users 5: has no bcrypt password hash: an admin must set a new password',
        'users 5: deleted_at was "2026-03-01 07:00:00", is now NULL',
      ]);
      expect((await admin.get('/users/3').expect(200)).body).toMatchObject({ role: 'employee' });
      expect((await admin.get('/users/5').expect(200)).body).toMatchObject({ username: 'me_home' });
    });

    it('gives equal names of categories and equal SKUs a number of their own', async () => {
      const { admin, log } = await adoptChanged(`
        insert into categories (id, name, created_by, updated_by) values
          (20, ' Bakery ', 1, 1), (21, '', 1, 1), (22, 'Cafe' || char(769), 1, 1), (23, 'Caf' || char(233), 1, 1),
          (24, 'Bak' || char(8203) || 'ery', 1, 1);
        update items set sku = 'FP-RA-0001 ' where id = 2;
        update items set sku = '' where id = 3;
        update items set name = '   ' where id = 4;`);
      expect(log).toEqual([
        'categories 20: name " Bakery " is already used by categories 3: is now "Bakery (20)"',
        'categories 21: name was "", is now "Category 21"',
        'categories 23: name "Café" is already used by categories 22: is now "Café (23)"',
        'categories 24: name "Bak\u200bery" is already used by categories 3: is now "Bakery (24)"',
        'items 2: sku "FP-RA-0001 " is already used by items 1: is now "FP-RA-0001-2"',
        'items 4: name was "   ", is now "Item 4"',
      ]);
      expect((await admin.get('/items/3').expect(200)).body).toMatchObject({ sku: null });
    });

    it('brings numbers into range, and rounds half up what has too many decimals', async () => {
      const { admin, log } = await adoptChanged(`
        update items set unit_price = 1.999 where id = 1;
        update items set unit_price = 1.005, tax_rate = 100.5 where id = 2;
        update items set unit_price = -1, discount_rate = -0.5 where id = 3;
        update items set unit_price = 'a lot' where id = 4;
        update items set unit_price = 9e999 where id = 5;
        update items set unit_price = 0.1 + 0.7 where id = 6;
        update stock_entries set quantity = -2 where item_id = 1;
        update stock_entries set quantity = 1.23456 where item_id = 2;
        update stock_entries set quantity = 1e12 where item_id = 3;`);
      expect(log).toEqual([
        'items 1: unit_price was 1.999, is now 2',
        'items 2: unit_price was 1.005, is now 1.01',
        'items 2: tax_rate was 100.5, is now 100',
        'items 3: unit_price was -1, is now 0',
        'items 3: discount_rate was -0.5, is now 0',
        'items 4: unit_price was "a lot", is now 0',
        'items 5: unit_price was Infinity, is now 0',
        'stock_entries 2: quantity was 1.23456, is now 1.235',
        'stock_entries 5: quantity was 1000000000000, is now 1000000000',
        expect.stringMatching(/^stock_entries \d+: quantity was -2, is now 0$/),
      ]);
      expect((await admin.get('/items/6').expect(200)).body).toMatchObject({ unit_price: 0.8 });
      expect((await admin.get('/stock/1').expect(200)).body).toMatchObject({ quantity: 0 });
    });

    it('cuts texts that are too long, and leaves out what is no web address', async () => {
      const { admin, log } = await adoptChanged(`
        update items set description = printf('%.2100c', 'x'), name = printf('%.201c', 'n'),
          unit_type = '', image_url = 'javascript:alert(1)' where id = 1;
        update items set image_url = '' where id = 2;`);
      expect(log).toEqual([
        'items 1: name is longer than 200 characters: the rest is only kept in the copy',
        'items 1: description is longer than 2000 characters: the rest is only kept in the copy',
        'items 1: image_url was "javascript:alert(1)", is now NULL',
      ]);
      const { body } = await admin.get('/items/1').expect(200);
      expect(body).toMatchObject({ description: 'x'.repeat(2000), unit_type: 'piece', image_url: null });
    });

    it('adds what rows name and is not there any more', async () => {
      const { admin, log } = await adoptChanged(`
        delete from users where id = 5;
        update categories set updated_by = 5 where id = 1;
        update items set created_by = 500 where id = 2;
        update items set category_id = 77 where id = 3;
        update items set category_id = 0, created_by = -1 where id = 4;
        delete from items where id = 34;
        update stock_entries set item_id = 0 where item_id = 33;`);
      expect(log).toEqual([
        'users 5: was missing but is the author of other rows: added as a deleted user',
        'users 500: was missing but is the author of other rows: added as a deleted user',
        'users 501: was missing but is the author of other rows: added as a deleted user',
        'categories 77: was missing but items refer to it: added as "Missing category 77"',
        'categories 78: was missing but items refer to it: added as "Missing category 78"',
        'items 4: category_id was 0, is now 78',
        'items 4: created_by was -1, is now 501',
        'items 34: was missing but is in stock: added as "Missing item 34"',
        'items 35: was missing but is in stock: added as "Missing item 35"',
      ]);
      expect((await admin.get('/categories/1').expect(200)).body).toMatchObject({ updated_by: 5 });
      expect((await admin.get('/items/3').expect(200)).body).toMatchObject({ category_id: 77 });
      expect((await admin.get('/items/2').expect(200)).body).toMatchObject({ created_by: 500 });
      expect((await admin.get('/stock/34').expect(200)).body).toMatchObject({ quantity: 0.3 });
      expect((await admin.get('/stock/35').expect(200)).body).toMatchObject({ quantity: 12.345 });
    });

    it('fills in what is NULL', async () => {
      const { log } = await adoptChanged(`
        pragma writable_schema = on;
        update sqlite_master set sql = replace(sql, 'NOT NULL', '') where type = 'table' and name not like 'sqlite%';
        pragma writable_schema = reset;
        update items set name = null, unit_price = null, unit_type = null, created_by = null, category_id = null,
          updated_at = null where id = 1;
        update users set is_active = null, is_deleted = null, role = null where id = 5;
        update stock_entries set quantity = null where item_id = 14;`);
      expect(log).toEqual([
        'users 5: role was NULL, is now "employee"',
        'items 1: name was NULL, is now "Item 1"',
        'users 6: was missing but is the author of other rows: added as a deleted user',
        'categories 9: was missing but items refer to it: added as "Missing category 9"',
        'items 1: category_id was NULL, is now 9',
        'items 1: unit_price was NULL, is now 0',
        'items 1: created_by was NULL, is now 6',
        expect.stringMatching(/^items 1: updated_at was NULL, is now "2026-/),
        'stock_entries 1: quantity was NULL, is now 0',
      ]);
    });

    it('is refused whole where an id has no room here', async () => {
      await place();
      changeFile(file, 'update categories set id = 3000000000 where id = 8');
      await expectRefusal('its table categories has ids outside 1 to 2147483646');
    });
  });

  it('of a later version comes over with its sort orders, and says which tables stay in the copy', async () => {
    await place('later_version.db');
    const before = readRows(file);
    const { program, admin } = await adopt();
    expect(adoptionLog(program)).toEqual([
      expect.stringContaining('refresh_tokens: '),
      'carts: the first version kept no prices, so the 3 completed ones have those of now',
      'menu_items: this version has no such table; its 32 rows are only kept in the copy',
      'time_entries: this version has no such table; its 80 rows are only kept in the copy',
      expect.stringMatching(
        /: 10 users, \d+ refresh tokens, 8 categories, 40 items, 38 stock entries, 37 carts, 27 cart items, 5 daily accounts, 13 daily account items\. /,
      ),
    ]);
    const { body: categories } = await admin.get('/categories').expect(200);
    const orders = (rows: Row[] = []) => rows.map(({ id, sort_order }) => ({ id, sort_order }));
    expect(orders(sortedById(categories))).toEqual(orders(before.categories));
    expect(orders(categories)).toContainEqual({ id: 1, sort_order: 2 });
    expect(namesIn(file, 'menu_items', 'time_entries')).toEqual([]);
    expect(namesIn(join(folder, copies()[0] ?? ''), 'menu_items', 'time_entries')).toEqual([
      'menu_items',
      'time_entries',
    ]);
  });

  it('comes over with what is in its write-ahead log, as a start of an older version left it', async () => {
    await place();
    const writer = new Sqlite(file);
    writer.pragma('journal_mode = wal');
    writer.pragma('wal_autocheckpoint = 0');
    writer.exec(`update categories set name = 'From the log' where id = 1`);
    // As a killed process leaves it.
    for (const end of ['', '-wal']) copyFileSync(file + end, join(folder, `killed${end}`));
    writer.close();
    for (const end of ['', '-wal']) copyFileSync(join(folder, `killed${end}`), file + end);
    const { admin } = await adopt();
    expect((await admin.get('/categories/1').expect(200)).body).toMatchObject({ name: 'From the log' });
    const [copy = ''] = copies();
    expect(readRows(join(folder, copy)).categories?.[0]).toMatchObject({ name: 'From the log' });
  });

  it('is adopted once by processes that start at once, and served by all', async () => {
    await place('later_version.db');
    const programs = [1, 2, 3].map(() => start());
    const urls = await Promise.all(programs.map(({ ready }) => ready));
    for (const { origin } of urls) {
      const admin = new Client(origin, tokenOf(1, 'admin', 'access'));
      expect((await admin.get('/items').expect(200)).body).toHaveLength(40);
    }
    const summaries = programs.flatMap(adoptionLog).filter((line) => line.startsWith('Imported'));
    expect(summaries).toHaveLength(1);
    expect(copies()).toHaveLength(1);
    expect(await Promise.all(programs.map((program) => program.end()))).toEqual([0, 0, 0]);
  });

  describe('that is none, but a file', () => {
    it.each<[string, string, string]>([
      [
        'of another program',
        'create table orders (id integer); create table users (id integer)',
        'orders, users',
      ],
      [
        'of another program in WAL mode',
        'pragma journal_mode = wal; create table orders (id integer)',
        'orders',
      ],
      [
        'of another program with migrations',
        'create table migrations (id integer, name text); insert into migrations values (1, "CreateOrders1")',
        'migrations',
      ],
      [
        'with a part of the tables',
        'create table users (id integer); create view items as select 1',
        'items, users',
      ],
    ])('%s, is refused in one line and left untouched', async (_, statements, tables) => {
      const database = new Sqlite(file);
      database.exec(statements.replaceAll('"', "'"));
      database.close();
      await expectRefusal(`${file} contains tables of another program (${tables}). Nothing was changed.`);
    });

    it('that lacks a column, is refused in one line and left untouched', async () => {
      await place();
      changeFile(file, 'alter table items drop column tax_rate');
      await expectRefusal('contains tables of another program');
    });

    it('that is no database, is refused in one line and left untouched', async () => {
      writeFileSync(file, 'The shopping list of last week. '.repeat(100));
      await expectRefusal('file is not a database');
    });

    it('of no bytes, becomes a new database', async () => {
      writeFileSync(file, '');
      const { admin } = await adopt();
      expect((await admin.get('/items').expect(200)).body).toHaveLength(32);
    });
  });

  async function expectRefusal(reason: string): Promise<void> {
    const before = { content: readFileSync(file), time: statSync(file).mtimeMs, names: readdirSync(folder) };
    const program = start();
    expect(await program.ended).toBe(1);
    expect(program.stderr).toMatch(/^DATABASE_URL names a database that can't be used: [^\n]+\n$/);
    expect(program.stderr).toContain(reason);
    expect(readFileSync(file).equals(before.content)).toBe(true);
    expect({ ...before, time: statSync(file).mtimeMs, names: readdirSync(folder) }).toEqual(before);
  }
});

describeOnPostgres('A PostgreSQL database of another program', () => {
  it.each([
    ['tables called like ours', 'create table users (id integer); create table items (id integer)'],
    [
      'migrations of its own',
      `create table migrations (name text); insert into migrations values ('CreateOrders1')`,
    ],
    ['migrations of another kind', 'create table migrations (id integer, batch integer)'],
  ])('with %s is refused in one line and left untouched', async (_, statements) => {
    const database = await createTemporaryDatabase();
    const client = new Postgres({ connectionString: database.url });
    await client.connect();
    try {
      await client.query(statements);
      const tables = async () =>
        (
          await client.query(
            `select table_name from information_schema.columns where table_schema = 'public' order by 1`,
          )
        ).rows as unknown[];
      const before = await tables();
      const program = new Program(tmpdir(), { SECRET_KEY, DATABASE_URL: database.url });
      expect(await program.ended).toBe(1);
      expect(program.stderr).toMatch(
        /^DATABASE_URL names a database that can't be used: its table "(users|items|migrations)" is that of another program\. Nothing was changed\.\n$/,
      );
      expect(await tables()).toEqual(before);
    } finally {
      await client.end();
      await database.drop();
    }
  });
});

function readRows(file: string): Record<string, Row[]> {
  const database = new Sqlite(file, { readonly: true });
  try {
    return Object.fromEntries(
      [...TABLES, 'refresh_tokens'].map((table) => [
        table,
        database.prepare(`select * from ${table} order by id`).all() as Row[],
      ]),
    );
  } finally {
    database.close();
  }
}

function namesIn(file: string, ...tables: string[]): string[] {
  const database = new Sqlite(file, { readonly: true });
  const names = database.prepare('select name from sqlite_master order by name').pluck().all() as string[];
  database.close();
  return names.filter((name) => tables.some((table) => name.includes(table) && !name.includes('autoindex')));
}

function sortedById(rows: Row[]): Row[] {
  return [...rows].sort((one, other) => Number(one.id) - Number(other.id));
}
