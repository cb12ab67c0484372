import { Role } from '../src/platform/authorization/role.js';
import { Database } from '../src/platform/database/database.js';
import type { ItemResponse } from '../src/items/dto/item-response.dto.js';
import { createItem } from './support/catalogue.js';
import type { Client } from './support/client.js';
import { nonEmpty } from './support/non-empty.js';
import { NO_INTEGER_IN_STRING, type Issue, refusal, tooLarge, tooShort, tooSmall } from './support/issues.js';
import { race } from './support/race.js';
import { Shop } from './support/shop.js';

const ITEMS = 1200;
/** Rows that share a price, and times: every order has ties. */
const TIES = 100;

const FOREIGN_CURSOR: Issue = {
  type: 'value_error',
  msg: 'Value error, not a cursor of this list in this order',
};
const NO_DATETIME: Issue = {
  type: 'datetime_parsing',
  msg: 'Input should be a valid datetime with its offset, such as 2026-03-01T07:00:00Z',
};

const LISTS: [path: string, sorts: string[]][] = [
  ['/items', ['name', 'sku', 'unit_price', 'created_at', 'updated_at']],
  ['/items?category_id=1', ['name', 'sku', 'unit_price', 'created_at', 'updated_at']],
  ['/items/search?q=tea', ['name', 'sku', 'unit_price', 'created_at', 'updated_at']],
  ['/categories', ['sort_order', 'name', 'created_at', 'updated_at']],
  ['/stock', ['item_id', 'quantity', 'created_at', 'updated_at']],
  ['/users', ['id', 'username', 'created_at', 'updated_at']],
];
const SORTED_LISTS = LISTS.flatMap(([path, sorts]) =>
  sorts.flatMap((sort) => [
    [path, sort],
    [path, `-${sort}`],
  ]),
) as [path: string, sort: string][];

type Row = Record<string, string | number | null> & { id: number };
interface Answer {
  rows: Row[];
  total: number;
  next?: string;
}

describe('Paging', () => {
  let shop: Shop;
  let admin: Client;

  beforeAll(async () => {
    shop = await Shop.open();
    admin = shop.as(Role.Admin);
    const database = shop.app.get(Database);
    const time = (n: string) => `'2026-03-01T07:00:00.' || (100 + (${n}) % 7) || 'Z'`;
    const numbers = (count: number) =>
      `with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ${count})`;
    const send = (text: string) => database.write(Object.assign([text], { raw: [text] }));
    await send(`${numbers(12)} insert into categories (name, name_key, sort_order, created_by, updated_by, created_at, updated_at)
        select 'Shelf ' || n, 'shelf ' || (n / 3), n % 2, 1, 1, ${time('n')}, ${time('n * 3')} from numbers`);
    await send(`${numbers(ITEMS)} insert into items (category_id, name, name_key, search_key, sku, unit_price, unit_type, tax_rate,
          discount_rate, created_by, updated_by, created_at, updated_at)
        select 1 + n % 2, 'Tea ' || (n / 5), 'tea ' || (n / 5), 'tea ' || (n / 5), case when n % 3 = 0 then 'T-' || n end, n / ${TIES}, 'piece',
          0, 0, 1, 1, ${time('n')}, ${time('n * 3')} from numbers`);
    await send(`insert into stock_entries (item_id, quantity, created_by, updated_by, created_at, updated_at)
        select id, unit_price, 1, 1, created_at, updated_at from items where id % 10 = 0`);
    await send(`insert into users (email, username, username_key, hashed_password, role, is_active, is_deleted,
          credentials_version, created_at, updated_at)
        select 'a' || id, 'U_' || id, 'u_' || id, '', 'employee', true, false, 0, created_at, updated_at
        from items where id % 20 = 0`);
  });

  afterAll(() => shop.close());

  async function get(path: string): Promise<Answer> {
    const { body, headers } = await admin.get(path).expect(200);
    const [, next] = /^<(\/api\/v1\/[^>]+)>; rel="next"$/.exec(headers.link ?? '') ?? [];
    return { rows: body, total: Number(headers['x-total-count']), next: next?.replace('/api/v1', '') };
  }

  /** Follows the links from page to page, and returns the pages. */
  async function walk(path: string, between?: (rows: Row[]) => Promise<void>): Promise<Row[][]> {
    const pages: Row[][] = [];
    for (let next: string | undefined = path; next;) {
      const page: Answer = await get(next);
      pages.push(page.rows);
      next = page.next;
      if (next) await between?.(page.rows);
    }
    return pages;
  }

  const asked = (path: string, query: string) => `${path}${path.includes('?') ? '&' : '?'}${query}`;

  describe.each(LISTS)('of %s', (path) => {
    it('is not in the headers when the client does not ask for it', async () => {
      const { body, headers } = await admin.get(path).expect(200);
      expect(body.length).toBeGreaterThan(10);
      expect(headers).not.toHaveProperty('link');
      expect(headers).not.toHaveProperty('x-total-count');
    });

    it.each(['', '&offset=0'])('goes through all of it by its links (%s)', async (begin) => {
      const whole = (await admin.get(path).expect(200)).body as Row[];
      const limit = Math.ceil(whole.length / 6);
      const pages = await walk(asked(path, `limit=${limit}${begin}`));
      expect(pages.flat()).toEqual(whole);
      expect(pages.slice(0, -1).map((rows) => rows.length)).toEqual(pages.slice(1).map(() => limit));
      expect(pages.at(-1)).not.toHaveLength(0);
    });

    it('says how many there are in all, on every page', async () => {
      const whole = (await admin.get(path).expect(200)).body as Row[];
      const first = await get(asked(path, 'limit=9'));
      expect(first.total).toBe(whole.length);
      expect((await get(first.next as string)).total).toBe(whole.length);
      expect((await get(asked(path, `offset=${whole.length}`))).total).toBe(whole.length);
    });

    it('takes 100 for the limit where only the begin is given', async () => {
      const { rows } = await get(asked(path, 'offset=1'));
      const whole = (await admin.get(path).expect(200)).body as Row[];
      expect(rows).toEqual(whole.slice(1, 101));
    });

    const refused: [query: string, issue: Issue, field: string][] = [
      ['limit=0', tooSmall(1), 'limit'],
      ['limit=501', tooLarge(500), 'limit'],
      ['limit=all', NO_INTEGER_IN_STRING, 'limit'],
      ['limit=', NO_INTEGER_IN_STRING, 'limit'],
      ['offset=-1', tooSmall(0), 'offset'],
      ['offset=99999999999', tooLarge(2 ** 31 - 1), 'offset'],
      ['cursor=', FOREIGN_CURSOR, 'cursor'],
      ['cursor=%00', FOREIGN_CURSOR, 'cursor'],
      ['cursor=bnVsbA', FOREIGN_CURSOR, 'cursor'],
      ['cursor=e30', FOREIGN_CURSOR, 'cursor'],
      ['updated_since=yesterday', NO_DATETIME, 'updated_since'],
      ['updated_since=2026-02-30T00:00:00Z', NO_DATETIME, 'updated_since'],
      ['updated_since=2026-02-20T00:00:00', NO_DATETIME, 'updated_since'],
    ];
    // A search is not asked for what has changed since.
    const offered = refused.filter(([, , field]) => field !== 'updated_since' || !path.includes('search'));
    it.each(offered)('refuses %s', async (query, issue, field) => {
      const { body } = await admin.get(asked(path, query)).expect(422);
      expect(body).toEqual(refusal(issue, 'query', field));
    });

    it('refuses a sort that is not offered, with a cursor and without', async () => {
      for (const query of ['sort=hashed_password', 'sort=', 'sort=name%20desc&cursor=x', 'sort=--name']) {
        const { body } = await admin.get(asked(path, query)).expect(422);
        expect(body.detail).toMatchObject([{ type: 'enum', loc: ['query', 'sort'] }]);
      }
    });

    it('refuses a cursor beside an offset, of another order, and of another list', async () => {
      const [, cursor] = /cursor=([^&]+)/.exec((await get(asked(path, 'limit=1'))).next ?? '') ?? [];
      const both = await admin.get(asked(path, `cursor=${cursor}&offset=0`)).expect(422);
      const excluded = { type: 'value_error', msg: 'Value error, cursor and offset exclude each other' };
      expect(both.body).toEqual(refusal(excluded, 'query', 'cursor'));
      const other = await admin.get(asked(path, `cursor=${cursor}&sort=-created_at`)).expect(422);
      expect(other.body).toEqual(refusal(FOREIGN_CURSOR, 'query', 'cursor'));
      const elsewhere = path.startsWith('/items') ? '/categories' : '/items';
      const foreign = await admin.get(`${elsewhere}?cursor=${cursor}`).expect(422);
      expect(foreign.body).toEqual(refusal(FOREIGN_CURSOR, 'query', 'cursor'));
    });
  });

  it.each(SORTED_LISTS)('of %s by %s is in order, ties by id', async (path, sort) => {
    const rows = (await walk(asked(path, `sort=${sort}&limit=150`))).flat();
    const whole = (await admin.get(asked(path, `sort=${sort}`)).expect(200)).body as Row[];
    expect(nonEmpty(rows)).toEqual(whole);
    const sign = sort.startsWith('-') ? -1 : 1;
    const key = sort.replace('-', '');
    const valueOf = (row: Row) => {
      const value = row[key] ?? '';
      return typeof value === 'string' ? value.toLowerCase() : value;
    };
    const compare = (one: Row, other: Row) =>
      sign * (valueOf(one) < valueOf(other) ? -1 : valueOf(one) > valueOf(other) ? 1 : one.id - other.id);
    const shelves: Record<string, typeof compare> = { name: byShelf(sign), sort_order: byPlace(sign) };
    expect(rows).toEqual([...rows].sort(path === '/categories' ? (shelves[key] ?? compare) : compare));
  });

  /** Their keys were made to tie. */
  const byShelf = (sign: number) => (one: Row, other: Row) => {
    const key = (row: Row) => Math.floor(Number(String(row.name).replace('Shelf ', '')) / 3);
    return sign * (key(one) - key(other) || one.id - other.id);
  };

  const byPlace = (sign: number) => (one: Row, other: Row) =>
    sign * (Number(one.sort_order) - Number(other.sort_order)) || byShelf(sign)(one, other);

  it.each(['name', '-sku', '-unit_price', 'updated_at'])(
    'by %s shows every row that stays once, while others come and go',
    async (sort) => {
      const before = (await admin.get('/items').expect(200)).body as Row[];
      const gone = new Set<number>();
      const added: ItemResponse[] = [];
      const pages = await walk(`/items?limit=100&sort=${sort}`, async (rows) => {
        // The row that the cursor stands on goes, and rows come before and behind it.
        const last = rows.at(-1) as Row;
        await admin.delete(`/items/${last.id}`).expect(204);
        gone.add(last.id);
        added.push(
          await createItem(admin, { category_id: 1, name: 'A', unit_price: 0 }),
          await createItem(admin, { category_id: 1, name: String(last.name), unit_price: last.unit_price }),
          await createItem(admin, { category_id: 1, name: 'Z', unit_price: 999, sku: `Z-${last.id}` }),
        );
      });
      const seen = pages.flat().map(({ id }) => id);
      expect(new Set(seen).size).toBe(seen.length);
      const stayed = before.map(({ id }) => id).filter((id) => !gone.has(id));
      expect(stayed.filter((id) => !seen.includes(id))).toEqual([]);
      expect(stayed.length).toBeGreaterThan(1000);
      // Some are gone already: the walk met them last on a page.
      for (const { id } of added) await admin.delete(`/items/${id}`);
    },
  );

  it('says how many there are in all while many come and go at once', async () => {
    const before = (await get('/categories?limit=1')).total;
    const created = await race(
      shop.app,
      Array.from({ length: 40 }, (_, n) => admin.post('/categories', { name: `Sudden ${n}` }).expect(201)),
    );
    expect((await get('/categories?limit=1')).total).toBe(before + 40);
    await race(
      shop.app,
      created.map(({ body }) => admin.delete(`/categories/${body.id}`).expect(204)),
    );
    expect((await get('/categories?limit=1')).total).toBe(before);
    await admin.delete('/categories/1').expect(409);
    expect((await get('/categories?limit=1')).total).toBe((await get('/categories')).rows.length);
  });

  describe('with filters', () => {
    it('keeps them, and whatever else was asked, in the link', async () => {
      const path = '/items/?sort=-unit_price&x=1&x=%C3%A9%20%3E&limit=5&category_id=2&cursor=';
      const first = await get(path.replace('&cursor=', ''));
      const next = new URLSearchParams(first.next?.split('?')[1]);
      expect(first.next).toMatch(/^\/items\/\?[\x21-\x7e]+$/);
      expect(next.getAll('x')).toEqual(['1', 'é >']);
      expect(next.get('category_id')).toBe('2');
      const { rows } = await get(first.next as string);
      expect(nonEmpty(rows).every(({ category_id }) => category_id === 2)).toBe(true);
    });

    it('finds items by barcode and by SKU, alone and within a category', async () => {
      const item = await createItem(admin, { category_id: 3, sku: 'ONLY-1', barcode: '2000000000015' });
      for (const filter of [
        'barcode=2000000000015',
        'sku=ONLY-1',
        'sku=ONLY-1&barcode=2000000000015&category_id=3',
      ]) {
        expect((await get(`/items?${filter}`)).rows).toEqual([item]);
        expect(await get(`/items?${filter}&limit=1`)).toEqual({ rows: [item], total: 1, next: undefined });
      }
      expect((await get('/items?sku=ONLY-1&category_id=1')).rows).toEqual([]);
      expect((await get('/items?sku=only-1')).rows).toEqual([]);
      const { body } = await admin.get('/items?sku=').expect(422);
      expect(body).toEqual(refusal(tooShort(1), 'query', 'sku'));
      await admin.delete(`/items/${item.id}`).expect(204);
    });

    it.each(['/items', '/items?category_id=1', '/categories', '/stock', '/users'])(
      'lists what of %s has changed since',
      async (path) => {
        const whole = (await admin.get(path).expect(200)).body as Row[];
        const since = '2026-03-01T07:00:00.103Z';
        const changed = whole.filter(({ updated_at }) => (updated_at as string) >= since);
        expect(changed.length).toBeLessThan(whole.length);
        expect((await get(asked(path, `updated_since=${since}`))).rows).toEqual(changed);
        // Finer than a millisecond, and coarser.
        expect((await get(asked(path, 'updated_since=2026-03-01T07:00:00.103999Z'))).rows).toEqual(changed);
        expect((await get(asked(path, 'updated_since=2026-03-01T07:00:00Z'))).rows).toEqual(whole);
        for (const time of ['10:00:00.103999+03:00', '10:00:00.103999%2B03:00', '02:30:00.103-04:30']) {
          expect((await get(asked(path, `updated_since=2026-03-01T${time}`))).rows).toEqual(changed);
        }
        expect((await walk(asked(path, `updated_since=${since}&limit=10&offset=0`))).flat()).toEqual(changed);
        expect((await get(asked(path, `updated_since=${since}&limit=1`))).total).toBe(changed.length);
      },
    );

    it('drops what it does not know', async () => {
      expect((await get('/categories?colour=red')).rows).toHaveLength(12);
    });
  });
});
