import { once } from 'node:events';
import { type IncomingMessage, request as sendRequest } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import type { CartSummaryResponse } from '../src/carts/dto/cart-summary-response.dto.js';
import type { CategoryResponse } from '../src/categories/dto/category-response.dto.js';
import type { DailyAccountResponse } from '../src/daily-accounts/dto/daily-account-response.dto.js';
import type { ItemResponse } from '../src/items/dto/item-response.dto.js';
import { Role } from '../src/platform/authorization/role.js';
import { restoreFormula } from '../src/platform/csv/csv-text.js';
import { Database } from '../src/platform/database/database.js';
import { RowStream } from '../src/platform/database/row-stream.js';
import { createCategory, createItem, createStock } from './support/catalogue.js';
import type { Client } from './support/client.js';
import { nonEmpty } from './support/non-empty.js';
import { writeCompletedCart, writeRefund } from './support/sales.js';
import { Shop } from './support/shop.js';
import { Till } from './support/till.js';
import { until } from './support/until.js';

const EXPORTS = [
  '/items/export',
  '/stock/export',
  '/stock/movements/export',
  '/carts/export',
  '/daily-accounts/export',
];
const FORMULAS = ['=1+1', '+49 30 1234', '-5', '@home', "'=1+1", "''-5", "'s Gravenhage"];
const OTHER_TEXT = ['Tea; "green", loose', 'Crème brûlée', "'", '00123', '1.5', 'true'];
const DAYS = ['2026-01-05', '2026-01-06', '2026-01-07'];

type Row = Record<string, unknown>;

describe('Exports', () => {
  let shop: Shop;
  let owner: Client;
  let employee: Client;
  let database: Database;
  let till: Till;
  let tea: CategoryResponse;

  beforeAll(async () => {
    shop = await Shop.open();
    owner = shop.as(Role.MarketOwner);
    employee = shop.as(Role.Employee);
    database = shop.app.get(Database);
    till = new Till(owner);
    tea = await createCategory(owner, { name: '=Tea; "herbs", and more' });
    for (const [index, text] of [...FORMULAS, ...OTHER_TEXT].entries()) {
      const item = await createItem(owner, {
        ...{ category_id: tea.id, name: text, sku: text, description: `${text}\nof two "lines"` },
        ...{ unit_price: 1.05 + index, unit_cost: 0.0001 * index, tax_rate: 7.5, low_stock_threshold: 0.125 },
      });
      await createStock(owner, { item_id: item.id, quantity: 100.125 });
      await owner
        .post(`/stock/${item.id}/movements`, { delta: -1.5, reason: 'waste', note: text, reference: text })
        .expect(201);
    }
    await createItem(owner, { name: 'Bare', description: '' });
    await till.sell([1, 2.5], [3, 1]);
    await till.open({ desk_number: '-7' }).then(({ id }) => till.add(id, 2, 1));
    const { id } = await till.fill([4, 2]);
    await owner.post(`/carts/${id}/delete`).expect(200);
    for (const account_date of DAYS) {
      const cart_id = await writeCompletedCart(database, {
        account_date,
        lines: [
          {
            item_id: 1,
            name: '=1+1',
            sku: '-5',
            quantity: 2500,
            unit_price: 399,
            discount_rate: 500,
            tax_rate: 1000,
          },
          { item_id: 2, unit_price: 1 },
        ],
      });
      if (account_date === DAYS[0]) await writeRefund(database, { cart_id, account_date });
      await owner
        .post(`/daily-accounts/close-by-date?account_date=${account_date}`, { counted_cash: 1.5 })
        .expect(200);
    }
  });

  afterEach(() => jest.restoreAllMocks());
  afterAll(() => shop.close());

  /** The rows of the JSON, as an export has them. */
  const EXPECTED: Record<string, (client: Client) => Promise<Row[]>> = {
    '/items/export': async (client) => {
      const categories = await list<CategoryResponse>(client, '/categories');
      return (await list<ItemResponse>(client, '/items')).map(({ id, category_id, ...item }) => {
        const category = categories.find((one) => one.id === category_id)?.name;
        return { id, category_id, category, ...item };
      });
    },
    '/stock/export': (client) => list(client, '/stock'),
    '/stock/movements/export': (client) => list(client, '/stock/movements?limit=500'),
    '/carts/export': async (client) => {
      const carts = await list<{ id: number }>(client, '/carts?status=completed');
      const summaries = carts.map(({ id }) => client.get(`/carts/${id}`).expect(200));
      return (await Promise.all(summaries)).flatMap(({ body }) => rowsOf(body as CartSummaryResponse));
    },
    '/daily-accounts/export': async (client) =>
      (await list<DailyAccountResponse>(client, '/daily-accounts?limit=100')).map(
        ({ payments, ...account }) => {
          const byMethod = ['cash', 'card', 'voucher', 'other', 'unspecified'].flatMap(
            (method): [string, unknown][] => {
              const payment = payments.find((one) => (one.method as string) === method);
              return [
                [`${method}_amount`, payment?.amount ?? null],
                [`${method}_refunded`, payment?.refunded ?? null],
              ];
            },
          );
          const fields: [string, unknown][] = Object.entries(account);
          const place = fields.findIndex(([name]) => name === 'opening_float');
          return Object.fromEntries([...fields.slice(0, place), ...byMethod, ...fields.slice(place)]);
        },
      ),
  };

  describe.each(EXPORTS)('%s', (path) => {
    const name = path.slice(1, -'/export'.length).replace('/', '-');

    it.each([Role.MarketOwner, Role.Employee])(
      'has the columns and the rows of the list: %s',
      async (role) => {
        const expected = nonEmpty((await EXPECTED[path]?.(shop.as(role))) ?? []);
        const { text } = await shop.as(role).get(path).expect(200);
        expect(headerOf(text)).toEqual(Object.keys(expected[0] as Row));
        expect(read(text)).toEqual(expected.map(textsOf));
      },
    );

    it('is the same with other delimiters and a decimal comma', async () => {
      const plain = read((await owner.get(path).expect(200)).text);
      for (const [query, delimiter] of [
        ['delimiter=;', ';'],
        ['delimiter=%3B', ';'],
        ['delimiter=tab', '\t'],
        ['delimiter=%09', '\t'],
        ['delimiter=,', ','],
      ] as const) {
        const { text } = await owner.get(`${path}?${query}`).expect(200);
        expect(read(text, delimiter)).toEqual(plain);
        const { text: withComma } = await owner.get(`${path}?${query}&decimal=,`).expect(200);
        const numbers = ((await EXPECTED[path]?.(owner)) ?? []).map(commaTextsOf);
        expect(read(withComma, delimiter)).toEqual(numbers);
      }
    });

    it('is a file that is named after the day, begins with a byte order mark and has lines that end with CR LF', async () => {
      const { headers, text } = await owner.get(path).expect(200);
      const today = new Date(database.clock.now()).toISOString().slice(0, 10);
      expect(headers).toMatchObject({
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': `attachment; filename="${name}-${today}.csv"`,
        'cache-control': 'private, no-cache',
      });
      expect(headers.vary).toBe('Origin, Accept, Accept-Encoding');
      const fromPage = await owner.get(path).set('Origin', 'http://localhost:8081').expect(200);
      expect(fromPage.headers['access-control-expose-headers']).toMatch(/\bContent-Disposition\b/);
      expect(text).toMatch(/^\uFEFF[a-z]/);
      // What stands in quotes may have line feeds of its own.
      const lines = text.replaceAll(/"[^"]*"/g, '').split('\r\n');
      expect(lines.pop()).toBe('');
      expect(lines.join('')).not.toMatch(/[\r\n]/);
    });

    it.each([
      ['?format=csv', 'application/json'],
      ['', 'text/csv'],
      ['', 'text/csv; charset=utf-8'],
      ['', 'text/html, */*;q=0.8'],
    ])('is sent for format and Accept: %j %s', async (query, accept) => {
      const { headers } = await owner
        .get(path + query)
        .set('Accept', accept)
        .expect(200);
      expect(headers['content-type']).toBe('text/csv; charset=utf-8');
    });

    it('is 406 where the client takes no CSV, and 422 where it asks for what there is not', async () => {
      const { body, headers } = await owner.get(path).set('Accept', 'application/json').expect(406);
      expect(body).toEqual({ detail: 'This is offered as text/csv only', code: 'not_acceptable' });
      expect(headers).not.toHaveProperty('content-disposition');
      for (const query of ['format=json', 'delimiter=x', 'delimiter=', 'decimal=;']) {
        const refused = (await owner.get(`${path}?${query}`).expect(422)).body as {
          detail: { loc: string[] }[];
        };
        expect(refused.detail).toMatchObject([{ type: 'enum', loc: ['query', query.split('=')[0]] }]);
      }
    });

    it('has the headers of GET for HEAD', async () => {
      const { headers } = await open(path);
      const { date, 'x-request-id': id, ...others } = headers;
      expect((await open(path, {}, 'HEAD')).headers).toMatchObject(others);
      expect([date, id]).not.toContain(undefined);
    });

    it('is for users only, and other methods are not there', async () => {
      await shop.anonymous.get(path).expect(401);
      await employee.get(path).expect(200);
      const { headers } = await owner.post(path).expect(405);
      expect(headers.allow).toMatch(/\bGET\b/);
    });
  });

  it('defuse text, and leave numbers alone', async () => {
    const { text } = await owner.get('/stock/movements/export').expect(200);
    const raw = parseText(text);
    expect(raw.filter(({ delta }) => delta === '-1.5')).toHaveLength(FORMULAS.length + OTHER_TEXT.length);
    const notes = raw.flatMap(({ note }) => (note === null ? [] : [note])).toReversed();
    expect(notes).toEqual([
      ...["'=1+1", "'+49 30 1234", "'-5", "'@home", "''=1+1", "'''-5", "'s Gravenhage"],
      ...OTHER_TEXT,
    ]);
    expect(notes.map((note = '') => restoreFormula(note))).toEqual([...FORMULAS, ...OTHER_TEXT]);
  });

  it('tell empty text from none', async () => {
    const { text } = await owner.get('/items/export').expect(200);
    expect(parseText(text).find(({ name }) => name === 'Bare')).toMatchObject({ description: '', sku: null });
  });

  it('have costs for owners only', async () => {
    for (const path of ['/items/export', '/stock/movements/export']) {
      const headers = [owner, employee].map((client) => client.get(path).expect(200));
      const [forOwner, forEmployee] = (await Promise.all(headers)).map(({ text }) => headerOf(text));
      expect(forOwner?.at(-1)).toBe('unit_cost');
      expect(forEmployee).toEqual(forOwner?.slice(0, -1));
    }
  });

  it('take the filters and the sort orders of their lists, and no page', async () => {
    const { body: items } = (await owner.get('/items').expect(200)) as { body: ItemResponse[] };
    const { updated_at: since } = items.find(({ id }) => id === 3) as ItemResponse;
    for (const [list, query] of [
      ['/items', `category_id=${tea.id}`],
      ['/items', 'sku=00123'],
      ['/items', `updated_since=${since}`],
      ['/items', 'sort=-unit_price'],
      ['/stock', `updated_since=${since}`],
      ['/stock', 'sort=-quantity'],
      ['/stock', `as_of=${since}`],
      ['/stock/movements', 'reason=sale&limit=500'],
      ['/stock/movements', 'reference=-5&limit=500'],
      ['/stock/movements', `from=${since}&limit=500`],
      ['/stock/movements', `to=${since}&limit=500`],
      ['/stock/movements', `from=${since}&sort=occurred_at&limit=500`],
      ['/stock/movements', 'created_by=1&reason=sale&sort=id&limit=500'],
      ['/daily-accounts', 'sort=account_date&limit=100'],
    ] as const) {
      const [listed, exported] = await Promise.all([
        owner.get(`${list}?${query}`).expect(200),
        owner.get(`${list}/export?${query.replace(/limit=\d+/, 'limit=1')}`).expect(200),
      ]);
      const ids = (listed.body as { id: number }[]).map(({ id }) => String(id));
      expect([list, query, read(exported.text).map(({ id }) => id)]).toEqual([list, query, ids]);
    }
    await owner.get('/items/export?category_id=x').expect(422);
  });

  describe('of carts', () => {
    it.each([
      ['', 8],
      ['status=draft', 1],
      ['status=deleted', 1],
      [`account_date=${DAYS[1]}`, 2],
      [`start_date=${DAYS[1]}&end_date=${DAYS[2]}`, 4],
      [`end_date=${DAYS[0]}`, 2],
      [`start_date=${DAYS[2]}`, 4],
      ['status=draft&desk_number=-7', 1],
      ['desk_number=-8', 0],
    ])('have the lines of those that are asked for: %s', async (query, lines) => {
      expect(read((await owner.get(`/carts/export?${query}`).expect(200)).text)).toHaveLength(lines);
    });

    it('add up to the totals of the days', async () => {
      const accounts = await list<DailyAccountResponse>(owner, '/daily-accounts?limit=100');
      for (const { account_date, subtotal, discount_total, tax_total, total } of nonEmpty(accounts)) {
        const rows = read((await owner.get(`/carts/export?account_date=${account_date}`).expect(200)).text);
        const sumOf = (column: string) =>
          rows.reduce((sum, row) => sum + Math.round(Number(row[column]) * 100), 0) / 100;
        expect(['line_subtotal', 'line_discount', 'line_tax', 'line_total'].map(sumOf)).toEqual([
          ...[subtotal, discount_total, tax_total, total],
        ]);
      }
    });

    it('have the prices of today in a draft', async () => {
      const [row] = read((await owner.get('/carts/export?status=draft').expect(200)).text);
      const { body } = await owner.get(`/carts/${row?.cart_id}`).expect(200);
      expect([row]).toEqual(rowsOf(body as CartSummaryResponse).map(textsOf));
    });

    it('are refused for days that end before they begin', async () => {
      const { body } = await owner.get('/carts/export?start_date=2026-01-02&end_date=2026-01-01').expect(422);
      expect(body).toMatchObject({ detail: [{ loc: ['query', 'end_date'] }] });
    });
  });

  describe('that are long', () => {
    const ROWS = 10_000;
    let long: Shop;
    let streams: Database;

    beforeAll(async () => {
      long = await Shop.open({ REQUEST_TIMEOUT_SECONDS: '1' });
      streams = long.app.get(Database);
      await createCategory(long.as(Role.Admin), { name: 'Tea' });
      await streams.write`
        with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ${ROWS})
        insert into items (category_id, name, name_key, search_key, description, unit_price, unit_type, tax_rate, discount_rate, created_by,
          updated_by, created_at, updated_at)
        select 1, '=Tea ' || n, 'tea ' || (100000 + n), '', ${'x'.repeat(2000)}, n, 'cup', 0, 0, 1, 1, '', '' from numbers`;
    });

    afterAll(() => long.close());

    it('come as a stream, whole and in order', async () => {
      const response = await open('/items/export', {}, 'GET', long);
      expect(response.headers).toMatchObject({ 'transfer-encoding': 'chunked' });
      const rows = read((await buffer(response)).toString());
      expect(rows.map(({ name }) => name)).toEqual(
        Array.from({ length: ROWS }, (_, index) => `=Tea ${index + 1}`),
      );
    });

    it('are compressed for who accepts that', async () => {
      const plain = await buffer(await open('/items/export', { 'Accept-Encoding': 'identity' }, 'GET', long));
      const packed = await open('/items/export', { 'Accept-Encoding': 'gzip' }, 'GET', long);
      expect(packed.headers['content-encoding']).toBe('gzip');
      expect(gunzipSync(await buffer(packed)).equals(plain)).toBe(true);
    });

    it('hold no stream for HEAD', async () => {
      for (let time = 0; time < 20; time++) {
        const response = await open('/items/export', {}, 'HEAD', long);
        expect(response.headers['content-disposition']).toMatch(/^attachment/);
      }
      await until(() => streams.streamLoad.running === 0);
    });

    it('are cut off for a client that does not read on, which does not take them for whole', async () => {
      const response = await open('/items/export', { 'Accept-Encoding': 'identity' }, 'GET', long);
      expect(streams.streamLoad.running).toBe(1);
      await until(() => streams.streamLoad.running === 0);
      await expect(buffer(response)).rejects.toThrow('aborted');
    });

    it('are an error where the database fails before the first row, and are broken off where it fails later', async () => {
      // eslint-disable-next-line @typescript-eslint/unbound-method -- it is called on the stream below.
      const { next } = RowStream.prototype;
      for (const first of [1, 3]) {
        let batches = 0;
        jest.spyOn(RowStream.prototype, 'next').mockImplementation(function (this: RowStream<unknown>) {
          return ++batches >= first ? Promise.reject(new Error('The disk is gone')) : next.call(this);
        });
        const response = await open('/items/export', {}, 'GET', long);
        if (first === 1) {
          expect(response.statusCode).toBe(500);
          expect(response.headers['content-type']).toBe('application/json; charset=utf-8');
          expect(response.headers).not.toHaveProperty('content-disposition');
        } else await expect(buffer(response)).rejects.toThrow('aborted');
      }
    });
  });

  async function list<T = Row>(client: Client, path: string): Promise<T[]> {
    return (await client.get(path).expect(200)).body as T[];
  }

  async function open(
    path: string,
    headers: Record<string, string> = {},
    method = 'GET',
    at = shop,
  ): Promise<IncomingMessage> {
    const request = sendRequest(`${at.url}/api/v1${path}`, {
      method,
      agent: false,
      headers: { Authorization: `Bearer ${at.as(Role.MarketOwner).accessToken}`, ...headers },
    }).end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return response;
  }
});

/** Each line of a cart with its cart. */
function rowsOf({ cart, items }: CartSummaryResponse): Row[] {
  const { id: cart_id, ...others } = cart;
  return items.map(({ id: line_id, ...line }) => ({ cart_id, ...others, line_id, ...line }));
}

function headerOf(text: string): string[] {
  const [header] = parse(text, { bom: true, to: 1 });
  return header ?? [];
}

/** As it stands there; null for an empty field without quotes. */
function parseText(text: string, delimiter = ','): Record<string, string | null>[] {
  return parse(text, {
    ...{ bom: true, columns: true, delimiter },
    cast: (value, { quoting }) => (value === '' && !quoting ? null : value),
  });
}

/** With its text as it was before it was defused. A number is never taken for that: `restoreFormula` leaves it as it is. */
function read(text: string, delimiter?: string): Record<string, string | null>[] {
  return parseText(text, delimiter).map((row) => {
    const values = Object.entries(row).map(([name, value]) => [
      name,
      value === null ? null : restoreFormula(value),
    ]);
    return Object.fromEntries(values) as typeof row;
  });
}

/** The values of a row of JSON as texts. */
function textsOf(row: Row): Record<string, string | null> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      value === null ? null : String(value as string | number | boolean),
    ]),
  );
}

function commaTextsOf(row: Row): Record<string, string | null> {
  const entries = Object.entries(row).map(([name, value]) => [
    name,
    typeof value === 'number' ? String(value).replace('.', ',') : value,
  ]);
  return textsOf(Object.fromEntries(entries) as Row);
}
