import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { Role } from '../src/platform/authorization/role.js';
import { Database } from '../src/platform/database/database.js';
import { RowStream } from '../src/platform/database/row-stream.js';
import type { Client } from './support/client.js';
import { Shop } from './support/shop.js';
import { until } from './support/until.js';

/** More than are read at once, and not a multiple of anything. */
const ROWS = 2_345;
/** Streams that run at a time, at the most. */
const PLACES = 16;
const LISTS = ['/items', '/items/search?q=tea', '/categories', '/stock', '/stock/by-category', '/users'];

interface Category {
  category_name: string;
  items: { item_name: string }[];
}

describe('Lists that are long', () => {
  let shop: Shop;
  let admin: Client;
  let database: Database;

  beforeAll(async () => {
    shop = await Shop.open();
    admin = shop.as(Role.Admin);
    database = shop.app.get(Database);
    await database.write`
      with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ${ROWS})
      insert into categories (name, name_key, created_by, updated_by, created_at, updated_at)
      select 'Shelf ' || n, 'shelf ' || (10000 + n), 1, 1, '', '' from numbers`;
    // A thousand items to the first category, and one to each of the others that has any.
    await database.write`
      insert into items (category_id, name, name_key, search_key, description, unit_price, unit_type, tax_rate, discount_rate, created_by, updated_by,
        created_at, updated_at)
      select case when id <= 1000 then 1 else id end, 'Tëa "' || id || '"', 'tea "' || (10000 + id) || '"', 'tea', ${'x'.repeat(2000)}, id,
        'cup', 0, 0, 1, 1, '', ''
      from categories order by categories.id`;
    await database.write`
      insert into stock_entries (item_id, quantity, created_by, updated_by, created_at, updated_at)
      select items.id, items.id * 125, 1, 1, '', '' from items order by items.id`;
    await database.write`
      insert into users (email, username, username_key, hashed_password, role, is_active, is_deleted,
        credentials_version, created_at, updated_at)
      select 'u' || id || '@shop.example', 'u' || id, 'u' || id, '', 'employee', ${true}, ${false}, 0, '', '' from items
      order by items.id`;
  });

  afterEach(() => jest.restoreAllMocks());
  afterAll(() => shop.close());

  it.each(['/items', '/items/search?q=tea', '/categories', '/stock', '/users'])(
    'are as their pages are: %s',
    async (path) => {
      const { body } = (await admin.get(path).expect(200)) as { body: object[] };
      expect(body.length).toBeGreaterThanOrEqual(ROWS);
      const pages: object[] = [];
      for (let offset = 0; offset <= body.length; offset += 500) {
        const page = `${path}${path.includes('?') ? '&' : '?'}limit=500&offset=${offset}`;
        pages.push(...((await admin.get(page).expect(200)).body as object[]));
      }
      expect(body).toEqual(pages);
    },
  );

  it('of the stock by category go on with a category in the next batch', async () => {
    const { body } = (await admin.get('/stock/by-category').expect(200)) as { body: Category[] };
    expect(body.map(({ items }) => items.length)).toEqual([
      1000,
      ...Array.from({ length: ROWS - 1000 }, () => 1),
    ]);
    expect(body[0]).toMatchObject({ category_id: 1, category_name: 'Shelf 1' });
    expect(body.flatMap(({ items }) => items.map(({ item_name }) => item_name))).toEqual(
      Array.from({ length: ROWS }, (_, index) => `Tëa "${index + 1}"`),
    );
    expect(body.at(-1)?.items[0]).toEqual({
      ...{ stock_entry_id: ROWS, item_id: ROWS, category_id: ROWS, item_name: `Tëa "${ROWS}"`, sku: null },
      ...{ description: 'x'.repeat(2000), barcode: null, image_url: null, unit_type: 'cup' },
      ...{ unit_price: ROWS / 100, tax_rate: 0, discount_rate: 0, quantity: ROWS / 8 },
    });
  });

  it.each(LISTS)('have a tag, by which they are answered 304: %s', async (path) => {
    const { headers } = await admin.get(path).expect(200);
    expect(headers).toMatchObject({
      etag: expect.stringMatching(/^"[^"]+"$/),
      'cache-control': 'private, no-cache',
      'content-type': 'application/json; charset=utf-8',
    });
    const known = await admin
      .get(path)
      .set('If-None-Match', headers.etag ?? '')
      .expect(304);
    expect(known.text).toBe('');
  });

  it('give HEAD the headers of GET, and hold no stream for it', async () => {
    const headers = { Authorization: `Bearer ${admin.accessToken}`, 'Accept-Encoding': 'identity' };
    const { headers: expected } = await admin.get('/stock').set(headers).expect(200);
    for (let time = 0; time <= PLACES; time++) {
      const response = await fetch(`${shop.url}/api/v1/stock`, { method: 'HEAD', headers });
      expect(response.status).toBe(200);
      for (const name of ['ETag', 'Content-Type', 'Content-Length', 'Cache-Control'])
        expect(response.headers.get(name)).toBe(expected[name.toLowerCase()] ?? null);
    }
    await until(() => database.streamLoad.running === 0);
    expect(database.streamLoad).toEqual({ running: 0, waiting: 0 });
  });

  it('have a tag even while others write, and never two contents under one', async () => {
    const contents = new Map<string, Set<string>>();
    let isOpen = true;
    const write = async (): Promise<void> => {
      for (let count = 0; isOpen; count++) {
        await database.write`update categories set description = ${`No. ${count}`} where id in (1, ${ROWS})`;
      }
    };
    const writing = write();
    const read = async (): Promise<void> => {
      for (let time = 0; time < 5; time++) {
        const { headers, text: json } = await admin.get('/categories').expect(200);
        expect(headers.etag).toBeDefined();
        contents.set(headers.etag ?? '', (contents.get(headers.etag ?? '') ?? new Set()).add(json));
        const [first, last] = [0, -1].map((at) => (JSON.parse(json) as { description: string }[]).at(at));
        expect(first?.description).toBe(last?.description);
      }
    };
    await Promise.all(Array.from({ length: 6 }, read));
    isOpen = false;
    await writing;
    expect([...contents.values()].filter((texts) => texts.size > 1)).toEqual([]);
    expect(contents.size).toBeGreaterThan(1);
  });

  it('wait for a client that reads slowly, and let the others through', async () => {
    const slow = await Promise.all(Array.from({ length: 4 }, () => open('/items')));
    expect(database.streamLoad.running).toBe(4);
    await admin.get('/items').expect(200);
    await admin.patch('/categories/1', { description: 'Meanwhile' }).expect(200);
    for (const response of slow) expect(JSON.parse(await text(response))).toHaveLength(ROWS);
  });

  it('are given up when their client leaves, at whatever time', async () => {
    const ended = jest.spyOn(RowStream.prototype, 'return');
    for (let time = 0; time <= PLACES; time++) {
      const response = await open('/items');
      response.destroy();
      const early = request('/items');
      early.on('error', () => undefined);
      await once(early, 'socket');
      setImmediate(() => early.destroy());
    }
    await until(() => database.streamLoad.running === 0);
    expect(ended.mock.calls.length).toBeGreaterThan(PLACES);
    await admin.get('/items').expect(200);
  });

  describe('when the database fails in the middle', () => {
    it.each(['identity', 'br', 'gzip'])('are never taken for whole: %s', async (coding) => {
      failAt(3);
      const response = await open('/items', { 'Accept-Encoding': coding });
      if (response.statusCode === 200) await expect(text(response)).rejects.toThrow('aborted');
      else await expectError(response);
      await until(() => database.streamLoad.running === 0);
    });

    it('are answered with an error when that comes before the first row', async () => {
      failAt(1);
      await expectError(await open('/items', { 'Accept-Encoding': 'br' }));
    });

    /** @param batch the first that can't be read */
    function failAt(batch: number): void {
      // eslint-disable-next-line @typescript-eslint/unbound-method -- it is called on the stream below.
      const { next } = RowStream.prototype;
      let batches = 0;
      jest.spyOn(RowStream.prototype, 'next').mockImplementation(function (this: RowStream<unknown>) {
        return ++batches >= batch ? Promise.reject(new Error('The disk is gone')) : next.call(this);
      });
    }

    async function expectError(response: IncomingMessage): Promise<void> {
      expect(response.statusCode).toBe(500);
      expect(response.headers).not.toHaveProperty('content-encoding');
      expect(response.headers).not.toHaveProperty('etag');
      expect(JSON.parse(await text(response))).toEqual({
        detail: 'Internal Server Error',
        code: 'internal_error',
      });
    }
  });

  function request(path: string, headers: Record<string, string> = {}) {
    return get(`${shop.url}/api/v1${path}`, {
      headers: { Authorization: `Bearer ${admin.accessToken}`, ...headers },
      agent: false,
    });
  }

  /** An answer of which nothing has been read but the headers. */
  async function open(path: string, headers?: Record<string, string>): Promise<IncomingMessage> {
    const [response] = (await once(request(path, headers), 'response')) as [IncomingMessage];
    return response;
  }
});
