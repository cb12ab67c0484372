import autocannon from 'autocannon';
import { Role } from '../src/platform/authorization/role.js';
import { Database } from '../src/platform/database/database.js';
import { RequestLimitService } from '../src/platform/throttling/request-limit.service.js';
import { type RunningApp, startApp } from './support/app.js';
import { useProcessClock } from './support/clock.js';
import { Shop } from './support/shop.js';
import { createTemporaryDatabase, type TemporaryDatabase } from './support/temporary-database.js';
import { until } from './support/until.js';

const LIMIT = 500;
const LIMITED = {
  RATE_LIMIT_ENABLED: 'true',
  RATE_LIMIT_REQUESTS: String(LIMIT),
  TRUSTED_PROXIES: '127.0.0.1',
  SEED_MOCK_DATA: 'false',
};
const WINDOW = 10_000;
const start = Math.ceil(Date.now() / WINDOW) * WINDOW;
let now = start;

describe('The limit of requests', () => {
  let database: TemporaryDatabase;
  let replicas: RunningApp[];

  beforeAll(async () => {
    database = await createTemporaryDatabase();
    replicas = [await startApp(database, LIMITED), await startApp(database, LIMITED)];
  });

  beforeEach(() => {
    now += WINDOW;
    jest.spyOn(Date, 'now').mockImplementation(() => now);
    useProcessClock();
  });

  afterEach(() => jest.restoreAllMocks());

  afterAll(async () => {
    await Promise.all(replicas.map(({ app }) => app.close()));
    await database.drop();
  });

  let addresses = 0;
  const newAddress = (): string => `203.0.113.${++addresses}`;

  const urlOf = (replica: number): string => replicas[replica]?.client.url ?? '';

  /** As the proxy passes it on. */
  const get = (path: string, address: string, replica = 0): Promise<Response> =>
    fetch(urlOf(replica) + path, { headers: { 'X-Forwarded-For': address } });

  const statusOf = async (...request: Parameters<typeof get>): Promise<number> => {
    const response = await get(...request);
    await response.arrayBuffer();
    return response.status;
  };

  /** Sends so many requests that lead nowhere, and counts the answers by status. */
  const send = async (amount: number, address: string, replica = 0): Promise<Record<string, number>> => {
    const { statusCodeStats } = await autocannon({
      url: `${urlOf(replica)}/nowhere`,
      amount,
      connections: 20,
      headers: { 'X-Forwarded-For': address },
    });
    return Object.fromEntries(
      Object.entries(statusCodeStats ?? {}).map(([status, { count }]) => [status, Number(count)]),
    );
  };

  const sharedBy = async (requests: number): Promise<void> => {
    const counted = async (): Promise<number> => {
      const [row] = await (replicas[0] as RunningApp).app.get(Database).read<{ requests: number }>`
        select max(requests) as requests from request_counts`;
      return Number(row?.requests);
    };
    await until(async () => (await counted()) === requests);
  };

  it('lets so many through, and refuses what comes then until the window ends', async () => {
    const address = newAddress();
    now += 2_500;
    expect(await send(LIMIT, address)).toEqual({ 404: LIMIT });
    const refused = await get('/api/v1/auth/me', address);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('8');
    expect(refused.headers.get('x-request-id')).toMatch(/^[\w-]{36}$/);
    expect(await refused.json()).toEqual({
      detail: 'Too many requests: try again in 8 seconds',
      code: 'too_many_requests',
    });
    expect(await statusOf('/nowhere', newAddress())).toBe(404);
    now += 7_499;
    expect(await statusOf('/nowhere', address)).toBe(429);
    now += 1;
    expect(await statusOf('/nowhere', address)).toBe(404);
  });

  it('refuses before it reads a body or a token, and answers supervisors all the same', async () => {
    const address = newAddress();
    await send(LIMIT, address);
    const headers = {
      'X-Forwarded-For': address,
      'Content-Type': 'application/json',
      Origin: 'http://localhost:3000',
    };
    const login = await fetch(`${urlOf(0)}/api/v1/auth/login`, { method: 'POST', headers, body: '{' });
    expect(login.status).toBe(429);
    expect(login.headers.get('access-control-allow-origin')).toBe('http://localhost:3000');
    await login.arrayBuffer();
    for (const path of ['/health/live', '/health/ready', '/metrics'])
      expect(await statusOf(path, address)).toBe(200);
    const metrics = await (await get('/metrics', address)).text();
    expect(metrics).toMatch(/^http_requests_limited_total [1-9]/m);
  });

  it('counts for all replicas, to the tenth', async () => {
    const address = newAddress();
    expect(await send(LIMIT * 0.9, address)).toEqual({ 404: LIMIT * 0.9 });
    await sharedBy(LIMIT * 0.9);
    expect(await send(LIMIT * 0.1, address, 1)).toEqual({ 404: LIMIT * 0.1 });
    await sharedBy(LIMIT);
    expect(await statusOf('/nowhere', address, 1)).toBe(429);
    expect(await statusOf('/nowhere', newAddress(), 1)).toBe(404);
  });

  it('writes nobody down who sends less than a tenth', async () => {
    await send(LIMIT * 0.1 - 1, newAddress());
    const rows = await (replicas[0] as RunningApp).app.get(Database).read`
      select * from request_counts where window_start = ${now}`;
    expect(rows).toEqual([]);
  });

  it('takes an IPv6 network for one address', async () => {
    await send(LIMIT, '2001:db8::1');
    expect(await statusOf('/nowhere', '2001:db8::ffff:2')).toBe(429);
    expect(await statusOf('/nowhere', '2001:db8:0:1::1')).toBe(404);
  });

  it('counts no more than a hundred thousand addresses, and forgets no other', () => {
    const limit = (replicas[0] as RunningApp).app.get(RequestLimitService);
    const counted = '198.51.100.1';
    for (let count = 0; count < LIMIT; count++) limit.check(counted);
    const others = Array.from(
      { length: 150_000 },
      (_, n) => `2001:db8:${(n >> 16).toString(16)}:${(n & 0xffff).toString(16)}::1`,
    );
    expect(others.filter((address) => limit.check(address))).toEqual([]);
    expect(limit.check(counted)).toBeDefined();
    const uncounted = Array.from({ length: LIMIT + 1 }, () => limit.check('198.51.100.2'));
    expect(uncounted.filter((refusal) => refusal)).toEqual([]);
  });
});

describe('The limit of requests', () => {
  it.each([
    ['leaves this machine itself alone', { ...LIMITED, TRUSTED_PROXIES: '' }, undefined],
    ['is off with RATE_LIMIT_ENABLED=false', { ...LIMITED, RATE_LIMIT_ENABLED: 'false' }, '203.0.113.1'],
  ])('%s', async (_, environment, address) => {
    const shop = await Shop.open(environment);
    const { statusCodeStats } = await autocannon({
      url: `${shop.url}/nowhere`,
      amount: LIMIT * 2,
      connections: 20,
      headers: address === undefined ? {} : { 'X-Forwarded-For': address },
    });
    expect(Object.keys(statusCodeStats ?? {})).toEqual(['404']);
    await shop.as(Role.Employee).get('/items').expect(200);
    await shop.close();
  });
});
