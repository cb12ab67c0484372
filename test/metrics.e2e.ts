import { Role } from '../src/platform/authorization/role.js';
import { VERSION } from '../src/platform/config/version.js';
import { readFileSync } from 'node:fs';
import { createAccount } from './support/accounts.js';
import { startApp } from './support/app.js';
import { ADMIN, Shop } from './support/shop.js';
import { createTemporaryDatabase, type TemporaryDatabase } from './support/temporary-database.js';

const TOKEN = 'a-token-for-prometheus';
const PRODUCTION = { NODE_ENV: 'production', BCRYPT_COST: '10' };

/** A scrape: the text, and its samples by name and labels. */
async function scrape(url: string): Promise<{ text: string; samples: Map<string, number> }> {
  const response = await fetch(`${url}/metrics`);
  expect(response.status).toBe(200);
  const text = await response.text();
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return {
    text,
    samples: new Map(
      lines.map((line) => {
        const space = line.lastIndexOf(' ');
        return [line.slice(0, space), Number(line.slice(space))];
      }),
    ),
  };
}

describe('The metrics', () => {
  let shop: Shop;

  beforeEach(async () => (shop = await Shop.open()));
  afterEach(() => shop.close());

  const requests = (method: string, route: string, status: number): string =>
    `http_request_duration_seconds_count{method="${method}",route="${route}",status="${status}"}`;

  it('count requests by route, never by path, and by status', async () => {
    const employee = shop.as(Role.Employee);
    for (const id of ['0', '999', '999?secret=1']) await employee.get(`/items/${id}`).expect(404);
    await employee.get('/items/').expect(200);
    await shop.anonymous.get('/items').expect(401);
    await employee.get('/nobody-has-this/4711').expect(404);

    const { text, samples } = await scrape(shop.url);
    expect(samples.get(requests('GET', '/api/v1/items/:item_id', 404))).toBe(3);
    expect(samples.get(requests('GET', '/api/v1/items', 200))).toBe(1);
    expect(samples.get(requests('GET', '/api/v1/items', 401))).toBe(1);
    expect(samples.get(requests('GET', 'unknown', 404))).toBe(1);
    expect(text).not.toMatch(/items\/999|secret|nobody-has-this/);
    expect((await scrape(shop.url)).samples.get(requests('GET', '/metrics', 200))).toBe(1);
  });

  it('time requests, and count the scrape itself as the one that is not answered yet', async () => {
    await shop.as(Role.Employee).get('/items').expect(200);
    const { samples } = await scrape(shop.url);
    const labels = 'method="GET",route="/api/v1/items",status="200"';
    expect(samples.get(`http_request_duration_seconds_bucket{le="+Inf",${labels}}`)).toBe(1);
    expect(samples.get(`http_request_duration_seconds_bucket{le="10",${labels}}`)).toBe(1);
    const seconds = samples.get(`http_request_duration_seconds_sum{${labels}}`);
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThan(10);
    expect(samples.get('http_requests_in_flight')).toBe(1);
  });

  it('count logins by how they ended', async () => {
    const [before, logins] = [
      (await scrape(shop.url)).samples,
      (result: string) => `logins_total{result="${result}"}`,
    ];
    expect(before.get(logins('success'))).toBe(3);
    for (const result of ['failure', 'inactive', 'throttled']) expect(before.get(logins(result))).toBe(0);

    const { id, username, password } = await createAccount(shop);
    await shop.anonymous.post('/auth/login', { username, password: 'Wrong4Sure' }).expect(401);
    await shop.anonymous.post('/auth/login', { username: 'nobody', password }).expect(401);
    await shop.anonymous.post('/auth/login', { username }).expect(422);
    await shop.as(Role.Admin).patch(`/users/${id}`, { is_active: false }).expect(200);
    await shop.anonymous.post('/auth/login', { username, password }).expect(400);

    const { samples } = await scrape(shop.url);
    expect(samples.get(logins('success'))).toBe(4);
    expect(samples.get(logins('failure'))).toBe(2);
    expect(samples.get(logins('inactive'))).toBe(1);
  });

  it('count a login as throttled that has to wait', async () => {
    const strict = await Shop.open({ RATE_LIMIT_ENABLED: 'true' });
    const logIn = () => strict.anonymous.post('/auth/login', { username: 'nobody', password: 'Wrong4Sure' });
    for (let failure = 0; failure < 10; failure++) await logIn().expect(401);
    await logIn().expect(429);
    const { samples } = await scrape(strict.url);
    expect(samples.get('logins_total{result="failure"}')).toBe(10);
    expect(samples.get('logins_total{result="throttled"}')).toBe(1);
    await strict.close();
  });

  it('describe the process, the event loop, the database and the version', async () => {
    const { text, samples } = await scrape(shop.url);
    for (const name of ['process_resident_memory_bytes', 'nodejs_eventloop_lag_p99_seconds'])
      expect(samples.get(name)).toBeGreaterThan(0);
    const isSqlite = shop.databaseUrl.startsWith('sqlite');
    expect(
      samples.get(`stock_tracker_info{version="${VERSION}",engine="${isSqlite ? 'sqlite' : 'postgres'}"}`),
    ).toBe(1);
    const states = isSqlite
      ? { 'database_writes{state="running"}': 0, 'database_writes{state="waiting"}': 0 }
      : { 'database_connections{state="in_use"}': 0, 'database_connections{state="waiting"}': 0 };
    Object.assign(states, { 'database_streams{state="running"}': 0, 'database_streams{state="waiting"}': 0 });
    for (const [name, count] of Object.entries(states))
      expect([name, samples.get(name)]).toEqual([name, count]);
    expect(text).toContain('# TYPE http_request_duration_seconds histogram');
    const names = text.match(/(?<=^# TYPE )\S+/gm) ?? [];
    expect(new Set(names).size).toBe(names.length);
  });

  it('have the version of package.json', () => {
    const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
    expect((JSON.parse(text) as { version: string }).version).toBe(VERSION);
  });

  it('begin anew with each program', async () => {
    await shop.as(Role.Employee).get('/items').expect(200);
    const database = await createTemporaryDatabase();
    const { app, client } = await startApp(database);
    const { samples } = await scrape(client.url);
    expect(samples.get(requests('GET', '/api/v1/items', 200))).toBeUndefined();
    expect(samples.get('logins_total{result="success"}')).toBe(0);
    await app.close();
    await database.drop();
  });
});

describe('The door to the metrics', () => {
  let database: TemporaryDatabase;

  beforeAll(async () => (database = await createTemporaryDatabase()));
  afterAll(() => database.drop());

  it.each<[string, Record<string, string>, [string | undefined, number][]]>([
    [
      'is open in development',
      {},
      [
        [undefined, 200],
        ['Bearer whatever', 200],
      ],
    ],
    [
      'is not there in production',
      PRODUCTION,
      [
        [undefined, 404],
        [`Bearer ${TOKEN}`, 404],
        ['Bearer ', 404],
      ],
    ],
    ...[{}, PRODUCTION].map(
      (environment): [string, Record<string, string>, [string | undefined, number][]] => [
        'takes METRICS_TOKEN and nothing else where it is set',
        { ...environment, METRICS_TOKEN: TOKEN },
        [
          [undefined, 401],
          ['Bearer', 401],
          ['Bearer ', 401],
          [`Bearer ${TOKEN}x`, 401],
          [`Bearer ${TOKEN.slice(1)}`, 401],
          [`Basic ${TOKEN}`, 401],
          [TOKEN, 401],
          [`Bearer ${TOKEN}`, 200],
          [`bearer ${TOKEN}`, 200],
        ],
      ],
    ),
  ])('%s', async (_, environment, cases) => {
    const { app, client } = await startApp(database, environment);
    for (const [authorization, status] of cases) {
      const response = await fetch(`${client.url}/metrics`, {
        headers: authorization ? { authorization } : {},
      });
      const text = await response.text();
      expect({ authorization, status: response.status }).toEqual({ authorization, status });
      expect(text).not.toContain(TOKEN);
      if (status === 200) {
        expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
        expect(response.headers.get('cache-control')).toBe('no-store');
      } else {
        expect(JSON.parse(text)).toEqual({ detail: expect.any(String), code: expect.any(String) });
        expect(response.headers.get('www-authenticate')).toBe(status === 401 ? 'Bearer' : null);
      }
    }
    await app.close();
  });

  it('does not take an access token', async () => {
    const shop = await Shop.open({ METRICS_TOKEN: TOKEN });
    const { accessToken } = await shop.anonymous.login(ADMIN.username, ADMIN.password);
    const response = await fetch(`${shop.url}/metrics`, {
      headers: { Authorization: `Bearer ${accessToken}` },
    });
    expect(response.status).toBe(401);
    await shop.close();
  });
});
