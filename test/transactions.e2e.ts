import { setImmediate as tick } from 'node:timers/promises';
import BetterSqlite3 from 'better-sqlite3';
import { Role } from '../src/platform/authorization/role.js';
import { Category } from '../src/categories/category.entity.js';
import { ConstraintViolation } from '../src/platform/database/constraint-violation.js';
import { Database } from '../src/platform/database/database.js';
import { sql } from '../src/platform/database/sql.js';
import { Item } from '../src/items/item.entity.js';
import { StockEntry } from '../src/stock/stock-entry.entity.js';
import { User } from '../src/users/user.entity.js';
import { Client } from './support/client.js';
import { onPostgres, onSqlite } from './support/engines.js';
import { Program } from './support/program.js';
import { ADMIN, PASSWORD, Shop } from './support/shop.js';
import { createTemporaryDatabase } from './support/temporary-database.js';
import { createTemporaryFolder } from './support/temporary-folder.js';
import { until } from './support/until.js';
import { hundredths, thousandths } from '../src/platform/validation/decimal.js';

const NOW = '2026-03-01T07:00:00.000Z';
const AUTHORSHIP = { created_by: 1, updated_by: 1, created_at: NOW, updated_at: NOW };

describe('Transactions', () => {
  let shop: Shop;
  let database: Database;

  beforeAll(async () => {
    shop = await Shop.open();
    database = shop.app.get(Database);
  });

  afterAll(() => shop.close());

  beforeEach(async () => {
    await database.write`delete from items`;
    await database.write`delete from categories`;
  });

  it('return rows of which a test may read only the columns that were selected', async () => {
    await addCategory('Tea');
    const [row] = await database.read<Category>`select id, name from categories`;
    expect(row?.name).toBe('Tea');
    expect(() => row?.sort_order).toThrow('The statement returns no column sort_order, but id, name');
  });

  it('keep all of their work when it ends well, and answer its result', async () => {
    const result = await database.transaction(async () => {
      await addCategory('Tea');
      await addCategory('Coffee');
      return 'done';
    });
    expect(result).toBe('done');
    expect(await categoryNames()).toEqual(['Coffee', 'Tea']);
  });

  it.each<[failure: string, fail: () => Promise<unknown>]>([
    ['an error of the program', () => Promise.reject(new Error('No'))],
    ['a violated constraint', () => addCategory('Tea')],
    ['a broken statement', () => database.write`update nothing set anything = 1`],
  ])('leave nothing of their work after %s, and nobody who writes next notices', async (_failure, fail) => {
    const failing = database.transaction(async () => {
      await addCategory('Tea');
      await fail();
    });
    await expect(failing).rejects.toThrow();
    expect(await categoryNames()).toEqual([]);

    await addCategory('Coffee');
    await database.transaction(() => addCategory('Water'));
    expect(await categoryNames()).toEqual(['Coffee', 'Water']);
  });

  it('read what they have written, which nobody else does before the end', async () => {
    const written = new Signal();
    const read = new Signal();
    const open = database.transaction(async () => {
      await addCategory('Tea');
      const names = await categoryNames();
      written.give();
      await read.given;
      return names;
    });
    await written.given;
    try {
      expect(await categoryNames()).toEqual([]);
      await shop.as(Role.Employee).get('/categories').expect(200, []);
    } finally {
      read.give();
      expect(await open).toEqual(['Tea']);
    }
    expect(await categoryNames()).toEqual(['Tea']);
  });

  it('do not take the plain write of someone else along when they roll back', async () => {
    const written = new Signal();
    const end = new Signal();
    const failing = database.transaction(async () => {
      await addCategory('Tea');
      written.give();
      await end.given;
      throw new Error('Changed my mind');
    });
    await written.given;
    const plain = addCategory('Coffee');
    const request = shop.as(Role.Employee).post('/categories', { name: 'Water' }).expect(201);
    // The request is sent with the first `then`.
    const sent = request.then();
    await tick();
    end.give();
    await expect(failing).rejects.toThrow('Changed my mind');
    await Promise.all([plain, sent]);
    expect(await categoryNames()).toEqual(['Coffee', 'Water']);
  });

  it('join the one that is open around them', async () => {
    const outer = database.transaction(async () => {
      await database.transaction(() => addCategory('Tea'));
      await database.exclusiveTransaction(() => addCategory('Coffee'));
      expect(await categoryNames()).toEqual(['Coffee', 'Tea']);
      throw new Error('Changed my mind');
    });
    await expect(outer).rejects.toThrow('Changed my mind');
    expect(await categoryNames()).toEqual([]);
  });

  it('are kept whole when one inside is given up and the one around goes on', async () => {
    await database.transaction(async () => {
      await addCategory('Tea');
      const inner = database.transaction(async () => {
        await addCategory('Coffee');
        throw new Error('Changed my mind');
      });
      await expect(inner).rejects.toThrow('Changed my mind');
    });
    expect(await categoryNames()).toEqual(['Coffee', 'Tea']);
  });

  it.each<[failure: string, fail: () => Promise<unknown>]>([
    ['a violated constraint', () => addCategory('Tea')],
    ['a broken statement', () => database.write`update nothing set anything = 1`],
    ['a broken read', () => database.read`select * from nothing`],
  ])('keep nothing after %s that they pass over, and say so', async (_failure, fail) => {
    let passedOver: unknown;
    const failing = database.transaction(async () => {
      await addCategory('Tea');
      passedOver = await fail().catch((error: unknown) => error);
      return 'done';
    });
    await expect(failing).rejects.toBeInstanceOf(Error);
    await expect(failing).rejects.toBe(passedOver);
    expect(await categoryNames()).toEqual([]);
  });

  describe('that wait for no answer to an insert', () => {
    const tea = {
      id: 1,
      name: 'Tea',
      name_key: 'tea',
      description: null,
      sort_order: 0,
      ...AUTHORSHIP,
      version: 1,
    };

    it('read the row they have inserted, and keep it', async () => {
      const names = await database.transaction(async () => {
        database.insertPipelined(Category, tea);
        return categoryNames();
      });
      expect(names).toEqual(['Tea']);
      expect(await database.read`select * from categories`).toEqual([tea]);
    });

    it.each<[what: string, goOn: () => Promise<unknown>]>([
      ['nothing', () => Promise.resolve()],
      ['a read', () => categoryNames()],
      ['another write', () => addCategory('Water')],
      ['an error of the program', () => Promise.reject(new Error('No'))],
    ])('throw its error at the end and keep nothing, with %s behind it', async (_what, goOn) => {
      await addCategory('Tea');
      const failing = database.transaction(async () => {
        await addCategory('Coffee');
        database.insertPipelined(Category, { ...tea, id: 999_999 });
        await goOn();
      });
      await expect(failing).rejects.toMatchObject({ kind: 'taken', constraint: 'uq_categories_name' });
      expect(await categoryNames()).toEqual(['Tea']);
      await addCategory('Water');
      expect(await categoryNames()).toEqual(['Tea', 'Water']);
    });

    it('are needed for that', () => {
      expect(() => {
        database.insertPipelined(Category, tea);
      }).toThrow('This takes a transaction');
    });
  });

  describe('and single statements', () => {
    let id: number;

    beforeEach(async () => {
      id = await addStock(1);
    });

    /** On each of ten connections, with its statements prepared there. Adds 100 to the quantity. */
    const touchEverywhere = () =>
      Promise.all(
        Array.from({ length: 50 }, async () => {
          await database.write`update stock_entries set quantity = quantity + 1 where id = ${id} returning *`;
          await database.transaction(async () => {
            await database.write`update stock_entries set quantity = quantity + 1 where id = ${id} returning *`;
            await quantityOf(id);
          });
        }),
      );

    it('go on when a newer replica adds a column to their tables', async () => {
      await touchEverywhere();
      await database.write`alter table stock_entries add column shelf integer`;
      try {
        await touchEverywhere();
        expect(await quantityOf(id)).toBe(1 + 200);
      } finally {
        await database.write`alter table stock_entries drop column shelf`;
      }
      await touchEverywhere();
      expect(await quantityOf(id)).toBe(1 + 300);
    });

    it('know columns by their names when a newer replica puts them into another order', async () => {
      const { id: categoryId } = await addCategory('Coffee');
      await database.write`update categories set description = 'The old one'`;
      const descriptions = async () => {
        const [read] = await database.read<Category>`select * from categories where id = ${categoryId}`;
        const [written] = await database.write<Category>`
          update categories set version = version + 1 where id = ${categoryId} returning *`;
        return [read?.description, written?.description];
      };
      expect(await descriptions()).toEqual(['The old one', 'The old one']);
      await database.write`alter table categories rename column description to remark`;
      await database.write`alter table categories add column description varchar(2000)`;
      try {
        expect(await descriptions()).toEqual([null, null]);
      } finally {
        await database.write`alter table categories drop column description`;
        await database.write`alter table categories rename column remark to description`;
      }
      expect(await descriptions()).toEqual(['The old one', 'The old one']);
    });

    onPostgres('go on when connections are mixed up that they were prepared on', async () => {
      await touchEverywhere();
      // Within a block, where pgbouncer does not see it.
      const forget = () => database.write`
        do $$
        declare statement record;
        begin
          for statement in select name from pg_prepared_statements where from_sql is false loop
            execute format('deallocate %I', statement.name);
          end loop;
        end $$`;
      await Promise.all(Array.from({ length: 50 }, forget));
      await touchEverywhere();
      expect(await quantityOf(id)).toBe(1 + 200);
    });

    it('go on after they were sent behind one that failed', async () => {
      // Prepared nowhere yet.
      const touch = () => sql`
        update stock_entries set quantity = quantity + ${1} where id = ${id} and quantity >= ${0}`;
      const failures = Array.from({ length: 50 }, () =>
        database.transaction(async () => {
          const failing = database.write`update nothing set anything = ${1}`;
          database.writePipelined(touch());
          database.writePipelined(touch());
          await failing;
        }),
      );
      const outcomes = await Promise.allSettled(failures);
      expect(outcomes.map(({ status }) => status)).toEqual(Array.from({ length: 50 }, () => 'rejected'));
      await Promise.all(Array.from({ length: 50 }, () => database.write`${touch()}`));
      expect(await quantityOf(id)).toBe(1 + 50);
    });
  });

  it('lose no increment when fifty of them run at once', async () => {
    const id = await addStock(0);
    const transactions = Array.from({ length: 50 }, (_, index) =>
      database.transaction(async () => {
        await quantityOf(id);
        await tick();
        await database.write`update stock_entries set quantity = quantity + 1 where id = ${id}`;
        await tick();
        await database.write`update items set name = ${`Tea ${index}`} where id = (
          select item_id from stock_entries where id = ${id})`;
      }),
    );
    await Promise.all(transactions);
    expect(await quantityOf(id)).toBe(50);
  });

  it('keep what succeeds and drop what fails when both run at once', async () => {
    const id = await addStock(0);
    const transactions = Array.from({ length: 50 }, (_, index) =>
      database.transaction(async () => {
        await database.write`update stock_entries set quantity = quantity + 1 where id = ${id}`;
        await tick();
        if (index % 2 === 0) throw new Error('Changed my mind');
      }),
    );
    const outcomes = await Promise.allSettled(transactions);
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(25);
    expect(await quantityOf(id)).toBe(25);
  });

  onPostgres('that wait for each other are all carried out: the one that is ended runs again', async () => {
    const [tea, coffee] = [await addStock(0), await addStock(0)];
    const increase = (id: number) =>
      database.write`update stock_entries set quantity = quantity + 1 where id = ${id}`;
    let [tries, locked] = [0, 0];
    const increaseBoth = (first: number, second: number) =>
      database.transaction(async () => {
        tries++;
        await increase(first);
        locked++;
        await until(() => locked >= 2);
        await increase(second);
      });
    await Promise.all([increaseBoth(tea, coffee), increaseBoth(coffee, tea)]);
    expect(tries).toBe(3);
    expect([await quantityOf(tea), await quantityOf(coffee)]).toEqual([2, 2]);
  });

  it('let whoever has written read that at once, however many write together', async () => {
    const read = Array.from({ length: 250 }, async (_, index) => {
      const { id } = await addCategory(`Tea ${index}`);
      const [category] = await database.read<Category>`select name from categories where id = ${id}`;
      return category?.name;
    });
    expect(await Promise.all(read)).toEqual(Array.from({ length: 250 }, (_, index) => `Tea ${index}`));
  });

  onSqlite(
    'of another process are seen from the next turn of the event loop on, and this turn keeps its snapshot',
    async () => {
      const other = new BetterSqlite3(shop.databaseUrl.replace('sqlite:///', ''));
      try {
        const rename = (name: string) => other.prepare('update categories set name = ?').run(name);
        await addCategory('Tea');

        database.shareReadSnapshot();
        expect(await categoryNames()).toEqual(['Tea']);
        rename('Black tea');
        database.shareReadSnapshot();
        expect(await categoryNames()).toEqual(['Tea']);
        await tick();
        expect(await categoryNames()).toEqual(['Black tea']);

        // Behind the polling, another process may be heard of before the loop has turned.
        rename('Green tea');
        await new Promise<void>((resolve) => {
          process.nextTick(resolve);
        });
        expect(await categoryNames()).toEqual(['Green tea']);
      } finally {
        other.close();
      }
    },
  );

  it('do not join plain writes that come together: each is done or refused by itself', async () => {
    const names = Array.from({ length: 250 }, (_, index) => `Tea ${index % 200}`);
    const outcomes = await Promise.allSettled(names.map(addCategory));
    const refused = names.filter((_, index) => outcomes[index]?.status === 'rejected');
    expect(refused).toEqual(names.slice(200));
    expect((await categoryNames()).sort()).toEqual(names.slice(0, 200).sort());
  });

  describe('that are exclusive', () => {
    it('run one at a time, so that what they read is still true when they write', async () => {
      const id = await addStock(0);
      let inside = 0;
      const transactions = Array.from({ length: 50 }, () =>
        database.exclusiveTransaction(async () => {
          inside += 1;
          expect(inside).toBe(1);
          const quantity = await quantityOf(id);
          await tick();
          await database.update(StockEntry, sql`id = ${id}`, { quantity: thousandths(quantity + 1) });
          inside -= 1;
        }),
      );
      await Promise.all(transactions);
      expect(await quantityOf(id)).toBe(50);
    });

    it('let the next one in after one has failed', async () => {
      await expect(database.exclusiveTransaction(() => Promise.reject(new Error('No')))).rejects.toThrow(
        'No',
      );
      expect(await database.exclusiveTransaction(() => Promise.resolve('yes'))).toBe('yes');
    });

    it('run one at a time over two processes on one database', async () => {
      const shared = await createTemporaryDatabase();
      const folder = await createTemporaryFolder();
      try {
        const environment = {
          DATABASE_URL: shared.url,
          SECRET_KEY: 'one secret for both of them',
          SEED_MOCK_DATA: 'false',
        };
        const programs = [new Program(folder, environment), new Program(folder, environment)];
        const [here, there] = await Promise.all(programs.map((program) => program.ready));
        const chef = await new Client(here?.origin ?? '').login(ADMIN.username, ADMIN.password);
        await chef
          .post('/users/register', {
            username: 'deputy',
            email: 'deputy@shop.example',
            password: PASSWORD,
            role: Role.Admin,
          })
          .expect(201);
        const deputy = await new Client(there?.origin ?? '').login('deputy', PASSWORD);
        const ids = await Promise.all(
          [chef, deputy].map(async (client) => (await client.get('/auth/me')).body.id),
        );

        // Both step down: whoever comes second is the last admin, and stays.
        for (let round = 0; round < 10; round++) {
          const answers = await Promise.all([
            chef.patch(`/users/${ids[0]}`, { role: Role.Employee }),
            deputy.patch(`/users/${ids[1]}`, { role: Role.Employee }),
          ]);
          expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
          const kept = answers[0].status === 409 ? chef : deputy;
          const other = kept === chef ? ids[1] : ids[0];
          await kept.patch(`/users/${other}`, { role: Role.Admin }).expect(200);
        }
      } finally {
        await Program.endAll();
        await shared.drop();
      }
    });
  });

  describe('and single writes name the constraint that refused them', () => {
    const user = {
      full_name: null,
      hashed_password: '',
      role: Role.Employee,
      is_active: true,
      is_deleted: false,
      credentials_version: 0,
      created_at: NOW,
      updated_at: NOW,
    };
    const newcomer = { ...user, email: 'new@shop.example', username: 'new', username_key: 'new' };

    it.each<[kind: string, constraint: string, write: () => Promise<unknown>]>([
      ['taken', 'uq_categories_name', () => addCategory('Tea')],
      ['taken', 'uq_items_sku', () => addItem({ sku: 'T-1' })],
      ['taken', 'uq_stock_entries_item', async () => addStockOf(await firstItem())],
      [
        'taken',
        'uq_users_email',
        () => database.insert(User, { ...newcomer, email: 'employee@shop.example' }),
      ],
      ['taken', 'uq_users_username', () => database.insert(User, { ...newcomer, username_key: 'employee' })],
      ['missing', 'fk_items_category', () => addItem({ category_id: 999_999 })],
      [
        'missing',
        'fk_items_category',
        () => database.update(Item, sql`sku = ${'T-1'}`, { category_id: 999_999 }),
      ],
      ['missing', 'fk_stock_entries_item', () => addStockOf(999_999)],
      ['in use', 'fk_items_category', () => database.write`delete from categories returning id`],
      ['refused', 'ck_items_unit_price', () => addItem({ unit_price: hundredths(-1) })],
      ['refused', 'ck_items_tax_rate', () => addItem({ tax_rate: hundredths(10_001) })],
      ['refused', 'ck_items_discount_rate', () => addItem({ discount_rate: hundredths(-1) })],
      ['refused', 'ck_items_low_stock_threshold', () => addItem({ low_stock_threshold: thousandths(-1) })],
      ['refused', 'ck_items_reorder_quantity', () => addItem({ reorder_quantity: thousandths(0) })],
      ['refused', 'ck_stock_entries_quantity', () => database.write`update stock_entries set quantity = -1`],
      [
        'refused',
        'ck_users_role',
        () => database.insert(User, { ...newcomer, role: 'owner' as unknown as Role }),
      ],
      ['refused', 'ck_users_deleted', () => database.insert(User, { ...newcomer, is_deleted: true })],
    ])('%s: %s', async (kind, constraint, write) => {
      await addStock(1, { sku: 'T-1' });
      await addCategoryIfAbsent('Tea');
      const before = await counts();
      for (const attempt of [write, () => database.transaction(write)]) {
        const violation = await attempt().catch((error: unknown) => error);
        expect(violation).toBeInstanceOf(ConstraintViolation);
        expect(violation).toMatchObject({ kind, constraint });
      }
      expect(await counts()).toEqual(before);
    });

    it('and leave other errors as they are', async () => {
      const error = await database.write`update nothing set anything = 1`.catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(Error);
      expect(error).not.toBeInstanceOf(ConstraintViolation);
    });
  });

  function addCategory(name: string): Promise<Category> {
    return database.insert(Category, {
      name,
      name_key: name.toLowerCase(),
      description: null,
      ...AUTHORSHIP,
    });
  }

  async function addCategoryIfAbsent(name: string): Promise<void> {
    if (!(await categoryNames()).includes(name)) await addCategory(name);
  }

  async function addItem(values: Partial<Item>): Promise<Item> {
    const [category] = await database.read<Category>`select * from categories limit 1`;
    return database.insert(Item, {
      category_id: category?.id,
      name: 'Tea',
      name_key: 'tea',
      unit_price: hundredths(100),
      unit_type: 'cup',
      tax_rate: hundredths(700),
      discount_rate: hundredths(0),
      ...AUTHORSHIP,
      ...values,
    });
  }

  function addStockOf(itemId: number, quantity = 0): Promise<StockEntry> {
    return database.insert(StockEntry, { item_id: itemId, quantity: thousandths(quantity), ...AUTHORSHIP });
  }

  /** Returns the id of the stock entry. */
  async function addStock(quantity: number, item: Partial<Item> = {}): Promise<number> {
    await addCategoryIfAbsent('Tea');
    return (await addStockOf((await addItem(item)).id, quantity)).id;
  }

  async function firstItem(): Promise<number> {
    const [item] = await database.read<Item>`select * from items limit 1`;
    return item?.id ?? 0;
  }

  async function categoryNames(): Promise<string[]> {
    const rows = await database.read<Category>`select * from categories order by name_key`;
    return rows.map(({ name }) => name);
  }

  async function quantityOf(id: number): Promise<number> {
    const [entry] = await database.read<StockEntry>`select * from stock_entries where id = ${id}`;
    return entry?.quantity ?? NaN;
  }

  function counts(): Promise<unknown[]> {
    return database.read`
      select (select count(*) from users) as users, (select count(*) from refresh_tokens) as sessions,
        (select count(*) from categories) as categories, (select count(*) from items) as items,
        (select sum(quantity) from stock_entries) as quantity`;
  }
});

/** Something that one waits for and another gives. */
class Signal {
  readonly given: Promise<void>;
  give!: () => void;

  constructor() {
    this.given = new Promise((resolve) => {
      this.give = resolve;
    });
  }
}
