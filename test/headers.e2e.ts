import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { Role } from '../src/platform/authorization/role.js';
import type { Client } from './support/client.js';
import { startApp } from './support/app.js';
import { ADMIN, Shop } from './support/shop.js';
import { createTemporaryDatabase } from './support/temporary-database.js';

const ORIGIN = 'http://localhost:3000';

describe('The headers of an answer', () => {
  let shop: Shop;
  let employee: Client;

  beforeAll(async () => {
    shop = await Shop.open();
    employee = shop.as(Role.Employee);
  });

  afterAll(() => shop.close());

  const get = async (path: string): Promise<Response> => {
    const response = await fetch(shop.url + path);
    await response.arrayBuffer();
    return response;
  };

  /** What becomes of text that is no HTTP. */
  const sendRaw = async (raw: string): Promise<string> => {
    const socket = connect(Number(new URL(shop.url).port), '127.0.0.1');
    socket.end(raw);
    return text(socket);
  };

  describe('for browsers', () => {
    it.each([
      ['data', () => employee.get('/items'), 200],
      ['nothing', () => employee.post('/auth/logout', { refresh_token: 'x' }), 204],
      ['a caller unknown', () => shop.anonymous.get('/items'), 401],
      ['an address unknown', () => shop.anonymous.get('/nothing'), 404],
      ['a body that is no JSON', () => employee.post('/items').type('json').send('{'), 422],
      ['an address that is none', () => shop.anonymous.get('/%zz'), 400],
    ])('forbid sniffing, framing and referrers: %s', async (_, send, status) => {
      const { headers } = await send().expect(status);
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['referrer-policy']).toBe('no-referrer');
      expect(headers['content-security-policy']).toBe("default-src 'none';frame-ancestors 'none'");
      expect(headers['cross-origin-resource-policy']).toBe('same-origin');
      expect(headers).not.toHaveProperty('strict-transport-security');
    });

    it.each(['/docs', '/redoc', '/openapi.json', '/health/live'])('are on %s', async (path) => {
      const { headers } = await get(path);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('content-security-policy')).toMatch(/^default-src 'none';script-src 'self';/);
    });

    it('forbid to sniff in the answer to a preflight', async () => {
      const headers = { Origin: ORIGIN, 'Access-Control-Request-Method': 'POST' };
      const response = await fetch(`${shop.url}/api/v1/items`, { method: 'OPTIONS', headers });
      expect(response.status).toBe(204);
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    });

    it('are on what never becomes a request', async () => {
      const answer = await sendRaw('this is not HTTP\r\n\r\n');
      expect(answer).toMatch(/^HTTP\/1\.1 400 /);
      expect(answer).toMatch(/^x-content-type-options: nosniff\r$/m);
      expect(answer).toMatch(/^content-security-policy: default-src 'none';frame-ancestors 'none'\r$/m);
      expect(answer).toMatch(/^cache-control: no-store\r$/m);
    });
  });

  describe('for caches', () => {
    it.each([
      ['a login', () => shop.anonymous.post('/auth/login', ADMIN), 200],
      ['a wrong login', () => shop.anonymous.post('/auth/login', { ...ADMIN, password: 'x' }), 401],
      ['no login', () => shop.anonymous.post('/auth/login', {}), 422],
      ['no JSON', () => shop.anonymous.post('/auth/login').type('json').send('{'), 422],
      ['too much', () => shop.anonymous.post('/auth/login', { username: 'x'.repeat(300_000) }), 413],
      ['no form', () => shop.anonymous.post('/auth/refresh').type('form').send('a=b'), 415],
      ['a wrong refresh', () => shop.anonymous.post('/auth/refresh', { refresh_token: 'x' }), 401],
      ['a profile', () => employee.get('/auth/me'), 200],
      ['a profile with a slash', () => employee.get('/auth/me/'), 200],
      ['a profile in other characters', () => employee.get('/%61uth/me'), 200],
      ['nobody', () => shop.anonymous.get('/auth/me'), 401],
      ['no such way to log in', () => shop.anonymous.get('/auth/login'), 405],
      ['nothing', () => employee.post('/auth/logout', { refresh_token: 'x' }), 204],
    ])('say that nobody keeps what comes from /auth: %s', async (_, send, status) => {
      await send().expect(status).expect('Cache-Control', 'no-store');
    });

    it.each([
      ['a list', () => employee.get('/items'), 200],
      ['a row that is not there', () => employee.get('/items/0'), 404],
      ['a route that is not there', () => employee.get('/nothing'), 404],
      ['a caller unknown', () => shop.anonymous.get('/items'), 401],
      ['a caller who may not', () => employee.get('/users'), 403],
      ['a body that is not valid', () => employee.post('/items', {}), 422],
    ])('say of all else that it is for one, who asks again: %s', async (_, send, status) => {
      await send().expect(status).expect('Cache-Control', 'private, no-cache');
    });

    it('leave what a route says itself', async () => {
      expect((await get('/health/live')).headers.get('cache-control')).toMatch(/no-store/);
      expect((await get('/redoc/redoc.standalone.js')).headers.get('cache-control')).toMatch(/^public/);
      expect((await get('/docs/swagger-ui.css')).headers.get('cache-control')).toMatch(/^public/);
    });
  });

  it('can be read by a page of an allowed origin', async () => {
    const { headers } = await employee.get('/items').set('Origin', ORIGIN).expect(200);
    expect(headers['access-control-expose-headers']?.split(', ')).toEqual(
      expect.arrayContaining(['ETag', 'Link', 'X-Total-Count', 'Idempotency-Replayed']),
    );
    expect(headers['access-control-expose-headers']).toMatch(/Retry-After.*X-Request-Id/);
  });

  it('have nothing about CORS for a client that is no web page, and keep it apart from one in caches', async () => {
    const { headers } = await employee.get('/items').expect(200);
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    expect(headers.vary).toMatch(/^Origin\b/);
  });
});

describe('The headers of an answer in production', () => {
  it('ask for HTTPS for a year in production', async () => {
    const database = await createTemporaryDatabase();
    const { app, client } = await startApp(database, { NODE_ENV: 'production', BCRYPT_COST: '10' });
    for (const path of ['/items', '/nothing']) {
      const { headers } = await client.get(path);
      expect(headers['strict-transport-security']).toMatch(/^max-age=(\d{8,})/);
    }
    await app.close();
    await database.drop();
  });
});
