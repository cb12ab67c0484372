import { CartStatus } from '../src/carts/cart.entity.js';
import { CartsRepository } from '../src/carts/carts.repository.js';
import { CategoriesRepository } from '../src/categories/categories.repository.js';
import { CATEGORY_SORT_ORDERS } from '../src/categories/dto/category-list-query.dto.js';
import { Database } from '../src/platform/database/database.js';
import { RowStream } from '../src/platform/database/row-stream.js';
import { ITEM_SORT_ORDERS } from '../src/items/item.sort-orders.js';
import { ItemsRepository } from '../src/items/items.repository.js';
import { MOVEMENT_SORT_ORDERS } from '../src/stock/dto/movement-list-query.dto.js';
import { MovementReason } from '../src/ledger/movement-reason.js';
import { type MovementFilter, MovementsRepository } from '../src/ledger/movements.repository.js';
import type { SortOrder, SortOrders, Position } from '../src/platform/lists/sort-order.js';
import type { List, Page } from '../src/platform/lists/page.js';
import type { PageRequest } from '../src/platform/lists/page-query.dto.js';
import { STOCK_SORT_ORDERS } from '../src/stock/dto/stock-list-query.dto.js';
import { StockRepository } from '../src/stock/stock.repository.js';
import { USER_SORT_ORDERS } from '../src/users/dto/user-list-query.dto.js';
import { UsersRepository } from '../src/users/users.repository.js';
import { render, SqlFragment } from '../src/platform/database/sql.js';
import { describeOnSqlite } from './support/engines.js';
import { nonEmpty } from './support/non-empty.js';
import { Shop } from './support/shop.js';

const ITEMS = 100_000;
const CHUNK = 10_000;
const OTHERS = 5_000;
const WATCHED = 20;
const BY_NAME = { sort: ITEM_SORT_ORDERS.get('name') as SortOrder };

describe(`Indexes over ${ITEMS} items`, () => {
  let shop: Shop;
  let plans: string[];
  let counts: string[];

  beforeAll(async () => {
    shop = await Shop.open();
    const database = shop.app.get(Database);
    await database.write`
      insert into categories (name, name_key, created_by, updated_by, created_at, updated_at)
      values ('Tea', 'tea', 1, 1, '', ''), ('Spices', 'spices', 1, 1, '', '')`;
    for (let first = 100_001; first < 100_000 + ITEMS; first += CHUNK) {
      await database.write`
        with recursive numbers (n) as (select cast(${first} as integer) union all select n + 1 from numbers where n < ${first + CHUNK - 1})
        insert into items (category_id, name, name_key, search_key, sku, barcode, unit_price, unit_type, tax_rate, discount_rate,
          created_by, updated_by, created_at, updated_at)
        select 1 + n % 100 / 99, 'Tea no. ' || n, 'tea no. ' || n, 'tea no. ' || n, 'T-' || n, 'B-' || n, n, 'piece', 0, 0, 1, 1,
          cast(n as text), cast(n as text) from numbers`;
    }
    await database.write`
      insert into stock_entries (item_id, quantity, created_by, updated_by, created_at, updated_at)
      select id, unit_price, 1, 1, created_at, updated_at from items where id <= ${OTHERS}`;
    await database.write`update items set low_stock_threshold = 200000 where id <= ${WATCHED}`;
    await database.write`
      insert into categories (name, name_key, created_by, updated_by, created_at, updated_at)
      select name, name_key, 1, 1, created_at, updated_at from items where id <= ${OTHERS}`;
    await database.write`
      insert into users (email, username, username_key, hashed_password, role, is_active, is_deleted,
        credentials_version, created_at, updated_at)
      select sku, sku, sku, '', 'employee', ${true}, ${false}, 0, created_at, updated_at
      from items where id <= ${OTHERS}`;
    await database.write`
      insert into stock_movements (id, item_id, stock_entry_id, item_name, sku, delta, quantity_before, quantity_after, reason,
        reference, occurred_at, recorded_at, created_by, hash)
      select id, 1 + id % ${OTHERS}, 1 + id % ${OTHERS}, name, sku, 1, 0, 1,
        case when id <= ${OTHERS} then 'initial' when id % 100 = 0 then 'waste' else 'sale' end,
        case when id % 10 = 0 then sku end, created_at, created_at, 1 + id % 3, '' from items`;
    await database.write`
      insert into carts (status, account_date, completed_at, prices_include_tax, subtotal, discount_total, tax_total, total, hash,
        created_by, updated_by, created_at, updated_at)
      select 'completed', '2026-01-01', created_at, ${false}, 100, 0, 0, 100, '', 1, 1, created_at, updated_at
      from items where id <= ${OTHERS} order by id`;
    await database.write`
      insert into cart_items (cart_id, item_id, quantity, name, unit_price, discount_rate, tax_rate, line_subtotal, line_discount, line_tax,
        line_total, created_by, updated_by, created_at, updated_at)
      select id, id, 1000, 'Tea', 100, 0, 0, 100, 0, 0, 100, 1, 1, created_at, updated_at from carts`;
    await database.write`analyze`;
  });

  beforeEach(() => {
    plans = [];
    counts = [];
    const database = shop.app.get(Database);
    const read = database.read.bind(database);
    // Every statement that a repository sends is explained before it runs.
    jest.spyOn(database, 'read').mockImplementation(async (strings, ...values) => {
      const explain = database.dialect.engine === 'sqlite' ? 'explain query plan ' : 'explain ';
      const [first = '', ...rest] = strings;
      const explained = Object.assign([explain + first, ...rest], { raw: strings.raw });
      const plan = await read<object>(explained, ...values);
      const explanation = plan.flatMap((row) => Object.values(row)).join('\n');
      const { text } = render(new SqlFragment(strings, values), database.dialect);
      (/count\(\*\)|row_count|max\(id\)/.test(text) ? counts : plans).push(explanation);
      return read(strings, ...values);
    });
  });

  afterEach(() => jest.restoreAllMocks());
  afterAll(() => shop.close());

  it('finds a part of a name by its trigrams', async () => {
    const items = await shop.app.get(ItemsRepository).search('NO. 177123', BY_NAME);
    expect(items).toMatchObject([{ name: 'Tea no. 177123' }]);
    expect(planOf('item')).toMatch(/item_names VIRTUAL TABLE INDEX 0:G|ix_items_search_key_trigrams/);
    expect(planOf('items')).not.toMatch(/SCAN items|Seq Scan on items/);
  });

  it('finds a common part of a name in the order of the index, without sorting', async () => {
    const rows = await shop.app.get(ItemsRepository).search('Tea', BY_NAME);
    expect(rows).toBeInstanceOf(RowStream);
    expect(planOf('items')).toContain('ix_items_name_key');
    expect(planOf('items')).not.toMatch(/TEMP B-TREE|Sort/);
  });

  it('reads the stock by category in the order of indexes, without sorting all of it', async () => {
    expect(await shop.app.get(StockRepository).listByCategory()).toBeInstanceOf(RowStream);
    expect(planOf('stock_entries')).not.toMatch(/TEMP B-TREE|^Sort/m);
  });

  it('reads all items in the order of the index, without sorting', async () => {
    const rows = await shop.app.get(ItemsRepository).list({}, BY_NAME);
    expect(rows).toBeInstanceOf(RowStream);
    expect(planOf('items')).toContain('ix_items_name_key');
    expect(planOf('items')).not.toMatch(/TEMP B-TREE|Sort/);
  });

  it('reads the items of a category in the order of the index, without sorting', async () => {
    const rows = await shop.app.get(ItemsRepository).list({ category_id: 2 }, BY_NAME);
    expect(rows).toHaveLength(ITEMS / 100);
    expect(planOf('items')).toContain('ix_items_category');
    expect(planOf('items')).not.toMatch(/TEMP B-TREE|Seq Scan/);
  });

  /** Unless it is called after the sort. A column that is unique already needs no other index. */
  const INDEXES: Record<string, RegExp> = {
    'items name': /ix_items_name_key/,
    'categories name': /ix_categories_name_key/,
    'category of items name': /ix_items_category\b/,
    'stock_entries item_id': /uq_stock_entries_item/,
    'users id': /users_pkey|PRIMARY KEY|SCAN users$/m,
    'users username': /(ix|uq)_users_username/,
  };
  const orders = (list: string, offered: SortOrders) =>
    [...offered].map(([sort, order]): [list: string, sort: string, order: SortOrder, index: RegExp] => {
      const key = sort.replace('-', '');
      const name = `ix_${list.replace('category of items', 'items_category')}_${key}`;
      return [list, sort, order, INDEXES[`${list} ${key}`] ?? new RegExp(`${name}\\b`)];
    });

  it.each([
    ...orders('items', ITEM_SORT_ORDERS),
    ...orders('category of items', ITEM_SORT_ORDERS),
    ...orders('categories', CATEGORY_SORT_ORDERS),
    ...orders('stock_entries', STOCK_SORT_ORDERS),
    ...orders('users', USER_SORT_ORDERS),
  ])('reads a page of %s by %s from its index, without sorting', async (list, _sort, order, index) => {
    const pageOf = (page: PageRequest): Promise<List<object>> => {
      if (list === 'items') return shop.app.get(ItemsRepository).list({}, page);
      if (list === 'categories') return shop.app.get(CategoriesRepository).list({}, page);
      if (list === 'stock_entries') return shop.app.get(StockRepository).list({}, page);
      if (list === 'users') return shop.app.get(UsersRepository).list({}, page);
      return shop.app.get(ItemsRepository).list({ category_id: 2 }, page);
    };
    const read = async (cursor?: Position): Promise<object[]> =>
      ((await pageOf({ sort: order, limit: 50, cursor })) as Page<object>).rows;
    const rows = await read();
    expect(await read(order.positionOf(rows.at(-1) as object))).toHaveLength(50);
    expect(plans).toHaveLength(2);
    for (const plan of plans) {
      expect(plan).toMatch(index);
      expect(plan).not.toMatch(/TEMP B-TREE|Sort|Seq Scan/);
    }
  });

  it.each([
    ['barcode', 'B-177123', /ix_items_barcode/],
    ['barcode', '0 36000 29145 2', /ix_items_gtin/],
    ['barcode', '04252614', /ix_items_gtin/],
    ['sku', 'T-177123', /uq_items_sku/],
    ['updated_since', '199990', /ix_items_updated_at/],
  ])('finds items by %s', async (filter, value, name) => {
    const sort = ITEM_SORT_ORDERS.get('updated_at') as SortOrder;
    await shop.app.get(ItemsRepository).list({ [filter]: value }, { sort, limit: 50 });
    for (const plan of nonEmpty(plans)) {
      expect(plan).toMatch(name);
      expect(plan).not.toMatch(/SCAN items|Seq Scan/);
    }
  });

  it('finds an item by a barcode, whatever the zeros before it', async () => {
    await shop.app.get(ItemsRepository).findByBarcode({ gtin: '00036000291452' });
    await shop.app.get(ItemsRepository).findByBarcode({ text: 'B-177123' });
    expect(planOf('items')).toMatch(/ix_items_gtin[^]*ix_items_barcode/);
    expect(planOf('items')).not.toMatch(/SCAN items|Seq Scan/);
  });

  const FILTERS: [filter: MovementFilter, byId: RegExp, byTime: RegExp][] = [
    [{}, /SCAN stock_movements$/m, /ix_stock_movements_occurred_at/],
    [{ reason: MovementReason.Sale }, /ix_stock_movements_reason/, /ix_stock_movements_occurred_at/],
    [{ created_by: 1 }, /ix_stock_movements_created_by/, /ix_stock_movements_occurred_at/],
    [
      { reason: MovementReason.Sale, created_by: 1 },
      /ix_stock_movements_created_by/,
      /ix_stock_movements_occurred_at/,
    ],
    [{ reference: 'T-177120' }, /ix_stock_movements_reference/, /ix_stock_movements_reference/],
    [{ item_id: 7 }, /ix_stock_movements_item /, /COVERING INDEX ix_stock_movements_item_occurred_at/],
    [
      { item_id: 7, reason: MovementReason.Sale },
      /COVERING INDEX ix_stock_movements_item_occurred_at/,
      /COVERING INDEX ix_stock_movements_item_occurred_at/,
    ],
    [
      { from: '150000', to: '160000', reason: MovementReason.Sale },
      /COVERING INDEX ix_stock_movements_occurred_at/,
      /COVERING INDEX ix_stock_movements_occurred_at/,
    ],
  ];

  it.each(
    FILTERS.flatMap(([filter, byId, byTime]) =>
      [...MOVEMENT_SORT_ORDERS].map(
        ([name, sort]) =>
          [JSON.stringify(filter), name, filter, sort, sort.column === 'id' ? byId : byTime] as const,
      ),
    ),
  )('finds a page of movements by %s, by %s, in an index', async (_filter, _name, filter, sort, index) => {
    const { rows } = await shop.app.get(MovementsRepository).list(filter, { sort, limit: 50 });
    expect(rows.length).toBeGreaterThan(0);
    // Meanwhile the program looks for imports and approvals to go on with.
    const [keys = '', found = ''] = plans.filter((plan) => plan.includes('stock_movements'));
    // PostgreSQL chooses by its statistics.
    if (shop.app.get(Database).dialect.engine === 'sqlite') {
      expect(keys).toMatch(index);
      expect(counts.join()).toMatch(/INDEX|PRIMARY KEY/);
    }
    expect(keys).not.toMatch(/Seq Scan/);
    expect(found).not.toMatch(/SCAN|Seq Scan/);
  });

  it('sums up what has happened since a time from an index', async () => {
    const sort = STOCK_SORT_ORDERS.get('item_id') as SortOrder;
    const database = shop.app.get(Database);
    const stream = jest.spyOn(database, 'streamAside');
    await shop.app.get(StockRepository).list({ as_of: '199900' }, { sort });
    const [[strings, ...values] = [[]]] = stream.mock.calls;
    await database.read`${new SqlFragment(strings, values)}`;
    expect(planOf('stock_movements')).toMatch(/ix_stock_movements_item_occurred_at/);
    expect(planOf('stock_movements')).not.toMatch(/SCAN (stock_movements|last)/);
  });

  it('finds what a late movement is compensated at in an index', async () => {
    const ledger = shop.app.get(MovementsRepository);
    await ledger.findHead(1);
    await ledger.findLaterHistories([{ item_id: 1, entry_id: 1, occurred_at: '199900', id: 0 }]);
    expect(planOf('stock_movements')).toMatch(/ix_stock_movements_anchors/);
    expect(planOf('stock_movements')).not.toMatch(/SCAN (stock_movements|anchor)|Seq Scan/);
  });

  it('finds an item by its key', async () => {
    await shop.app.get(ItemsRepository).findById(500);
    expect(planOf('items')).toMatch(/SEARCH|Index Scan/);
  });

  it('finds the stock of an item by its key', async () => {
    await shop.app.get(StockRepository).findByItem(500);
    expect(planOf('stock_entries')).toMatch(/uq_stock_entries_item/);
  });

  it('finds what is low in stock among the few items that are watched', async () => {
    expect(await shop.app.get(StockRepository).listLow()).toHaveLength(WATCHED);
    expect(planOf('items')).toMatch(/ix_items_low_stock_threshold/);
    expect(planOf('items')).not.toMatch(/SCAN (entry|category)|Seq Scan on items/);
  });

  it('finds the items that keep a category from being deleted', async () => {
    const database = shop.app.get(Database);
    await database.read`select 1 from items where category_id = ${2}`;
    expect(planOf('items')).toContain('ix_items_category');
  });

  /** The plans of the statements that read a table. */
  // PostgreSQL may sort, in a process of its own. SQLite would hold this one up until all is sorted.
  describeOnSqlite('exported whole, without statistics, which a shop has not', () => {
    beforeAll(async () => {
      await shop.app.get(Database).write`drop table sqlite_stat1`;
    });

    /** What an export reads. */
    const WHOLE_LISTS: [name: string, list: (shop: Shop) => Promise<unknown>][] = [
      ...[...ITEM_SORT_ORDERS].map(([name, sort]): (typeof WHOLE_LISTS)[number] => [
        `items by ${name}`,
        ({ app }) => app.get(ItemsRepository).listWithCategories({}, sort),
      ]),
      ...[...STOCK_SORT_ORDERS].map(([name, sort]): (typeof WHOLE_LISTS)[number] => [
        `stock by ${name}`,
        ({ app }) => app.get(StockRepository).listAll({}, sort),
      ]),
      ...[{}, { reason: MovementReason.Sale }, { from: '150000', to: '155000' }].flatMap((filter) =>
        [...MOVEMENT_SORT_ORDERS].map(([name, sort]): (typeof WHOLE_LISTS)[number] => [
          `movements by ${name}: ${JSON.stringify(filter)}`,
          ({ app }) => app.get(MovementsRepository).listAll(filter, sort),
        ]),
      ),
      ...['item_id', '-item_id'].map((name): (typeof WHOLE_LISTS)[number] => [
        `stock as of a time by ${name}`,
        ({ app }) =>
          app.get(StockRepository).listAll({ as_of: '199900' }, STOCK_SORT_ORDERS.get(name) as SortOrder),
      ]),
      [
        'stock by category as of a time',
        ({ app }) => Promise.resolve(app.get(StockRepository).streamByCategoryAsOf('199900')),
      ],
      [
        'lines of completed carts',
        ({ app }) =>
          app.get(CartsRepository).listLines({ status: CartStatus.Completed, start_date: '2026-01-01' }),
      ],
    ];

    it.each(WHOLE_LISTS)('streams %s without sorting all of them', async (_, list) => {
      jest.restoreAllMocks();
      const database = shop.app.get(Database);
      const streams = [jest.spyOn(database, 'stream'), jest.spyOn(database, 'streamAside')];
      expect(await list(shop)).toBeInstanceOf(RowStream);
      const [[strings, ...values] = [[]]] = streams.flatMap(({ mock }) => mock.calls);
      const plan = await database.read<{
        detail: string;
      }>`explain query plan ${new SqlFragment(strings, values)}`;
      const steps = plan.map(({ detail }) => detail).join('\n');
      expect(steps).toMatch(/SCAN|SEARCH/);
      // The lines of one cart may be sorted.
      expect(steps.replace('USE TEMP B-TREE FOR LAST TERM OF ORDER BY', '')).not.toContain('TEMP B-TREE');
    });
  });

  function planOf(table: string): string {
    return plans.filter((plan) => plan.includes(table)).join('\n');
  }
});
