import { once } from 'node:events';
import { type IncomingMessage, request as sendRequest } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { Role } from '../src/platform/authorization/role.js';
import { Database } from '../src/platform/database/database.js';
import type { Client } from './support/client.js';
import { ADMIN, Shop } from './support/shop.js';

const DECODE = { br: brotliDecompressSync, gzip: gunzipSync };
/** Larger than a stream begins, in one of them. */
const LONG_LIST = 1_200;

interface Answer {
  status: number | undefined;
  headers: IncomingMessage['headers'];
  /** As it came. */
  body: Buffer;
}

describe('Compressed answers', () => {
  let shop: Shop;
  let employee: Client;

  beforeAll(async () => {
    shop = await Shop.open({ SEED_MOCK_DATA: 'true' });
    employee = shop.as(Role.Employee);
  });

  afterAll(() => shop.close());

  describe.each(['/items', '/items?limit=20', '/items/search?q=e', '/stock', '/stock/by-category'])(
    'of %s',
    (path) => {
      it.each(['br', 'gzip'] as const)('are what is sent without compression: %s', async (coding) => {
        const plain = await read(path);
        const coded = await read(path, { 'Accept-Encoding': coding });
        expect(coded.status).toBe(200);
        expect(coded.headers['content-encoding']).toBe(coding);
        expect(coded.headers['content-length']).toBe(String(coded.body.length));
        expect(coded.headers['content-type']).toBe('application/json; charset=utf-8');
        expect(coded.body.length).toBeLessThan(plain.body.length / 2);
        expect(DECODE[coding](coded.body).toString()).toBe(plain.body.toString());
        // From memory, the second time.
        expect((await read(path, { 'Accept-Encoding': coding })).body).toEqual(coded.body);
      });

      it('have a tag for each way in which they are written, and are known by any of them', async () => {
        const answers = await Promise.all(
          ['identity', 'br', 'gzip'].map((coding) => read(path, { 'Accept-Encoding': coding })),
        );
        const tags = answers.map(({ headers }) => headers.etag ?? '');
        expect(new Set(tags).size).toBe(3);
        for (const { headers } of answers) expect(headers.vary).toMatch(/\bAccept-Encoding\b/);
        for (const tag of tags) {
          for (const coding of ['identity', 'br']) {
            const known = await read(path, { 'Accept-Encoding': coding, 'If-None-Match': `"x", W/${tag}` });
            expect([known.status, known.headers.etag, known.body.length]).toEqual([304, tag, 0]);
            expect(known.headers.vary).toMatch(/\bAccept-Encoding\b/);
            expect(known.headers).not.toHaveProperty('content-encoding');
          }
        }
        const [tag = ''] = tags;
        for (const other of [tag.replace(/"$/, '-deflate"'), tag.replace(/"$/, '-br-br"')])
          expect((await read(path, { 'If-None-Match': other })).status).toBe(200);
      });

      it('have the same headers for HEAD', async () => {
        const headers = { 'Accept-Encoding': 'br' };
        const full = await read(path, headers);
        const head = await read(path, headers, 'HEAD');
        const { date, 'x-request-id': id, ...others } = full.headers;
        expect(head.headers).toMatchObject(others);
        expect([date, id]).not.toContain(undefined);
        expect(head.body).toHaveLength(0);
      });
    },
  );

  it.each([
    ['', undefined],
    ['identity', undefined],
    ['deflate, zstd', undefined],
    ['gzip', 'gzip'],
    ['GZIP', 'gzip'],
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip;q=1.0, br;q=0.5', 'gzip'],
    ['br;q=0.5, gzip ; q=0.5', 'br'],
    ['br;q=0, gzip', 'gzip'],
    ['br;q=0, gzip;q=0', undefined],
    ['*', 'br'],
    ['*;q=0', undefined],
    ['br;q=0, *', 'gzip'],
    ['identity, br;q=0.5', undefined],
    ['identity;q=0.5, gzip', 'gzip'],
    ['br;q=many', undefined],
  ])('are written as is wanted: Accept-Encoding: %s', async (accepted, expected) => {
    const { status, headers } = await read('/items', { 'Accept-Encoding': accepted });
    expect([status, headers['content-encoding']]).toEqual([200, expected]);
  });

  it('are lists that take more than a packet, and nothing else', async () => {
    const all = { 'Accept-Encoding': 'br, gzip' };
    for (const path of [
      '/items/1',
      '/items?limit=1',
      '/stock/1',
      '/categories/1',
      '/auth/me',
      '/sessions',
      '/nowhere',
    ])
      expect([path, (await read(path, all)).headers]).not.toMatchObject([
        path,
        { 'content-encoding': expect.anything() },
      ]);
    // However long a row is: its tag stands for it in If-Match, too.
    const description = 'x'.repeat(2000);
    const { headers } = await employee.patch('/items/1', { description }).set(all).expect(200);
    expect(headers).not.toHaveProperty('content-encoding');
    const row = await read('/items/1', all);
    expect(row.headers).not.toHaveProperty('content-encoding');
    await employee
      .patch('/items/1', { description: 'Short' })
      .set('If-Match', row.headers.etag ?? '')
      .expect(200);
    const login = await shop.anonymous.post('/auth/login', ADMIN).set(all).expect(200);
    expect(login.headers).not.toHaveProperty('content-encoding');
    const refused = await read('/items?limit=0', all);
    expect([refused.status, refused.headers['content-encoding']]).toEqual([422, undefined]);
  });

  it('change when the list changes', async () => {
    const before = await read('/items', { 'Accept-Encoding': 'br' });
    await employee.patch('/items/2', { name: 'Abiu' }).expect(200);
    const after = await read('/items', { 'Accept-Encoding': 'br' });
    expect(after.headers.etag).not.toBe(before.headers.etag);
    expect(brotliDecompressSync(after.body).toString()).toContain('Abiu');
  });

  describe('of a list that is streamed', () => {
    beforeAll(async () => {
      await shop.app.get(Database).write`
        with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ${LONG_LIST})
        insert into categories (name, name_key, created_by, updated_by, created_at, updated_at)
        select 'Shelf ' || n, 'shelf ' || n, 1, 1, '', '' from numbers`;
    });

    it.each(['br', 'gzip'] as const)('are what is sent without compression: %s', async (coding) => {
      const plain = await read('/categories');
      const coded = await read('/categories', { 'Accept-Encoding': coding });
      expect(coded.headers).toMatchObject({ 'content-encoding': coding, 'transfer-encoding': 'chunked' });
      expect(coded.headers.etag).toBe(plain.headers.etag?.replace(/"$/, `-${coding}"`));
      expect(DECODE[coding](coded.body).toString()).toBe(plain.body.toString());
      expect(JSON.parse(plain.body.toString()).length).toBeGreaterThan(LONG_LIST);
      const known = { 'Accept-Encoding': coding, 'If-None-Match': coded.headers.etag ?? '' };
      expect((await read('/categories', known)).status).toBe(304);
      const head = await read('/categories', { 'Accept-Encoding': coding }, 'HEAD');
      expect(head.headers).toMatchObject({ 'content-encoding': coding, etag: coded.headers.etag });
    });
  });

  async function read(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
    const request = sendRequest(`${shop.url}/api/v1${path}`, {
      method,
      headers: { Authorization: `Bearer ${employee.accessToken}`, ...headers },
    }).end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return { status: response.statusCode, headers: response.headers, body: await buffer(response) };
  }
});
