import { Role } from '../src/platform/authorization/role.js';
import { REPRESENTATION } from '../src/platform/http/entity-tag.js';
import { Database } from '../src/platform/database/database.js';
import { createAccount } from './support/accounts.js';
import { createCategory, createItem, createStock } from './support/catalogue.js';
import type { Client } from './support/client.js';
import { nonEmpty } from './support/non-empty.js';
import { Shop } from './support/shop.js';

const STALE = { detail: 'This has been changed since you read it', code: 'precondition_failed' };
const STRONG_TAG = /^"[\x21\x23-\x7e]+"$/;

describe('Conditional requests', () => {
  let shop: Shop;
  let admin: Client;

  beforeAll(async () => {
    shop = await Shop.open();
    admin = shop.as(Role.Admin);
    await createStock(admin);
  });

  afterAll(() => shop.close());

  async function tagOf(path: string): Promise<string> {
    return (await admin.get(path).expect(200)).headers.etag ?? '';
  }

  /** What the client that has seen the tag hears. */
  async function statusOf(path: string, tag: string): Promise<number> {
    return (await admin.get(path).set('If-None-Match', tag)).status;
  }

  const LISTS = [
    ...['/items', '/items/search?q=item', '/categories'],
    ...['/stock', '/stock/by-category', '/stock/low', '/users'],
  ];

  /** A row of each kind, made for one test, at its address. */
  const ROWS: [kind: string, make: () => Promise<{ path: string; changes: object; again: object }>][] = [
    [
      'item',
      async () => ({
        path: `/items/${(await createItem(admin)).id}`,
        changes: { name: 'Changed' },
        again: { name: 'Again' },
      }),
    ],
    [
      'category',
      async () => {
        const { id, name } = await createCategory(admin);
        return {
          path: `/categories/${id}`,
          changes: { name: `${name} changed` },
          again: { description: 'Again' },
        };
      },
    ],
    [
      'stock entry',
      async () => ({
        path: `/stock/${(await createStock(admin)).item_id}`,
        changes: { quantity: 2 },
        again: { quantity: 3 },
      }),
    ],
    [
      'user',
      async () => ({
        path: `/users/${(await createAccount(shop)).id}`,
        changes: { full_name: 'Changed' },
        again: { full_name: 'Again' },
      }),
    ],
  ];

  describe.each(LISTS)('of %s', (path) => {
    it('are answered 304, with the tag and no body, while nothing changes', async () => {
      const first = await admin.get(path).expect(200);
      expect(first.headers).toMatchObject({
        etag: expect.stringMatching(STRONG_TAG),
        'cache-control': 'private, no-cache',
      });
      for (const tag of [
        first.headers.etag,
        `W/${first.headers.etag}`,
        `"x" ,W/"y,", ${first.headers.etag}`,
      ]) {
        const { status, headers, text } = await admin.get(path).set('If-None-Match', tag as string);
        expect([status, headers.etag, headers['cache-control'], text]).toEqual([
          304,
          first.headers.etag,
          'private, no-cache',
          '',
        ]);
      }
      expect(await statusOf(path, '*')).toBe(304);
    });

    it('are answered whole to a client that knows another tag, or sends none', async () => {
      const tag = await tagOf(path);
      const others = ['"x"', tag.slice(1, -1), tag.replace(REPRESENTATION, 'r0'), '', 'W/', '""', `"${tag}"`];
      for (const other of others) expect([other, await statusOf(path, other)]).toEqual([other, 200]);
    });

    it('do not take another list for this one', async () => {
      const tag = await tagOf(path);
      const page = path.includes('?') ? `${path}&limit=1` : `${path}?limit=1`;
      expect(await statusOf(page, tag)).toBe(200);
      if (!/by-category|low/.test(path)) expect(await statusOf(page.replace('=1', '=0'), tag)).toBe(422);
    });

    it('are answered 401 without a good token', async () => {
      await shop.anonymous.get(path).set('If-None-Match', '*').expect(401);
    });
  });

  it('know what changes which list', async () => {
    const changed = async (change: () => Promise<unknown>): Promise<string[]> => {
      const tags = await Promise.all(LISTS.map((path) => tagOf(path)));
      await change();
      const statuses = await Promise.all(LISTS.map((path, index) => statusOf(path, tags[index] ?? '')));
      return LISTS.filter((_path, index) => statuses[index] === 200);
    };
    const ITEMS = ['/items', '/items/search?q=item', '/stock', '/stock/by-category', '/stock/low'];
    const STOCK = ['/stock', '/stock/by-category', '/stock/low'];
    const CATEGORIES = ['/categories', '/stock/by-category', '/stock/low'];
    const { id: category_id } = await createCategory(admin);
    const { id } = await createItem(admin, { category_id });

    expect(await changed(() => createCategory(admin))).toEqual(CATEGORIES);
    expect(await changed(() => createItem(admin, { category_id }))).toEqual(ITEMS);
    expect(await changed(() => admin.post('/stock', { item_id: id, quantity: 1 }).expect(201))).toEqual(
      STOCK,
    );
    expect(await changed(() => admin.patch(`/stock/${id}`, { quantity: 2 }).expect(200))).toEqual(STOCK);
    expect(await changed(() => admin.patch(`/items/${id}`, { name: 'New' }).expect(200))).toEqual(ITEMS);
    expect(
      await changed(() => admin.patch(`/categories/${category_id}`, { description: 'New' }).expect(200)),
    ).toEqual(CATEGORIES);
    expect(await changed(() => admin.delete(`/stock/${id}`).expect(204))).toEqual(STOCK);
    await createStock(admin, { item_id: id });
    // The stock entry goes with the item.
    expect(await changed(() => admin.delete(`/items/${id}`).expect(204))).toEqual([
      ...ITEMS.slice(0, 2),
      ...STOCK,
    ]);

    const { id: userId, username, password } = await createAccount(shop);
    expect(await changed(() => admin.post('/auth/login', { username, password }).expect(200))).toEqual([]);
    expect(await changed(() => admin.patch(`/users/${userId}`, { full_name: 'X' }).expect(200))).toEqual([
      '/users',
    ]);
    expect(await changed(() => admin.delete(`/users/${userId}`).expect(204))).toEqual(['/users']);
    expect(await changed(() => admin.patch('/items/1', { sku: '' }).expect(422))).toEqual([]);
  });

  describe.each(ROWS)('on a row (%s)', (_kind, make) => {
    it('carry the tag of its state in every answer that shows it', async () => {
      const { path, changes } = await make();
      const tag = await tagOf(path);
      expect(tag).toMatch(STRONG_TAG);
      expect(await statusOf(path, tag)).toBe(304);
      const patched = await admin.patch(path, changes).expect(200);
      expect(patched.headers.etag).toMatch(STRONG_TAG);
      expect(patched.headers.etag).not.toBe(tag);
      expect(await tagOf(path)).toBe(patched.headers.etag);
      expect(await statusOf(path, tag)).toBe(200);
      expect(patched.body).not.toHaveProperty('version');
    });

    it('change it in the state that is expected, and in no other', async () => {
      const { path, changes, again } = await make();
      const tag = await tagOf(path);
      const { headers } = await admin.patch(path, changes).set('If-Match', `"x", ${tag}`).expect(200);
      const shown = (await admin.get(path)).body as object;
      for (const stale of [
        tag,
        `W/${headers.etag}`,
        '"x"',
        `${headers.etag}`.replace(REPRESENTATION, 'r0'),
      ]) {
        const { body } = await admin.patch(path, again).set('If-Match', stale).expect(412);
        expect(body).toEqual(STALE);
        expect((await admin.delete(path).set('If-Match', stale).expect(412)).body).toEqual(STALE);
      }
      expect((await admin.get(path)).body).toEqual(shown);
      await admin.patch(path, again).set('If-Match', '*').expect(200);
      await admin.patch(path, changes).expect(200);
      await admin
        .delete(path)
        .set('If-Match', await tagOf(path))
        .expect(204);
    });

    it('find nothing when it is gone', async () => {
      const { path, changes } = await make();
      const tag = await tagOf(path);
      await admin.delete(path).expect(204);
      for (const expected of [tag, '*', '"x"']) {
        await admin.patch(path, changes).set('If-Match', expected).expect(404);
        await admin.delete(path).set('If-Match', expected).expect(404);
      }
      await admin.get(path).set('If-None-Match', tag).expect(404);
    });

    it("are refused when the header can't be read", async () => {
      const { path, changes } = await make();
      for (const header of ['x', '"', '"a" "b', 'w/"a"', '*, "a"', '', ',']) {
        const { body } = await admin.patch(path, changes).set('If-Match', header).expect(400);
        expect(body).toEqual({ detail: 'The If-Match header could not be understood', code: 'bad_request' });
        await admin.delete(path).set('If-Match', header).expect(400);
      }
    });

    it('let one of fifty through that expect the same', async () => {
      const { path, changes } = await make();
      const tag = await tagOf(path);
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => admin.patch(path, changes).set('If-Match', tag)),
      );
      const statuses = answers.map(({ status }) => status).sort();
      expect(statuses).toEqual([200, ...Array.from({ length: 49 }, () => 412)]);
    });

    it('never see a tag again, however fast it changes', async () => {
      const { path, changes, again } = await make();
      const answers = await Promise.all(
        Array.from({ length: 40 }, (_, n) => admin.patch(path, n % 2 ? changes : again).expect(200)),
      );
      expect(new Set(answers.map(({ headers }) => headers.etag)).size).toBe(40);
    });
  });

  it('carry the tag of what is created', async () => {
    const category = await admin.post('/categories', { name: 'Tagged' }).expect(201);
    expect(await tagOf(`/categories/${category.body.id}`)).toBe(category.headers.etag);
    const sent = { category_id: category.body.id, name: 'Tagged', unit_price: 1 };
    const item = await admin.post('/items', sent).expect(201);
    expect(await tagOf(`/items/${item.body.id}`)).toBe(item.headers.etag);
    const entry = await admin.post('/stock', { item_id: item.body.id, quantity: 1 }).expect(201);
    expect(await tagOf(`/stock/${item.body.id}`)).toBe(entry.headers.etag);
  });

  it('never see a tag of stock again that was taken out and put back', async () => {
    const { id: item_id } = await createItem(admin);
    const tags: string[] = [];
    for (let time = 0; time < 20; time++) {
      const { headers } = await admin.post('/stock', { item_id, quantity: 1 }).expect(201);
      tags.push(headers.etag ?? '');
      await admin.delete(`/stock/${item_id}`).expect(204);
    }
    expect(new Set(tags).size).toBe(20);
  });

  it('see a new version after statements that name none', async () => {
    const database = shop.app.get(Database);
    const { id, category_id } = await createItem(admin);
    const tags = new Set([await tagOf(`/items/${id}`)]);
    await database.write`update items set description = 'By hand' where id = ${id}`;
    tags.add(await tagOf(`/items/${id}`));
    await database.write`update items set version = version where id = ${id}`;
    tags.add(await tagOf(`/items/${id}`));
    expect(tags.size).toBe(3);
    const [inserted] = await database.write<{ id: number }>`
      insert into items (category_id, name, name_key, unit_price, unit_type, tax_rate, discount_rate, created_by,
        updated_by, created_at, updated_at)
      values (${category_id}, 'By hand', 'by hand', 1, 'piece', 0, 0, 1, 1, '', '') returning id`;
    expect(await tagOf(`/items/${inserted?.id}`)).not.toMatch(/-0"$/);
  });

  it('are 403, not 304, for a user that the client may not see', async () => {
    const { id } = await createAccount(shop, { role: Role.MarketOwner });
    const tag = await tagOf(`/users/${id}`);
    await shop.as(Role.Employee).get(`/users/${id}`).set('If-None-Match', tag).expect(403);
  });

  it('never read two contents under one tag, while many write', async () => {
    const { id: category_id } = await createCategory(admin);
    const items = await Promise.all(Array.from({ length: 8 }, () => createItem(admin, { category_id })));
    const contents = new Map<string, Set<string>>();
    let isOpen = true;
    const write = async (id: number): Promise<void> => {
      for (let price = 1; price <= 40; price++)
        await admin.patch(`/items/${id}`, { unit_price: price }).expect(200);
    };
    const read = async (): Promise<void> => {
      while (isOpen) {
        const { headers, text } = await admin.get('/items').expect(200);
        if (!headers.etag) continue;
        contents.set(headers.etag, (contents.get(headers.etag) ?? new Set()).add(text));
      }
    };
    const readers = Array.from({ length: 6 }, read);
    await Promise.all(items.map(({ id }) => write(id)));
    const last = await admin.get('/items').expect(200);
    isOpen = false;
    await Promise.all(readers);
    expect(nonEmpty([...contents.values()]).filter((texts) => texts.size > 1)).toEqual([]);
    // Once it is quiet there is a tag, and none of those before.
    expect(last.headers.etag).toMatch(STRONG_TAG);
    expect(await statusOf('/items', last.headers.etag ?? '')).toBe(304);
    expect(contents.get(last.headers.etag ?? '') ?? new Set([last.text])).toEqual(new Set([last.text]));
  });
});
