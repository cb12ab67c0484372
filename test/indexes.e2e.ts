import { Database } from '../src/database/database.js';
import { ItemsRepository } from '../src/items/items.repository.js';
import { StockRepository } from '../src/stock/stock.repository.js';
import { Shop } from './support/shop.js';

const ITEMS = 100_000;
const CHUNK = 10_000;

describe(`Indexes over ${ITEMS} items`, () => {
  let shop: Shop;
  let plans: string[];

  beforeAll(async () => {
    shop = await Shop.open();
    const database = shop.app.get(Database);
    await database.write`
      insert into categories (id, name, name_key, created_by, updated_by, created_at, updated_at)
      values (1, 'Tea', 'tea', 1, 1, '', ''), (2, 'Spices', 'spices', 1, 1, '', '')`;
    for (let first = 100_001; first < 100_000 + ITEMS; first += CHUNK) {
      await database.write`
        with recursive numbers (n) as (select cast(${first} as integer) union all select n + 1 from numbers where n < ${first + CHUNK - 1})
        insert into items (category_id, name, name_key, unit_price, unit_type, tax_rate, discount_rate,
          created_by, updated_by, created_at, updated_at)
        select 1 + n % 100 / 99, 'Tea no. ' || n, 'tea no. ' || n, 100, 'piece', 0, 0, 1, 1, '', '' from numbers`;
    }
    await database.write`
      insert into stock_entries (item_id, quantity, created_by, updated_by, created_at, updated_at)
      select id, 1000, 1, 1, '', '' from items where category_id = 2`;
    await database.write`analyze`;
  });

  beforeEach(() => {
    plans = [];
    const database = shop.app.get(Database);
    const read = database.read.bind(database);
    // Every statement that a repository sends is explained before it runs.
    jest.spyOn(database, 'read').mockImplementation(async (strings, ...values) => {
      const explain = database.isSqlite ? 'explain query plan ' : 'explain ';
      const [first = '', ...rest] = strings;
      const explained = Object.assign([explain + first, ...rest], { raw: strings.raw });
      const plan = await read<object>(explained, ...values);
      plans.push(plan.flatMap((row) => Object.values(row)).join('\n'));
      return read(strings, ...values);
    });
  });

  afterEach(() => jest.restoreAllMocks());
  afterAll(() => shop.close());

  it('finds a part of a name by its trigrams', async () => {
    const items = await shop.app.get(ItemsRepository).search('NO. 177123');
    expect(items.map(({ name }) => name)).toEqual(['Tea no. 177123']);
    expect(planOf('items')).toMatch(/item_names VIRTUAL TABLE INDEX 0:G|ix_items_name_key_trigrams/);
    expect(planOf('items')).not.toMatch(/SCAN items|Seq Scan on items/);
  });

  it('reads all items in the order of the index, without sorting', async () => {
    expect(await shop.app.get(ItemsRepository).listByName()).toHaveLength(ITEMS);
    expect(planOf('items')).toContain('ix_items_name_key');
    expect(planOf('items')).not.toMatch(/TEMP B-TREE|Sort/);
  });

  it('reads the items of a category in the order of the index, without sorting', async () => {
    expect(await shop.app.get(ItemsRepository).listCategoryByName(2)).toHaveLength(ITEMS / 100);
    expect(planOf('items')).toContain('ix_items_category');
    expect(planOf('items')).not.toMatch(/TEMP B-TREE|Seq Scan/);
  });

  it('finds an item by its key', async () => {
    await shop.app.get(ItemsRepository).findById(500);
    expect(planOf('items')).toMatch(/SEARCH|Index Scan/);
  });

  it('finds the stock of an item by its key', async () => {
    await shop.app.get(StockRepository).findByItem(500);
    expect(planOf('stock_entries')).toMatch(/uq_stock_entries_item/);
  });

  it('finds the items that keep a category from being deleted', async () => {
    const database = shop.app.get(Database);
    await database.read`select 1 from items where category_id = ${2}`;
    expect(planOf('items')).toContain('ix_items_category');
  });

  /** The plans of the statements that read a table. */
  function planOf(table: string): string {
    return plans.filter((plan) => plan.includes(table)).join('\n');
  }
});
