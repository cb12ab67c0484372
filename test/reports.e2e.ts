import { parse } from 'csv-parse/sync';
import * as fc from 'fast-check';
import type {
  MovementReport,
  SalesReport,
  StockValueReport,
} from '../src/reports/dto/report-response.dto.js';
import { Role } from '../src/platform/authorization/role.js';
import { nameKey } from '../src/platform/database/name-key.js';
import { Database } from '../src/platform/database/database.js';
import { createCategory, createItem, createStock, userIdOf } from './support/catalogue.js';
import { Clock } from './support/clock.js';
import { nonEmpty } from './support/non-empty.js';
import type { Client } from './support/client.js';
import { PASSWORD, Shop } from './support/shop.js';
import { Till } from './support/till.js';

const HOUR = 3_600_000;
const STEPS = 80;

const SHOPS = [
  { start: '2026-03-01T06:00:00.000Z', SHOP_TIME_ZONE: 'UTC', DAY_STARTS_AT: '00:00' },
  { start: '2026-03-01T06:00:00.000Z', SHOP_TIME_ZONE: 'Europe/Istanbul', DAY_STARTS_AT: '04:00' },
  // A day of 25 hours is among them, in which an hour comes twice.
  { start: '2026-10-31T06:00:00.000Z', SHOP_TIME_ZONE: 'America/New_York', DAY_STARTS_AT: '00:00' },
  { start: '2026-03-01T06:00:00.000Z', SHOP_TIME_ZONE: 'Asia/Kathmandu', DAY_STARTS_AT: '00:00' },
];

const MOVEMENT_GROUPINGS = [
  'reason',
  'item',
  'category',
  'day',
  'user',
  'reason,day',
  'day,user,category,item,reason',
];
const SALES_GROUPINGS = [
  'day',
  'item',
  'category',
  'hour',
  'user',
  'hour,item',
  'user,day,hour,category,item',
];

/** What somebody does next, and how long after the last time. */
const STEP = fc.record({
  pause: fc.integer({ min: 0, max: 3 * HOUR }),
  kind: fc.constantFrom(
    'sale',
    'delivery',
    'waste',
    'correction',
    'count',
    'late',
    'cart',
    'cart',
    'refund',
    'price',
  ),
  item: fc.nat(3),
  other: fc.nat(3),
  amount: fc.integer({ min: 1, max: 3000 }),
  price: fc.integer({ min: 1, max: 100_000 }),
  byOwner: fc.boolean(),
});

type Step = typeof STEP extends fc.Arbitrary<infer T> ? T : never;
/** A row of whatever a query selects. */
interface Row {
  item_id: number;
  category_id: number | null;
  item_name: string;
  reason: string;
  quantity: number;
  delta: number;
  unit_price: number | null;
  unit_cost: number | null;
  created_by: number;
  user_id: number;
  occurred_at: string;
  completed_at: string;
  created_at: string;
  valid_from: string;
  account_date: string;
  line_total: number;
  line_discount: number;
  line_tax: number;
  amount: number;
}
type Figures = Record<string, bigint>;

const seed = Number(process.env.REPORTS_SEED ?? Date.now() % 2 ** 31);

describe.each(SHOPS)(
  `Reports of a shop in $SHOP_TIME_ZONE (REPORTS_SEED=${seed})`,
  ({ start, ...settings }) => {
    let clock: Clock;
    let shop: Shop;
    let database: Database;
    let clients: Record<string, Client>;
    let items: { id: number; category_id: number; name: string }[];
    let times: string[];
    const span = { from: dayOf(start), to: dayOf(start, 12) };

    beforeAll(async () => {
      clock = Clock.start();
      clock.now = Date.parse(start);
      clock.goOn(0);
      shop = await Shop.open({ ACCESS_TOKEN_EXPIRE_MINUTES: '1440', ...settings });
      database = shop.app.get(Database);
      await logIn();
      await fillShop();
      times = [];
      for (const [index, step] of fc.sample(STEP, { seed, numRuns: STEPS }).entries()) {
        clock.goOn(step.pause);
        // Before the access tokens run out.
        if (index % 7 === 0) await logIn();
        await take(step);
        if (index % 10 === 5) times.push(new Date(clock.now).toISOString());
      }
    });

    afterAll(async () => {
      await shop.close();
      clock.stop();
    });

    async function logIn(): Promise<void> {
      clients = {
        owner: await shop.anonymous.login(Role.MarketOwner, PASSWORD),
        employee: await shop.anonymous.login(Role.Employee, PASSWORD),
      };
    }

    async function fillShop(): Promise<void> {
      const { owner } = clients as { owner: Client };
      const [fruit, tea] = [await createCategory(owner), await createCategory(owner)];
      items = [
        await createItem(owner, { category_id: fruit.id, unit_price: 3.99, unit_cost: 1.2345, tax_rate: 10 }),
        await createItem(owner, {
          category_id: fruit.id,
          unit_price: 0.05,
          unit_cost: 0.0035,
          discount_rate: 7.5,
        }),
        await createItem(owner, { category_id: tea.id, unit_price: 12.5, tax_rate: 7 }),
        await createItem(owner, {
          category_id: tea.id,
          unit_price: 1.15,
          unit_cost: 0.5,
          discount_rate: 100,
        }),
      ];
      for (const { id } of items) await createStock(owner, { item_id: id, quantity: 1000 });
    }

    /** Steps that the shop refuses are steps, too. */
    async function take({ kind, item, other, amount, price, byOwner }: Step): Promise<void> {
      const client = clients[byOwner ? 'owner' : 'employee'] as Client;
      const [id, otherId] = [items[item]?.id, items[other]?.id];
      const quantity = amount / 1000;
      const move = (values: object) => client.post(`/stock/${id}/movements`, values).expect(201);
      switch (kind) {
        case 'count':
          await client.patch(`/stock/${id}`, { quantity: 500 + quantity }).expect(200);
          break;
        case 'price': {
          const costs = byOwner && { unit_cost: price / 10_000 };
          await client.patch(`/items/${id}`, { unit_price: price / 100, ...costs }).expect(200);
          break;
        }
        case 'late': {
          const occurred_at = new Date(Math.max(clock.now - 50 * HOUR, Date.parse(start) + 1)).toISOString();
          await move({ delta: -quantity, reason: 'sale', occurred_at });
          break;
        }
        case 'cart': {
          const sold = [{ item_id: id, quantity }];
          if (otherId !== id) sold.push({ item_id: otherId, quantity: 1 });
          await client.post('/carts', { items: sold, complete: true }).expect(201);
          break;
        }
        case 'refund': {
          const till = new Till(client);
          const cart = await till.sell([id as number, 2]);
          const lines = [{ cart_item_id: cart.lines[0]?.id, quantity: 1.5, restock: amount % 2 === 0 }];
          await client.post(`/carts/${cart.id}/refunds`, { lines }).expect(201);
          break;
        }
        case 'delivery':
          await move({ delta: quantity, reason: kind });
          break;
        default:
          await move({ delta: -quantity, reason: kind });
          break;
      }
    }

    async function get<Report>(path: string): Promise<Report> {
      return (await (clients.owner as Client).get(`/reports/${path}`).expect(200)).body;
    }

    const inSpan = `from=${span.from}&to=${span.to}`;

    describe.each(MOVEMENT_GROUPINGS)('of movements by %s', (grouping) => {
      it('are what the movements add up to', async () => {
        const report = await get<MovementReport>(`movements?${inSpan}&group_by=${grouping}`);
        const rows = nonEmpty(await database.read<Row>`select * from stock_movements`);
        const expected = addUp(grouping, rows, (row) => [
          keysOf(row.occurred_at, row.created_by, row.item_id, row.reason),
          {
            movements: 1n,
            quantity: BigInt(row.delta),
            at_price: valueOf(row.delta, row.unit_price),
            at_cost: valueOf(row.delta, row.unit_cost),
            without_price: row.unit_price === null ? 1n : 0n,
            without_cost: row.unit_cost === null ? 1n : 0n,
          },
        ]);
        expect(figuresOf(report, grouping)).toEqual(expected);
        expect(totalOf(report)).toEqual(sumOf(Object.values(expected)));
      });
    });

    describe.each(SALES_GROUPINGS)('of sales by %s', (grouping) => {
      it('are what carts, refunds and sales without a cart add up to', async () => {
        const report = await get<SalesReport>(`sales?${inSpan}&group_by=${grouping}`);
        const none = {
          quantity: 0n,
          revenue: 0n,
          discount: 0n,
          tax: 0n,
          cost: 0n,
          refunded: 0n,
          without_cost: 0n,
        };
        const carts = nonEmpty(
          await database.read<Row>`
        select line.*, cart.account_date, cart.completed_at, cart.updated_by as user_id
        from cart_items line join carts cart on cart.id = line.cart_id`,
        );
        const plain = await plainSales();
        const refunds = nonEmpty(
          await database.read<Row>`
        select part.amount, line.item_id, refund.account_date, refund.created_at, refund.created_by
        from cart_refund_lines part join cart_refunds refund on refund.id = part.refund_id
        join cart_items line on line.id = part.cart_item_id`,
        );
        const expected = merge([
          addUp(grouping, carts, (row) => [
            { ...keysOf(row.completed_at, row.user_id, row.item_id), day: row.account_date },
            {
              ...none,
              quantity: BigInt(row.quantity),
              revenue: BigInt(row.line_total),
              discount: BigInt(row.line_discount),
              tax: BigInt(row.line_tax),
              cost: valueOf(row.quantity, row.unit_cost),
              without_cost: row.unit_cost === null ? 1n : 0n,
            },
          ]),
          addUp(grouping, plain, (row) => [
            keysOf(row.occurred_at, row.created_by, row.item_id),
            {
              ...none,
              quantity: -BigInt(row.delta),
              revenue: -valueOf(row.delta, row.unit_price),
              cost: -valueOf(row.delta, row.unit_cost),
              without_cost: row.unit_cost === null ? 1n : 0n,
            },
          ]),
          addUp(grouping, refunds, (row) => [
            { ...keysOf(row.created_at, row.created_by, row.item_id), day: row.account_date },
            { ...none, refunded: BigInt(row.amount) },
          ]),
        ]);
        for (const figures of Object.values(expected)) withMargin(figures);
        expect(figuresOf(report, grouping)).toEqual(expected);
        expect(totalOf(report)).toEqual(sumOf(Object.values(expected)));
      });
    });

    it('of the stock have the quantities, prices and costs of any time', async () => {
      const moved = await database.read<Row>`select * from stock_movements`;
      const prices = await database.read<Row>`select * from item_prices order by valid_from, id`;
      for (const time of [...nonEmpty(times), undefined]) {
        const report = await get<StockValueReport>(`stock-value${time ? `?as_of=${time}` : ''}`);
        const until = time ?? new Date(clock.now).toISOString();
        const expected = merge(
          items.map(({ id, category_id }) => {
            const past = moved.filter((row) => row.item_id === id && row.occurred_at <= until);
            const quantity = past.reduce((sum, { delta }) => sum + delta, 0);
            const price = prices.filter((row) => row.item_id === id && row.valid_from <= until).at(-1);
            return {
              [category_id]: {
                items: 1n,
                quantity: BigInt(quantity),
                at_price: valueOf(quantity, price?.unit_price ?? null),
                at_cost: valueOf(quantity, price?.unit_cost ?? null),
                without_price: 0n,
                without_cost: price?.unit_cost == null ? 1n : 0n,
              },
            };
          }),
        );
        expect(Object.fromEntries(report.rows.map((row) => [row.category_id, scale(row)]))).toEqual(expected);
        expect(totalOf(report)).toEqual(sumOf(Object.values(expected)));
      }
    });

    it('of a day are what its account says, for what carts sold', async () => {
      const owner = clients.owner as Client;
      const [{ account_date }] = (await database.read<Row>`
      select min(account_date) as account_date from carts`) as [Row];
      const { body: account } = await owner
        .post(`/daily-accounts/close-by-date?account_date=${account_date}`)
        .expect(200);
      const report = await get<SalesReport>(`sales?from=${account_date}&to=${account_date}`);
      const plain = addUp('day', await plainSales(), ({ delta, unit_price, occurred_at, ...row }) => [
        keysOf(occurred_at, row.created_by, row.item_id),
        { revenue: -valueOf(delta, unit_price) },
      ]);
      const { revenue = 0n } = plain[JSON.stringify([account_date])] ?? {};
      expect(scale(report.totals)).toMatchObject({
        revenue: BigInt(Math.round(account.total * 100)) + revenue,
        discount: BigInt(Math.round(account.discount_total * 100)),
        tax: BigInt(Math.round(account.tax_total * 100)),
        refunded: BigInt(Math.round(account.refund_total * 100)),
      });
    });

    async function plainSales(): Promise<Row[]> {
      return nonEmpty(
        await database.read<Row>`select * from stock_movements where reason = 'sale' and cart_id is null`,
      );
    }

    function keysOf(
      time: string,
      user_id: number,
      item_id: number,
      reason?: string,
    ): Record<string, unknown> {
      const parts = new Intl.DateTimeFormat('en-CA', {
        ...{ timeZone: settings.SHOP_TIME_ZONE, hourCycle: 'h23', hour: '2-digit' },
        ...{ year: 'numeric', month: '2-digit', day: '2-digit' },
      }).formatToParts(new Date(time));
      const part = (type: string) => parts.find((one) => one.type === type)?.value ?? '';
      const hour = Number(part('hour'));
      const date = `${part('year')}-${part('month')}-${part('day')}`;
      return {
        day: hour < Number(settings.DAY_STARTS_AT.slice(0, 2)) ? dayOf(`${date}T12:00:00Z`, -1) : date,
        hour,
        reason,
        item: item_id,
        category: items.find(({ id }) => id === item_id)?.category_id,
        user: user_id,
      };
    }

    function addUp(
      grouping: string,
      rows: Row[],
      figuresOfRow: (row: Row) => [Record<string, unknown>, Figures],
    ): Record<string, Figures> {
      return merge(
        rows.map((row) => {
          const [keys, figures] = figuresOfRow(row);
          return { [JSON.stringify(grouping.split(',').map((group) => keys[group]))]: figures };
        }),
      );
    }
  },
);

describe('Reports', () => {
  let shop: Shop;
  let till: Till;

  beforeAll(async () => {
    shop = await Shop.open();
    till = new Till(shop.as(Role.MarketOwner));
  });

  afterAll(() => shop.close());

  const get = (path: string) => shop.as(Role.MarketOwner).get(`/reports/${path}`);

  it('are as CSV what they are as JSON', async () => {
    const { id } = await till.stock(10, { name: '=Tea', unit_price: 2.5, unit_cost: 1.1111 });
    await till.sell([id, 2]);
    await till.client.post(`/stock/${id}/movements`, { delta: -0.5, reason: 'waste' }).expect(201);
    for (const path of [
      'stock-value?',
      'movements?from=today&to=today&group_by=item,reason',
      'sales?from=today&to=today&group_by=item',
    ]) {
      const { body } = await get(path).expect(200);
      const { text, headers } = await get(`${path}&format=csv`).expect(200);
      expect(headers['content-type']).toBe('text/csv; charset=utf-8');
      const records: Record<string, string>[] = parse(text, { bom: true, columns: true });
      expect(nonEmpty(records)).toEqual(
        body.rows.map((row: Record<string, unknown>) =>
          Object.fromEntries(
            Object.entries(row).map(([name, value]) => [
              name,
              value === '=Tea' ? "'=Tea" : String((value ?? '') as string | number),
            ]),
          ),
        ),
      );
    }
  });

  it('name users, and items that are deleted', async () => {
    const { id } = await till.stock(10, { name: 'Gone', sku: 'GONE' });
    await till.client.delete(`/items/${id}`).expect(204);
    const { body } = await get('movements?from=today&to=today&group_by=item,category,user').expect(200);
    expect(body.rows.filter((row: Row) => row.item_id === id)).toEqual([
      expect.objectContaining({
        ...{ item_name: 'Gone', sku: 'GONE', category_id: null, category_name: null },
        ...{ user_id: await userIdOf(till.client), username: Role.MarketOwner, movements: 2, quantity: 0 },
      }),
    ]);
  });

  it('are sorted by the groups, as lists are', async () => {
    const { id: category_id } = await createCategory(till.client, { name: 'Sorted' });
    for (const name of ['Ürün 10', 'ürün 2', 'Apfel']) await till.stock(1, { name, category_id });
    const { body } = await get('movements?from=today&to=today&group_by=category,item').expect(200);
    const names = body.rows
      .filter((row: Row) => row.category_id === category_id)
      .map((row: Row) => row.item_name);
    expect(names).toEqual(['Apfel', 'ürün 2', 'Ürün 10']);
  });

  it('have all rows where they are very many, as JSON and as CSV', async () => {
    const ITEMS = 2_500;
    await shop.app.get(Database).write`
      with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ${ITEMS})
      insert into stock_movements (item_id, stock_entry_id, item_name, delta, quantity_before, quantity_after, reason, occurred_at,
        recorded_at, created_by, hash)
      select 500000 + n, 500000 + n, 'Tea ' || (n * 7919 % 10007), 1000, 0, 1000, 'delivery', '2026-01-05T12:00:00.000Z',
        '2026-01-05T12:00:00.000Z', 1, '' from numbers`;
    const path = 'movements?from=2026-01-05&to=2026-01-05&group_by=item';
    const { body, headers } = await get(path).expect(200);
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    expect(Object.keys(body as object)).toEqual(['from', 'to', 'rows', 'totals']);
    expect(body).toMatchObject({ to: '2026-01-05', totals: { movements: ITEMS, quantity: ITEMS } });
    const names = (body as MovementReport).rows.map(({ item_name }) => item_name ?? '');
    expect(new Set(names).size).toBe(ITEMS);
    expect(names).toEqual([...names].sort((one, other) => (nameKey(one) < nameKey(other) ? -1 : 1)));
    const { text } = await get(`${path}&format=csv`).expect(200);
    const records: Record<string, string>[] = parse(text, { bom: true, columns: true });
    expect(records.map(({ item_name }) => item_name)).toEqual(names);
  });

  it('have no rows where nothing happened', async () => {
    for (const path of ['movements', 'sales']) {
      const { body } = await get(`${path}?from=2020-01-01&to=2020-12-31`).expect(200);
      expect(body).toMatchObject({ from: '2020-01-01', to: '2020-12-31', rows: [] });
      expect(Object.values(body.totals as object)).toEqual(Object.values(body.totals as object).map(() => 0));
    }
  });

  it.each([
    ['from=2026-03-01', 'to', 'Field required'],
    ['from=2026-03-02&to=2026-03-01', 'to', 'Value error, to is before from'],
    ['from=2025-03-01&to=2026-03-02', 'to', 'Value error, a report is of at most 366 days'],
    ['from=yesterday&to=today', 'from', 'Input should be a valid date in the format YYYY-MM-DD or today'],
    ['from=today&to=today&group_by=weather', 'group_by', /^Input should be some of 'day'|'reason'/],
    ['from=today&to=today&group_by=day,day', 'group_by', 'Value error, each group may be named once'],
    ['from=today&to=today&group_by=', 'group_by', /^Input should be some of/],
  ])('refuse ?%s', async (query, field, msg) => {
    for (const path of ['movements', 'sales']) {
      const { body } = await get(`${path}?${query}`).expect(422);
      const message = typeof msg === 'string' ? msg : expect.stringMatching(msg);
      expect(body.detail).toEqual([expect.objectContaining({ loc: ['query', field], msg: message })]);
    }
  });

  it('refuse sums that no number can hold exactly', async () => {
    const { id } = await till.stock(1_000_000_000, { unit_price: 1_000_000_000 });
    for (const path of ['stock-value', 'movements?from=today&to=today']) {
      const { body } = await get(path).expect(409);
      expect(body).toEqual({ code: 'amount_too_large', detail: 'The sums of this report are too large' });
    }
    await till.client.delete(`/items/${id}`).expect(204);
    await get('stock-value').expect(200);
  });
});

function dayOf(time: string, daysLater = 0): string {
  return new Date(Date.parse(time) + daysLater * 24 * HOUR).toISOString().slice(0, 10);
}

/** Half away from zero. */
function valueOf(quantity: number, price: number | null): bigint {
  if (price === null) return 0n;
  const product = BigInt(quantity) * BigInt(price);
  return product < 0n ? -((-product + 500n) / 1000n) : (product + 500n) / 1000n;
}

function withMargin(figures: Figures): void {
  figures.margin = ((figures.revenue ?? 0n) - (figures.tax ?? 0n)) * 100n - (figures.cost ?? 0n);
}

function sumOf(all: Figures[]): Figures {
  const sums: Figures = {};
  for (const figures of all) {
    for (const [name, value] of Object.entries(figures)) sums[name] = (sums[name] ?? 0n) + value;
  }
  return sums;
}

function merge(all: Record<string, Figures>[]): Record<string, Figures> {
  const merged: Record<string, Figures> = {};
  for (const sums of all) {
    for (const [key, figures] of Object.entries(sums)) {
      merged[key] = sumOf([...(merged[key] ? [merged[key]] : []), figures]);
    }
  }
  return merged;
}

const SCALES: Record<string, number> = {
  ...{ quantity: 1000, at_price: 100, at_cost: 10_000, revenue: 100, discount: 100, tax: 100 },
  ...{ cost: 10_000, margin: 10_000, refunded: 100 },
};

/** The figures as the whole numbers that they stand for. */
function scale(figures: object): Figures {
  return Object.fromEntries(
    Object.entries(figures)
      .filter(([name, value]) => typeof value === 'number' && !/_id$|^hour$/.test(name))
      .map(([name, value]) => [name, BigInt(Math.round((value as number) * (SCALES[name] ?? 1)))]),
  );
}

function figuresOf({ rows }: { rows: object[] }, grouping: string): Record<string, Figures> {
  const columns: Record<string, string> = { item: 'item_id', category: 'category_id', user: 'user_id' };
  return Object.fromEntries(
    nonEmpty(rows as Record<string, unknown>[]).map((row) => [
      JSON.stringify(grouping.split(',').map((group) => row[columns[group] ?? group])),
      scale(row),
    ]),
  );
}

function totalOf({ totals }: { totals: object }): Figures {
  return scale(totals);
}
