import { DataSource } from 'typeorm';
import { startApp } from './support/app.js';
import { type Client } from './support/client.js';
import { nonEmpty } from './support/non-empty.js';
import { ADMIN, PASSWORD } from './support/shop.js';
import { readTables } from './support/tables.js';
import { createTemporaryDatabase, type TemporaryDatabase } from './support/temporary-database.js';

type Tables = Awaited<ReturnType<typeof readTables>>;

const CATEGORIES = [
  'Bakery',
  'Beverages',
  'Dairy & Eggs',
  'Fresh Produce',
  'Meat & Seafood',
  'Pantry',
  'Snacks',
];

describe('Seeding', () => {
  let database: TemporaryDatabase;

  beforeEach(async () => {
    database = await createTemporaryDatabase();
  });

  afterEach(() => database.drop());

  it('creates the admin of the specification', async () => {
    await visit({}, async (anonymous) => {
      const admin = await anonymous.login('admin', 'Admin1234!');
      await anonymous.login('admin@stocktracker.local', 'Admin1234!');
      const { body } = await admin.get('/users').expect(200);
      expect(body).toEqual([
        expect.objectContaining({
          username: 'admin',
          email: 'admin@stocktracker.local',
          full_name: 'Default Admin',
          role: 'admin',
          is_active: true,
          is_deleted: false,
          deleted_at: null,
        }),
      ]);
    });
  });

  it('creates 7 categories and 32 items, each of them in stock', async () => {
    await visit({}, async (anonymous) => {
      const admin = await anonymous.login(ADMIN.username, ADMIN.password);
      const { body: user } = await admin.get('/auth/me').expect(200);
      const { body: categories } = await admin.get('/categories').expect(200);
      const { body: items } = await admin.get('/items').expect(200);
      const { body: stock } = await admin.get('/stock').expect(200);

      expect(namesOf(categories)).toEqual(CATEGORIES);
      expect(items).toHaveLength(32);
      for (const key of ['id', 'name', 'sku', 'barcode']) {
        expect(new Set(items.map((item: Record<string, unknown>) => item[key])).size).toBe(32);
      }
      for (const item of items) {
        expect(item.sku).toMatch(/^\S{1,50}$/);
        expect(item.barcode).toMatch(/^\d{13}$/);
        expect(checkDigitOf(item.barcode.slice(0, 12))).toBe(Number(item.barcode[12]));
        expect(item.unit_price).toBeGreaterThan(0);
        expect(item.tax_rate).toBeGreaterThan(0);
        expect(item.tax_rate).toBeLessThan(100);
      }
      expect(new Set(items.map((item: { category_id: number }) => item.category_id))).toEqual(
        new Set(categories.map((category: { id: number }) => category.id)),
      );
      const units = items.map((item: { unit_type: string }) => item.unit_type);
      expect(units).toEqual(expect.arrayContaining(['kg', 'piece', 'cup', 'litre']));

      expect(stock.map((entry: { item_id: number }) => entry.item_id)).toEqual(
        items.map((item: { id: number }) => item.id).sort((one: number, other: number) => one - other),
      );
      for (const entry of stock) expect(entry.quantity).toBeGreaterThan(0);
      for (const row of [...categories, ...items, ...stock]) {
        expect(row).toMatchObject({ created_by: user.id, updated_by: user.id });
      }
    });
  });

  it('changes nothing at the second start', async () => {
    const first = await visit();
    expect(first.items).toHaveLength(32);
    expect(await visit()).toEqual(first);
  });

  it('leaves what a person changed or deleted', async () => {
    const changed = await visit({}, async (anonymous) => {
      const admin = await anonymous.login(ADMIN.username, ADMIN.password);
      const { body: me } = await admin.get('/auth/me').expect(200);
      const { body: categories } = await admin.get('/categories').expect(200);
      const { body: items } = await admin.get('/items').expect(200);
      await admin.patch(`/categories/${categories[0].id}`, { name: 'Brot' }).expect(200);
      await admin.patch(`/items/${items[0].id}`, { sku: null, unit_price: 0 }).expect(200);
      await admin.patch(`/stock/${items[1].id}`, { quantity: 0 }).expect(200);
      await admin.delete(`/stock/${items[2].id}`).expect(204);
      await admin.delete(`/items/${items[3].id}`).expect(204);
      await admin
        .patch(`/users/${me.id}`, { email: 'owner@shop.example', full_name: 'Zoë', password: PASSWORD })
        .expect(200);
    });
    expect(changed.items).toHaveLength(31);
    expect(changed.stock_entries).toHaveLength(30);
    const after = await visit();
    expect(after).toEqual(changed);
    await visit({}, async (anonymous) => {
      await anonymous.post('/auth/login', ADMIN).expect(401);
      await anonymous.login('owner@shop.example', PASSWORD);
    });
  });

  it('does not bring back a catalogue that a person has cleared', async () => {
    const cleared = await visit({}, async (anonymous) => {
      const admin = await anonymous.login(ADMIN.username, ADMIN.password);
      const { body: items } = await admin.get('/items').expect(200);
      for (const { id } of nonEmpty<{ id: number }>(items)) await admin.delete(`/items/${id}`).expect(204);
      const { body: categories } = await admin.get('/categories').expect(200);
      for (const { id } of nonEmpty<{ id: number }>(categories))
        await admin.delete(`/categories/${id}`).expect(204);
    });
    expect(cleared).toMatchObject({ categories: [], items: [], stock_entries: [] });
    expect(await visit()).toEqual(cleared);
  });

  it('keeps out of a catalogue that a person has begun', async () => {
    const begun = await visit({ SEED_MOCK_DATA: 'false' }, async (anonymous) => {
      const admin = await anonymous.login(ADMIN.username, ADMIN.password);
      await admin.post('/categories', { name: 'Kuchen' }).expect(201);
    });
    const { categories, items } = await visit();
    expect(categories).toEqual(begun.categories);
    expect(items).toEqual([]);
  });

  it('creates the admin that the environment describes', async () => {
    const environment = {
      ADMIN_USERNAME: 'Barista',
      ADMIN_EMAIL: 'Zoe@Shop.example',
      ADMIN_PASSWORD: PASSWORD,
    };
    await visit(environment, async (anonymous) => {
      const barista = await anonymous.login('barista', PASSWORD);
      const { body } = await barista.get('/users').expect(200);
      expect(body).toEqual([
        expect.objectContaining({ username: 'Barista', email: 'zoe@shop.example', role: 'admin' }),
      ]);
      await anonymous.post('/auth/login', ADMIN).expect(401);
    });
  });

  it('creates no second admin where there is one under another name', async () => {
    const before = await visit({ ADMIN_USERNAME: 'barista', ADMIN_PASSWORD: PASSWORD });
    expect(before.users).toMatchObject([{ username: 'barista' }]);
    expect(await visit({ ADMIN_USERNAME: 'admin' })).toEqual(before);
  });

  it('creates no admin with SEED_ADMIN=false, and no mock data while there is nobody to create it', async () => {
    const nothing = { users: [], categories: [], items: [], stock_entries: [] };
    expect(await visit({ SEED_ADMIN: 'false' })).toMatchObject(nothing);

    const later = await visit({ SEED_ADMIN: 'true' });
    expect(later.users).toHaveLength(1);
    expect(later.items).toHaveLength(32);
  });

  it('creates an admin and an empty catalogue with SEED_MOCK_DATA=false', async () => {
    const tables = await visit({ SEED_MOCK_DATA: 'false' });
    expect(tables.users).toHaveLength(1);
    expect(tables).toMatchObject({ categories: [], items: [], stock_entries: [] });

    const later = await visit({ SEED_MOCK_DATA: 'true' });
    expect(later.users).toEqual(tables.users);
    expect(later.items).toHaveLength(32);
  });

  it('creates the same on every machine', async () => {
    const here = await visit();
    const another = await createTemporaryDatabase();
    try {
      const there = await tablesAfterStart(another);
      expect(withoutChance(there)).toEqual(withoutChance(here));
      expect(here.items).toHaveLength(32);
    } finally {
      await another.drop();
    }
  });

  /** Starts the program, lets someone work with it, stops it, and returns what is in the tables then. */
  function visit(environment: Record<string, string> = {}, work?: Work): Promise<Tables> {
    return tablesAfterStart(database, environment, work);
  }
});

type Work = (anonymous: Client) => Promise<void>;

async function tablesAfterStart(
  database: TemporaryDatabase,
  environment: Record<string, string> = {},
  work?: Work,
): Promise<Tables> {
  const { app, client } = await startApp(database, environment);
  try {
    await work?.(client);
    // Sessions come and go with every login.
    return { ...(await readTables(app.get(DataSource))), sessions: [], refresh_tokens: [] };
  } finally {
    await app.close();
  }
}

function namesOf(rows: { name: string }[]): string[] {
  return rows.map(({ name }) => name);
}

/** GS1 General Specifications, 7.9: digits weigh 1 and 3 in turn, and the check digit fills up to a full ten. */
function checkDigitOf(digits: string): number {
  const sum = [...digits].reduce(
    (total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 1 : 3),
    0,
  );
  return (10 - (sum % 10)) % 10;
}

/** Leaves out when it was, and the salt of the password. */
function withoutChance(tables: Tables): Tables {
  const chance = [
    'created_at',
    'updated_at',
    'occurred_at',
    'recorded_at',
    'valid_from',
    'hash',
    'seeded_at',
    'hashed_password',
    'version',
  ];
  const strip = (row: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(row).filter(([column]) => !chance.includes(column)));
  return Object.fromEntries(Object.entries(tables).map(([table, rows]) => [table, rows.map(strip)]));
}
