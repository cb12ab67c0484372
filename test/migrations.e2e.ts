import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Logger } from '@nestjs/common';
import BetterSqlite3 from 'better-sqlite3';
import { assert, property, string } from 'fast-check';
import { DataSource, type EntityTarget, getMetadataArgsStorage, type ObjectLiteral } from 'typeorm';
import '../src/app.module.js';
import { Role } from '../src/platform/authorization/role.js';
import { Category } from '../src/categories/category.entity.js';
import { normalizeEmail } from '../src/platform/validation/login-name.js';
import { normalizeLine } from '../src/platform/validation/text.js';
import { parseDatabaseUrl } from '../src/platform/config/database-url.js';
import { writerOptions } from '../src/platform/database/data-source-options.js';
import { Database } from '../src/platform/database/database.js';
import { migrate } from '../src/platform/database/migrate.js';
import { nameKey, searchKey } from '../src/platform/database/name-key.js';
import { openDataSource } from '../src/platform/database/open-data-source.js';
import { KeepLedger1764000600000 } from '../src/platform/database/migrations/1764000600000-keep-ledger.js';
import { KeepPrices1764001400000 } from '../src/platform/database/migrations/1764001400000-keep-prices.js';
import { SortCategories1764001200000 } from '../src/platform/database/migrations/1764001200000-sort-categories.js';
import { WatchLowStock1764000800000 } from '../src/platform/database/migrations/1764000800000-watch-low-stock.js';
import * as released from '../src/platform/database/migrations/1764001100000-normalize-text.js';
import { TidyBarcodes1764001300000 } from '../src/platform/database/migrations/1764001300000-tidy-barcodes.js';
import { Item } from '../src/items/item.entity.js';
import { LedgerVerificationRepository } from '../src/ledger/ledger-verification.repository.js';
import { verifyLedger } from '../src/ledger/verify-ledger.js';
import { Seeding } from '../src/seeding/seeding.entity.js';
import { RefreshToken } from '../src/sessions/refresh-token.entity.js';
import { Session } from '../src/sessions/session.entity.js';
import { StockEntry } from '../src/stock/stock-entry.entity.js';
import { LoginThrottle } from '../src/platform/throttling/login-throttle.entity.js';
import { User } from '../src/users/user.entity.js';
import { describeWithSqlite } from './support/sqlite.js';
import {
  createSqliteFile,
  createTemporaryDatabase,
  type TemporaryDatabase,
} from './support/temporary-database.js';
import { readTables, tableNamesOf } from './support/tables.js';

/** All that the program has: importing its root module registers them. */
const ENTITIES = getMetadataArgsStorage().tables.map(({ target }) => target);
/** Those of the entities, and the one that is written by triggers only. */
const tablesIn = (dataSource: DataSource): string[] =>
  [...tableNamesOf(dataSource), 'collection_versions'].sort();
const NOW = '2026-03-01T07:00:00.000Z';
const AUTHORSHIP = { created_by: 1, updated_by: 1, created_at: NOW, updated_at: NOW };

/** A row for each table that has an id, in an order in which each finds what it refers to. */
const ROWS: [entity: EntityTarget<ObjectLiteral>, row: ObjectLiteral][] = [
  [
    User,
    {
      email: 'zoe@shop.example',
      username: 'Zoe',
      username_key: 'zoe',
      full_name: 'Zoë Müller',
      hashed_password: '$2b$12$',
      role: Role.Employee,
      is_active: true,
      is_deleted: false,
      credentials_version: 3,
      created_at: NOW,
      updated_at: NOW,
    },
  ],
  [Session, { user_id: 1, user_agent: 'Till 1', created_at: NOW, last_used_at: NOW, expires_at: NOW }],
  [Category, { name: 'Obst', name_key: 'obst', description: null, ...AUTHORSHIP }],
  [
    Item,
    {
      category_id: 1,
      name: 'Äpfel',
      name_key: 'apfel',
      sku: 'A-1',
      unit_price: 9_007_199_254_740_991,
      unit_type: 'kg',
      tax_rate: 700,
      discount_rate: 0,
      ...AUTHORSHIP,
    },
  ],
  [StockEntry, { item_id: 1, quantity: 9_007_199_254_740_991, ...AUTHORSHIP }],
];

describe('Migrations', () => {
  let temporary: TemporaryDatabase;
  let dataSource: DataSource;

  beforeEach(async () => {
    temporary = await createTemporaryDatabase();
    dataSource = await connect(temporary);
  });

  afterEach(async () => {
    await dataSource.destroy();
    await temporary.drop();
  });

  it('make the schema on an empty database, take it back, and make it again', async () => {
    expect(await tablesOf(dataSource)).toEqual([]);
    await migrate(dataSource);
    const schema = await schemaOf(dataSource);
    expect(await tablesOf(dataSource)).toEqual(tablesIn(dataSource));

    for (let left = dataSource.migrations.length; left > 0; left--) await dataSource.undoLastMigration();
    expect(await tablesOf(dataSource)).toEqual([]);

    await migrate(dataSource);
    expect(await schemaOf(dataSource)).toEqual(schema);
  });

  it('make the schema that the entities describe', async () => {
    await migrate(dataSource);
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });

  it('give every constraint and index the name that its entity gives it', async () => {
    await migrate(dataSource);
    const names = await constraintNamesOf(dataSource);
    const primaryKeys = dataSource.entityMetadatas.flatMap(({ primaryColumns }) =>
      primaryColumns.flatMap(({ primaryKeyConstraintName }) => primaryKeyConstraintName ?? []),
    );
    const named = dataSource.entityMetadatas.flatMap(({ indices, checks, foreignKeys }) =>
      // SQLite has a table for what PostgreSQL has an index of trigrams for.
      [
        ...indices.filter(({ name }) => name !== 'ix_items_search_key_trigrams' || isPostgres(dataSource)),
        ...checks,
        ...foreignKeys,
      ].map(({ name }) => name),
    );
    expect(names).toEqual([...named, ...primaryKeys].sort());
    expect(names.filter((name) => !/^(uq|fk|ck|ix|pk)_[a-z_]+$/.test(name))).toEqual([]);
  });

  it('change nothing when they run again, and keep every row', async () => {
    await migrate(dataSource);
    await fill(dataSource);
    const before = await everythingIn(dataSource);
    expect(before.tables.items).toMatchObject([{ name: 'Äpfel', unit_price: 9_007_199_254_740_991 }]);

    await migrate(dataSource);
    expect(await everythingIn(dataSource)).toEqual(before);

    await dataSource.destroy();
    dataSource = await connect(temporary);
    await migrate(dataSource);
    expect(await everythingIn(dataSource)).toEqual(before);
  });

  it('leave nothing behind when one of them fails', async () => {
    class Fails1999000000000 {
      up = () => Promise.reject(new Error('The disk is full'));
      down = () => Promise.resolve();
    }
    const log = jest.spyOn(console, 'log').mockImplementation();
    const failing = await connect(temporary, [...(dataSource.options.migrations as []), Fails1999000000000]);
    await expect(migrate(failing)).rejects.toThrow('The disk is full');
    await failing.destroy();
    log.mockRestore();
    expect(await tablesOf(dataSource)).toEqual([]);

    await migrate(dataSource);
    expect(await tablesOf(dataSource)).toEqual(tablesIn(dataSource));
  });

  it('run once when two processes start at once', async () => {
    const migrations = [migrateInProcess(temporary.url), migrateInProcess(temporary.url)];
    expect(await Promise.all(migrations)).toEqual([
      { code: 0, stderr: '' },
      { code: 0, stderr: '' },
    ]);
    expect(await tablesOf(dataSource)).toEqual(tablesIn(dataSource));
    expect(await dataSource.query('select * from migrations')).toHaveLength(dataSource.migrations.length);
  });

  it('make tables that never give the id of a deleted row again', async () => {
    await migrate(dataSource);
    await fill(dataSource);
    const database = await Database.open(dataSource);
    // The price history outlives the item, and names the user.
    const on = isPostgres(dataSource) ? ' on item_prices' : '';
    await dataSource.query(`drop trigger tr_item_prices_refuse_delete${on}`);
    for (const [entity, row] of [...ROWS].reverse()) {
      const { tableName } = dataSource.getMetadata(entity);
      await dataSource.query(`delete from ${tableName}`);
      await dataSource.query('delete from item_prices');
      // What the row refers to is still there: rows go in the opposite order in which they came.
      const { id } = await database.insert(entity, row);
      expect([tableName, id]).toEqual([tableName, 2]);
      await dataSource.query(`delete from ${tableName}`);
    }
  });

  it('begin the price history of the items that are there, as of their last change', async () => {
    await migrateUpTo(dataSource, KeepPrices1764001400000);
    await fill(dataSource);

    await migrate(dataSource);
    expect(await dataSource.query('select * from item_prices')).toEqual([
      {
        id: 1,
        item_id: 1,
        unit_price: 9_007_199_254_740_991,
        tax_rate: 700,
        discount_rate: 0,
        unit_cost: null,
        valid_from: NOW,
        created_by: 1,
      },
    ]);
  });

  it('list the categories that are there by name, as before', async () => {
    await migrateUpTo(dataSource, SortCategories1764001200000);
    await fill(dataSource);
    const before = await dataSource.query<object[]>('select * from categories');

    await migrate(dataSource);
    expect(await dataSource.query('select * from categories')).toEqual(
      before.map((category) => ({ ...category, sort_order: 0 })),
    );
    await expect(dataSource.query('update categories set sort_order = -1')).rejects.toThrow(
      'ck_categories_sort_order',
    );
  });

  it('write down what is in stock already as its first movement, as of its last change', async () => {
    await migrateUpTo(dataSource, KeepLedger1764000600000);
    await fill(dataSource);

    await migrate(dataSource);
    const database = await Database.open(dataSource);
    expect(await database.read`select * from stock_movements`).toEqual([
      {
        id: 1,
        item_id: 1,
        stock_entry_id: 1,
        item_name: 'Äpfel',
        sku: 'A-1',
        delta: 9_007_199_254_740_991,
        quantity_before: 0,
        quantity_after: 9_007_199_254_740_991,
        reason: 'initial',
        note: null,
        reference: null,
        occurred_at: NOW,
        recorded_at: expect.stringMatching(/Z$/),
        created_by: 1,
        reverses_id: null,
        counted_quantity: null,
        compensates_id: null,
        unit_price: null,
        unit_cost: null,
        cart_id: null,
        hash_version: 1,
        hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    ]);
    const { verification } = await verifyLedger(new LedgerVerificationRepository(database), []);
    expect(verification).toMatchObject({ movements: 1, problems: 0 });
    await database.close();
  });

  it('give the items of an older file the GTINs of their barcodes, and no threshold', async () => {
    await migrateUpTo(dataSource, WatchLowStock1764000800000);
    await fill(dataSource);
    const gtins = [
      ['4006381333931', '04006381333931'],
      ['036000291452', '00036000291452'],
      ['36000291452', '00036000291452'],
      ['00036000291452', '00036000291452'],
      ['0', '00000000000000'],
      ['123456789012345', null],
      ['', null],
      ['B-1', null],
      ['12 34', null],
      ['٣', null],
      [null, null],
    ] as const;
    const database = await Database.open(dataSource);
    const [, item] = ROWS.find(([entity]) => entity === Item) ?? [];
    for (const [barcode] of gtins) await database.insert(Item, { ...item, sku: null, barcode });
    const before: Item[] = await dataSource.query('select * from items order by id');

    await migrate(dataSource);
    const after: Item[] = await dataSource.query('select * from items order by id');
    expect(after.slice(1).map(({ barcode, gtin }) => [barcode, gtin])).toEqual(gtins);
    const added = {
      low_stock_threshold: null,
      reorder_quantity: null,
      search_key: 'apfel',
      unit_cost: null,
    };
    expect(after).toEqual(
      before.map((row, index) => ({
        ...row,
        ...added,
        gtin: after[index]?.gtin,
        version: after[index]?.version,
      })),
    );
  });

  it('keep the barcodes of an older file without marks where they are GTINs', async () => {
    await migrateUpTo(dataSource, TidyBarcodes1764001300000);
    await fill(dataSource);
    const barcodes = [
      ['4 006381 333931 >', '4006381333931', '04006381333931'],
      ['0-36000-29145-2', '036000291452', '00036000291452'],
      ['９６３８　５０７４', '96385074', '00000096385074'],
      [']E04006381\u200b333931', '4006381333931', '04006381333931'],
      ['0 425261 4', '04252614', '00000004252614'],
      ['0 425261 5', '0 425261 5', null],
      ['4 006381 333930', '4 006381 333930', null],
      ['(10)96385074', '(10)96385074', null],
      ['B-1', 'B-1', null],
      ['12 34', '12 34', null],
      ['', '', null],
      [null, null, null],
    ] as const;
    const database = await Database.open(dataSource);
    const [, item] = ROWS.find(([entity]) => entity === Item) ?? [];
    for (const [barcode] of barcodes) await database.insert(Item, { ...item, sku: null, barcode });
    await dataSource.query(`
      with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < 2500)
      insert into items (category_id, name, name_key, barcode, unit_price, unit_type, tax_rate, discount_rate, created_by,
        updated_by, created_at, updated_at)
      select category_id, name, name_key, 'X-' || n, unit_price, unit_type, tax_rate, discount_rate, created_by, updated_by,
        created_at, updated_at from items join numbers on items.id = 1`);
    await database.insert(Item, { ...item, sku: null, barcode: '9638-5074' });
    const before: Item[] = await dataSource.query('select * from items order by id');

    await migrate(dataSource);
    const after: Item[] = await dataSource.query('select * from items order by id');
    expect(after.slice(1, 1 + barcodes.length).map(({ barcode, gtin }) => [barcode, gtin])).toEqual(
      barcodes.map(([, barcode, gtin]) => [barcode, gtin]),
    );
    expect(after.at(-1)).toMatchObject({ barcode: '96385074', gtin: '00000096385074' });
    expect(after).toEqual(
      before.map((row, index) => {
        const { barcode, gtin, version } = after[index] ?? row;
        return { ...row, unit_cost: null, ...(gtin !== row.gtin && { barcode, gtin, version }) };
      }),
    );
  });

  it('bring text into one form, keep both of two rows that clash then, and say so', async () => {
    await migrateUpTo(dataSource, released.NormalizeText1764001100000);
    await fill(dataSource);
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
    const database = await Database.open(dataSource);
    const valuesOf = (entity: EntityTarget<ObjectLiteral>) => ROWS.find(([target]) => target === entity)?.[1];
    for (const name of [
      'Te\u200ba',
      'Tea',
      'T\u00adea',
      'Tea (2)',
      '\u3164',
      'Süßes\u00a0 Brot 10',
      'मीटर',
      'Category 6',
    ]) {
      await database.insert(Category, { ...valuesOf(Category), name, name_key: 'old' });
    }
    const items = [
      ['Tea 10', 'T\u200b1'],
      ['Te\u200ba  9', 'T1'],
      ['½ Ananas', 'T1\ufe0f'],
      ['मीटर', '\u200b'],
      ['چای ۲', null],
    ];
    for (const [name, sku] of items) {
      await database.insert(Item, { ...valuesOf(Item), name: name as string, name_key: 'old', sku });
    }
    const emails = [
      'i\u0307rem@shop.example',
      'info@xn--mteri-kva70e.com.tr',
      'info@müşteri.com.tr',
      'i\u0307nci@x.example',
    ];
    for (const email of emails) {
      const username_key = `user_${emails.indexOf(email)}`;
      await database.insert(User, { ...valuesOf(User), email, username: username_key, username_key });
    }
    const removed = { is_deleted: true, is_active: false, deleted_at: NOW };
    await database.insert(User, {
      ...valuesOf(User),
      ...removed,
      email: 'i\u0307nci@x.example',
      username_key: 'gone',
    });

    await migrate(dataSource);
    expect(await dataSource.query('select name, name_key from categories where id > 1 order by id')).toEqual([
      { name: 'Tea (3)', name_key: 'tea (13)' },
      { name: 'Tea', name_key: 'tea' },
      { name: 'Tea (4)', name_key: 'tea (14)' },
      { name: 'Tea (2)', name_key: 'tea (12)' },
      { name: 'Category 6 (2)', name_key: 'category 16 (12)' },
      { name: 'Süßes Brot 10', name_key: 'susses brot 210' },
      { name: 'मीटर', name_key: 'मीटर' },
      { name: 'Category 6', name_key: 'category 16' },
    ]);
    expect(await dataSource.query('select name, name_key, search_key, sku from items order by id')).toEqual([
      { name: 'Äpfel', name_key: 'apfel', search_key: 'apfel', sku: 'A-1' },
      { name: 'Tea 10', name_key: 'tea 210', search_key: 'tea 10', sku: 'T1 (2)' },
      { name: 'Tea 9', name_key: 'tea 19', search_key: 'tea 9', sku: 'T1' },
      { name: '½ Ananas', name_key: '11/12 ananas', search_key: '1/2 ananas', sku: 'T1 (3)' },
      { name: 'मीटर', name_key: 'मीटर', search_key: 'मीटर', sku: null },
      { name: 'چای ۲', name_key: 'چاي 12', search_key: 'چاي 2', sku: null },
    ]);
    const users: Pick<User, 'email'>[] = await dataSource.query(
      'select email from users where id > 1 order by id',
    );
    expect(users.map(({ email }) => email)).toEqual([
      'irem@shop.example',
      'info@xn--mteri-kva70e.com.tr',
      'info@müşteri.com.tr',
      'inci@x.example',
      'inci@x.example',
    ]);
    expect(warn.mock.calls.map(([line]) => String(line)).sort()).toEqual([
      'Category 2: the name "Te\u200ba" is now "Tea (3)"',
      'Category 4: the name "T\u00adea" is now "Tea (4)"',
      'Category 6: the name "\u3164" is now "Category 6 (2)"',
      'Item 2: the sku "T\u200b1" is now "T1 (2)"',
      'Item 4: the sku "T1\ufe0f" is now "T1 (3)"',
      'Item 5: the sku "\u200b" is now null',
      "User 3 keeps an e-mail address that is another user's by now, and logs in by username",
    ]);
    const found = isPostgres(dataSource)
      ? `select id from items where search_key like '%1/2 ana%'`
      : `select rowid as id from item_names where search_key glob '*1/2 ana*'`;
    expect(await dataSource.query(found)).toEqual([{ id: 4 }]);
    const changed: { id: number }[] = await dataSource.query(
      `select id from items where updated_at <> '${NOW}'`,
    );
    expect(changed.map(({ id }) => id).sort()).toEqual([2, 3, 4, 5]);
    warn.mockRestore();
    await database.close();
  });

  it('read text as the program does: who changes a form writes a migration for what is stored', () => {
    assert(
      property(string({ unit: 'binary' }), string({ unit: 'grapheme' }), (one, other) => {
        for (const text of [one, other, `1½ ${one}${other} 10`]) {
          expect(released.normalizeLine(text)).toBe(normalizeLine(text));
          expect(released.nameKey(text)).toBe(nameKey(text));
          expect(released.searchKey(text)).toBe(searchKey(text));
          expect(released.normalizeEmail(`${text}@${text}`)).toBe(normalizeEmail(`${text}@${text}`));
        }
      }),
    );
  });

  it.each(['categories', 'items'])('sort the name keys of %s byte by byte', async (table) => {
    await migrate(dataSource);
    await fill(dataSource);
    await dataSource.query('delete from stock_entries');
    const [entity, row] = ROWS.find(([target]) => target === (table === 'items' ? Item : Category)) ?? [];
    const keys = [
      'a',
      'ab',
      'a b',
      'a-b',
      'b',
      'B',
      '_',
      '1',
      '10',
      '9',
      'ä',
      'ß',
      'я',
      'い',
      '～',
      '🍎',
      '',
    ];
    const database = await Database.open(dataSource);
    for (const key of keys) {
      const unique = table === 'items' ? { sku: key } : { name: key };
      await database.insert(entity as typeof Item, { ...row, ...unique, name_key: key });
    }
    const rows: { name_key: string }[] = await dataSource.query(
      `select name_key from ${table} where id > 1 order by name_key`,
    );
    expect(rows.map(({ name_key }) => name_key)).toEqual(
      [...keys].sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other))),
    );
  });
});

describeWithSqlite('An SQLite file', () => {
  let temporary: TemporaryDatabase;
  let writer: DataSource;
  let database: Database;

  beforeAll(async () => {
    temporary = await createSqliteFile();
    writer = await connect(temporary);
    await migrate(writer);
    database = await Database.open(writer);
  });

  afterAll(async () => {
    await database.close();
    await writer.destroy();
    await temporary.drop();
  });

  it.each([
    ['journal_mode', 'wal'],
    ['synchronous', 2],
    ['foreign_keys', 1],
  ])('is written with %s = %s', async (pragma, value) => {
    expect(await writer.query(`pragma ${pragma}`)).toEqual([{ [pragma]: value }]);
  });

  it('makes writer and reader wait for other processes', async () => {
    const [written] = await writer.query('pragma busy_timeout');
    const [read] = await database.read<{ timeout: number }>`pragma busy_timeout`;
    expect(written.timeout).toBeGreaterThanOrEqual(1000);
    expect(read?.timeout).toBeGreaterThanOrEqual(1000);
  });

  it('is opened by whoever finds another process just creating it', async () => {
    const fresh = await createSqliteFile();
    const location = parseDatabaseUrl(fresh.url);
    const creator = new BetterSqlite3(fresh.url.replace('sqlite:///', ''));
    try {
      creator.exec('begin immediate');
      const opening = openDataSource(writerOptions(location));
      setTimeout(() => creator.exec('commit'), 100);
      const opened = await opening;
      expect(await opened.query('pragma journal_mode')).toEqual([{ journal_mode: 'wal' }]);
      await opened.destroy();
    } finally {
      creator.close();
      await fresh.drop();
    }
  });

  it('is read through a connection that can not write', async () => {
    const refused = { cause: { code: 'SQLITE_READONLY' } };
    await expect(database.read`insert into seedings values ('x', '')`).rejects.toMatchObject(refused);
    await expect(database.read`delete from seedings`).rejects.toMatchObject(refused);
    expect(await database.read`select * from seedings`).toEqual([]);
  });
});

function connect({ url }: TemporaryDatabase, migrations?: (new () => object)[]): Promise<DataSource> {
  const options = { ...writerOptions(parseDatabaseUrl(url)), entities: ENTITIES };
  return new DataSource(migrations ? { ...options, migrations } : options).initialize();
}

async function fill(dataSource: DataSource): Promise<void> {
  const database = await Database.open(dataSource);
  for (const [entity, row] of ROWS) await database.insert(entity, row);
  await database.insert(RefreshToken, { token_hash: 'f'.repeat(64), session_id: 1, rotated_at: NOW });
  await database.insert(Seeding, { name: 'mock data', seeded_at: NOW });
  await database.insert(LoginThrottle, {
    subject_hash: 'f'.repeat(64),
    failures_left: -3,
    waits_until: Date.parse(NOW),
    is_known: true,
    expires_at: NOW,
  });
}

async function everythingIn(dataSource: DataSource) {
  return {
    schema: await schemaOf(dataSource),
    migrations: (await dataSource.query('select * from migrations')) as unknown,
    tables: await readTables(dataSource),
  };
}

/** Better-sqlite3 holds its thread while it waits for a lock, so that two at once take two processes. */
async function migrateInProcess(url: string): Promise<{ code: number; stderr: string }> {
  const modules = ['config/database-url', 'database/data-source-options', 'database/open-data-source'];
  const imports = modules.map(
    (module) => `import('${new URL(`../dist/platform/${module}.js`, import.meta.url).href}')`,
  );
  const script = `
    const [{ parseDatabaseUrl }, { writerOptions }, { openDataSource }] = await Promise.all([${imports.join()}]);
    await (await openDataSource(writerOptions(parseDatabaseUrl(process.argv[1])))).destroy();`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, url], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code] = await once(child, 'close');
  return { code, stderr };
}

function isPostgres(dataSource: DataSource): boolean {
  return dataSource.options.type === 'postgres';
}

/** Makes the schema as it was before a migration. */
async function migrateUpTo(dataSource: DataSource, migration: new () => object): Promise<void> {
  await migrate(dataSource);
  const first = dataSource.migrations.findIndex(({ constructor }) => constructor === migration);
  for (let left = dataSource.migrations.length; left > first; left--) await dataSource.undoLastMigration();
}

/** Our tables, without TypeORM's own and the ones that SQLite makes for its index of item names. */
async function tablesOf(dataSource: DataSource): Promise<string[]> {
  const rows: { name: string }[] = await dataSource.query(
    isPostgres(dataSource)
      ? `select table_name as name from information_schema.tables where table_schema = 'public'`
      : `select name from sqlite_master where type = 'table' and name not like 'sqlite_%'`,
  );
  return rows
    .map(({ name }) => name)
    .filter((name) => name !== 'migrations' && !name.startsWith('item_names'))
    .sort();
}

/** The whole schema as the engine describes it. */
async function schemaOf(dataSource: DataSource): Promise<unknown> {
  if (!isPostgres(dataSource)) {
    return dataSource.query('select type, name, tbl_name, sql from sqlite_master order by type, name');
  }
  return {
    columns: await dataSource.query(`
      select table_name, column_name, data_type, character_maximum_length, collation_name, is_nullable, column_default
      from information_schema.columns where table_schema = 'public' order by table_name, ordinal_position`),
    constraints: await dataSource.query(`
      select conrelid::regclass::text as table, conname, pg_get_constraintdef(oid) as definition
      from pg_constraint where connamespace = 'public'::regnamespace order by 1, 2`),
    indexes: await dataSource.query(
      `select indexname, indexdef from pg_indexes where schemaname = 'public' order by 1`,
    ),
  };
}

/** The names of all indexes and constraints of our tables, but for the primary keys of id columns. */
async function constraintNamesOf(dataSource: DataSource): Promise<string[]> {
  if (isPostgres(dataSource)) {
    const rows: { name: string }[] = await dataSource.query(`
      select conname as name from pg_constraint
      where connamespace = 'public'::regnamespace and contype <> 'n' and conrelid <> 'migrations'::regclass
      union
      select indexname from pg_indexes where schemaname = 'public' and tablename <> 'migrations'`);
    return rows
      .map(({ name }) => name)
      .filter((name) => !tablesIn(dataSource).includes(name.replace(/_pkey$/, '')))
      .sort();
  }
  const rows: { type: string; name: string; sql: string | null }[] = await dataSource.query(
    `select type, name, sql from sqlite_master where tbl_name not in ('migrations', 'sqlite_sequence') and tbl_name not like 'item_names%'`,
  );
  // An index without a statement stands for a constraint, which the table's own statement names.
  const indexes = rows.filter(({ type, sql }) => type === 'index' && sql).map(({ name }) => name);
  const constraints = rows
    .filter(({ type }) => type === 'table')
    .flatMap(({ sql }) => [
      ...(sql ?? '')
        .replaceAll(/"id" integer primary key/gi, '')
        .matchAll(/(?:constraint\s+"(\w+)"\s+)?\b(?:foreign key|primary key|check|unique)\b/gi),
    ])
    .map(([declaration, name]) => name ?? `nameless: ${declaration}`);
  return [...indexes, ...constraints].sort();
}
