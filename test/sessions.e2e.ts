import { createHash } from 'node:crypto';
import { DataSource } from 'typeorm';
import { Role } from '../src/platform/authorization/role.js';
import { parseDatabaseUrl } from '../src/platform/config/database-url.js';
import { writerOptions } from '../src/platform/database/data-source-options.js';
import { Database } from '../src/platform/database/database.js';
import { type Account, createAccount, login, type LoginAnswer } from './support/accounts.js';
import { type RunningApp, startApp } from './support/app.js';
import { Client } from './support/client.js';
import { useProcessClock } from './support/clock.js';
import { race } from './support/race.js';
import { ADMIN, Shop } from './support/shop.js';
import { createTemporaryDatabase } from './support/temporary-database.js';

const DAY = 24 * 60 * 60;
const BAD_REFRESH_TOKEN = { detail: 'Invalid or expired refresh token', code: 'invalid_refresh_token' };
const NOT_FOUND = { detail: 'Session not found', code: 'session_not_found' };

const start = new Date('2026-03-01T07:00:00.000Z');

/** Only the date is faked: it stands still until the test moves it. */
const REAL_TIMERS = [
  'hrtime',
  'nextTick',
  'performance',
  'queueMicrotask',
  'setImmediate',
  'clearImmediate',
  'setInterval',
  'clearInterval',
  'setTimeout',
  'clearTimeout',
] as const;

/** The program's clock, so many seconds after the start. */
function timeAfter(seconds: number): string {
  return new Date(start.getTime() + seconds * 1000).toISOString();
}

describe('Sessions', () => {
  let shop: Shop;

  const setClock = (seconds: number): void => {
    jest.setSystemTime(start.getTime() + seconds * 1000);
  };

  beforeAll(async () => {
    jest.useFakeTimers({ now: start, doNotFake: [...REAL_TIMERS] });
    useProcessClock();
    shop = await Shop.open({ TRUSTED_PROXIES: '127.0.0.1' });
  });

  beforeEach(() => {
    setClock(0);
  });

  afterAll(async () => {
    await shop.close();
    jest.restoreAllMocks();
    jest.useRealTimers();
  });

  const logIn = async (
    account: Account,
    userAgent: string,
    address = '198.51.100.7',
  ): Promise<LoginAnswer> => {
    const { body } = await shop.anonymous
      .post('/auth/login', { username: account.username, password: account.password })
      .set('User-Agent', userAgent)
      .set('X-Forwarded-For', address)
      .expect(200);
    return body;
  };

  const refresh = (refresh_token: string) => shop.anonymous.post('/auth/refresh', { refresh_token });

  const sessionsOf = async (client: Client): Promise<Record<string, unknown>[]> =>
    (await client.get('/auth/sessions').expect(200)).body;

  const admin = (): Client => shop.as(Role.Admin);

  const clientOf = ({ access_token }: LoginAnswer): Client => new Client(shop.url, access_token);

  describe('of a user', () => {
    it('are listed with what is known of them, the newest first', async () => {
      const account = await createAccount(shop);
      setClock(60);
      await logIn(account, 'Till 1/2.0', '198.51.100.7');
      setClock(120);
      const third = await logIn(account, 'Safari', '2001:db8::7');
      const sessions = await sessionsOf(clientOf(third));
      expect(sessions).toEqual([
        {
          id: expect.any(Number),
          created_at: timeAfter(120),
          last_used_at: timeAfter(120),
          user_agent: 'Safari',
          address: '2001:db8::7',
          is_current: true,
        },
        {
          id: expect.any(Number),
          created_at: timeAfter(60),
          last_used_at: timeAfter(60),
          user_agent: 'Till 1/2.0',
          address: '198.51.100.7',
          is_current: false,
        },
        expect.objectContaining({ created_at: timeAfter(0), user_agent: null, is_current: false }),
      ]);
      expect(new Set(sessions.map(({ id }) => id)).size).toBe(3);
    });

    it('are the newest first, too, when they began in the same millisecond', async () => {
      const account = await createAccount(shop);
      for (const till of ['A', 'B', 'C']) await logIn(account, till);
      const sessions = await sessionsOf(account.client);
      expect(sessions.map(({ user_agent }) => user_agent)).toEqual(['C', 'B', 'A', null]);
    });

    it('are the current one whose access token asks, also a refreshed one', async () => {
      const account = await createAccount(shop);
      const other = await logIn(account, 'Till 2');
      const { body } = await refresh(account.refreshToken).expect(200);
      const current = async (client: Client) =>
        (await sessionsOf(client)).filter(({ is_current }) => is_current).map(({ user_agent }) => user_agent);
      expect(await current(account.client)).toEqual([null]);
      expect(await current(clientOf(body))).toEqual([null]);
      expect(await current(clientOf(other))).toEqual(['Till 2']);
    });

    it('move their last_used_at at each refresh, and nothing else', async () => {
      const account = await createAccount(shop);
      await logIn(account, 'Till 2');
      const [untouched, before] = await sessionsOf(account.client);
      setClock(600);
      await refresh(account.refreshToken).expect(200);
      expect(await sessionsOf(account.client)).toEqual([
        untouched,
        { ...before, last_used_at: timeAfter(600) },
      ]);
    });

    it('do not move when a refresh fails', async () => {
      const account = await createAccount(shop);
      const before = await sessionsOf(account.client);
      setClock(600);
      await refresh(`${account.refreshToken}x`).expect(401);
      await refresh(account.client.accessToken as string).expect(401);
      expect(await sessionsOf(account.client)).toEqual(before);
    });

    it.each([
      ['is cut at 255 characters', 'x'.repeat(5000), 'x'.repeat(255)],
      ['may hold SQL', `Till' or 1=1; drop table sessions --`, `Till' or 1=1; drop table sessions --`],
    ])('keep a user agent, which %s', async (_, sent, kept) => {
      const account = await createAccount(shop);
      await logIn(account, sent);
      expect((await sessionsOf(account.client))[0]?.user_agent).toBe(kept);
    });

    it('keep an address that a trusted proxy names, however long', async () => {
      const account = await createAccount(shop);
      await logIn(account, 'x', 'y'.repeat(500));
      expect((await sessionsOf(account.client))[0]?.address).toBe('y'.repeat(45));
    });

    it('are listed until they run out', async () => {
      const account = await createAccount(shop);
      setClock(7 * DAY - 1);
      const late = clientOf(await logIn(account, 'late'));
      expect(await sessionsOf(late)).toHaveLength(2);
      setClock(7 * DAY);
      expect(await sessionsOf(late)).toHaveLength(1);
    });

    it('are a hundred at most: the oldest end, of that user alone', async () => {
      const [account, other] = [await createAccount(shop), await createAccount(shop)];
      const second = await logIn(account, 'second');
      for (let count = 3; count <= 100; count++) await logIn(account, 'again and again');
      await refresh(account.refreshToken).expect(200);
      const last = await logIn(account, 'last');
      await refresh(account.refreshToken).expect(401, BAD_REFRESH_TOKEN);
      await refresh(second.refresh_token).expect(200);
      const userAgents = (await sessionsOf(clientOf(last))).map(({ user_agent }) => user_agent);
      expect(userAgents).toEqual(['last', ...Array<string>(98).fill('again and again'), 'second']);
      await refresh(other.refreshToken).expect(200);
    });

    it('are nobody else’s to see', async () => {
      const [account, other] = [await createAccount(shop), await createAccount(shop)];
      const [own] = await sessionsOf(account.client);
      expect((await sessionsOf(other.client)).map(({ id }) => id)).not.toContain(own?.id);
    });
  });

  describe('DELETE /auth/sessions/{session_id}', () => {
    it('ends that session and no other', async () => {
      const account = await createAccount(shop);
      const other = await logIn(account, 'lost phone');
      const [lost, own] = await sessionsOf(account.client);
      const { text } = await account.client.delete(`/auth/sessions/${lost?.id as number}`).expect(204);
      expect(text).toBe('');
      await refresh(other.refresh_token).expect(401, BAD_REFRESH_TOKEN);
      await refresh(account.refreshToken).expect(200);
      expect((await sessionsOf(account.client)).map(({ id }) => id)).toEqual([own?.id]);
      await account.client.delete(`/auth/sessions/${lost?.id as number}`).expect(404, NOT_FOUND);
    });

    it('may end the session that asks', async () => {
      const account = await createAccount(shop);
      const [own] = await sessionsOf(account.client);
      await account.client.delete(`/auth/sessions/${own?.id as number}`).expect(204);
      await refresh(account.refreshToken).expect(401, BAD_REFRESH_TOKEN);
    });

    it("answers 404 for another's, even to an admin, and leaves it", async () => {
      const account = await createAccount(shop);
      const [own] = await sessionsOf(account.client);
      const admin = clientOf(await login(shop, ADMIN.username, ADMIN.password));
      await admin.delete(`/auth/sessions/${own?.id as number}`).expect(404, NOT_FOUND);
      await refresh(account.refreshToken).expect(200);
    });

    it.each(['0', '-1', '999999', '9'.repeat(30)])('answers 404 for %s', async (id) => {
      const { client } = await createAccount(shop);
      await client.delete(`/auth/sessions/${id}`).expect(404, NOT_FOUND);
    });

    it('answers 422 for what is no id', async () => {
      const { client } = await createAccount(shop);
      const { body } = await client.delete('/auth/sessions/mine').expect(422);
      expect(body.detail[0]).toMatchObject({ type: 'int_parsing', loc: ['path', 'session_id'] });
    });

    it('ends a session once when it is asked many times at once', async () => {
      const account = await createAccount(shop);
      await logIn(account, 'lost phone');
      const [lost] = await sessionsOf(account.client);
      const answers = await race(
        shop.app,
        Array.from({ length: 10 }, () => account.client.delete(`/auth/sessions/${lost?.id as number}`)),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([204, ...Array<number>(9).fill(404)]);
    });
  });

  describe('with rotation', () => {
    const rotate = (refresh_token: string) =>
      shop.anonymous.post('/auth/refresh', { refresh_token, rotate: true });

    const successorOf = async (refreshToken: string): Promise<string> =>
      (await rotate(refreshToken).expect(200)).body.refresh_token;

    const expectEnded = async (...tokens: string[]): Promise<void> => {
      for (const token of tokens) {
        await refresh(token).expect('WWW-Authenticate', 'Bearer').expect(401, BAD_REFRESH_TOKEN);
        await rotate(token).expect(401, BAD_REFRESH_TOKEN);
      }
    };

    it('get a new refresh token and a new access token', async () => {
      const { refreshToken, id } = await createAccount(shop);
      const { body } = await rotate(refreshToken).expect('Cache-Control', 'no-store').expect(200);
      expect(body).toEqual({
        access_token: expect.any(String),
        token_type: 'bearer',
        refresh_token: expect.any(String),
      });
      expect(body.refresh_token).not.toBe(refreshToken);
      expect(claimsOf(body.refresh_token)).toMatchObject({ sub: String(id), type: 'refresh' });
      const { body: user } = await clientOf(body).get('/auth/me').expect(200);
      expect(user.id).toBe(id);
      await refresh(body.refresh_token).expect(200);
    });

    it.each([{}, { rotate: false }])('do not happen with %j', async (options) => {
      const { refreshToken } = await createAccount(shop);
      const { body } = await shop.anonymous
        .post('/auth/refresh', { refresh_token: refreshToken, ...options })
        .expect(200);
      expect(body).toEqual({ access_token: expect.any(String), token_type: 'bearer' });
      setClock(DAY);
      await refresh(refreshToken).expect(200);
    });

    it.each([null, 'always', 2])('do not take %j for "rotate"', async (value) => {
      const { refreshToken } = await createAccount(shop);
      const body = { refresh_token: refreshToken, rotate: value };
      const answer = await shop.anonymous.post('/auth/refresh', body).expect(422);
      expect(answer.body.detail[0]).toMatchObject({ type: 'bool_parsing', loc: ['body', 'rotate'] });
    });

    it('keep their id, and end when they would have ended', async () => {
      const account = await createAccount(shop);
      const [before] = await sessionsOf(account.client);
      let token = account.refreshToken;
      for (let day = 1; day < 7; day++) {
        setClock(day * DAY);
        token = await successorOf(token);
        expect(claimsOf(token)).toMatchObject({
          iat: start.getTime() / 1000 + day * DAY,
          exp: claimsOf(account.refreshToken).exp,
        });
        const { body } = await refresh(token).expect(200);
        expect(await sessionsOf(clientOf(body))).toEqual([
          { ...before, last_used_at: timeAfter(day * DAY), is_current: true },
        ]);
      }
      setClock(7 * DAY - 1);
      await refresh(token).expect(200);
      setClock(7 * DAY);
      await expectEnded(token);
    });

    it('answer the same successor for 30 seconds, and let the old token refresh', async () => {
      const { refreshToken } = await createAccount(shop);
      const successor = await successorOf(refreshToken);
      for (const seconds of [0, 1, 15, 29.999]) {
        setClock(seconds);
        expect(await successorOf(refreshToken)).toBe(successor);
        const { body } = await refresh(refreshToken).expect(200);
        expect(body).toEqual({ access_token: expect.any(String), token_type: 'bearer' });
      }
      await refresh(successor).expect(200);
    });

    it('answer the same successor, too, when that has been rotated since', async () => {
      const { refreshToken } = await createAccount(shop);
      const second = await successorOf(refreshToken);
      setClock(10);
      const third = await successorOf(second);
      expect(new Set([refreshToken, second, third]).size).toBe(3);
      setClock(20);
      expect(await successorOf(refreshToken)).toBe(second);
      expect(await successorOf(second)).toBe(third);
    });

    it('answer the same successor when the role changes in between', async () => {
      const { id, refreshToken } = await createAccount(shop);
      const successor = await successorOf(refreshToken);
      await admin().patch(`/users/${id}`, { role: 'market_owner' }).expect(200);
      expect(await successorOf(refreshToken)).toBe(successor);
      await refresh(successor).expect(200);
    });

    it.each([
      ['a refresh', refresh],
      ['a rotation', rotate],
    ])('end by %s with the old token after 30 seconds', async (_, use) => {
      const account = await createAccount(shop);
      const bystander = await logIn(account, 'Till 2');
      const successor = await successorOf(account.refreshToken);
      setClock(30);
      await use(account.refreshToken).expect(401, BAD_REFRESH_TOKEN);
      await expectEnded(account.refreshToken, successor);
      await refresh(bystander.refresh_token).expect(200);
      expect(await sessionsOf(account.client)).toHaveLength(1);
    });

    it('end by any token of the past, not only by the last one', async () => {
      const { refreshToken } = await createAccount(shop);
      const tokens = [refreshToken];
      for (let day = 1; day < 4; day++) {
        setClock(day * DAY);
        tokens.push(await successorOf(tokens.at(-1) as string));
      }
      await refresh(tokens[3] as string).expect(200);
      await refresh(refreshToken).expect(401, BAD_REFRESH_TOKEN);
      await expectEnded(...tokens);
    });

    it('answer one successor to 20 requests at once', async () => {
      const { refreshToken, id } = await createAccount(shop);
      const answers = await race(
        shop.app,
        Array.from({ length: 20 }, () => rotate(refreshToken)),
      );
      expect(answers.map(({ status }) => status)).toEqual(Array<number>(20).fill(200));
      const successors = new Set(answers.map(({ body }) => body.refresh_token));
      expect(successors.size).toBe(1);
      await refresh([...successors][0]).expect(200);
      const rows = await shop.app.get(Database).read`
        select token_hash from refresh_tokens join sessions on session_id = id where user_id = ${id}`;
      expect(rows).toHaveLength(2);
    });

    it('end for good when they are ended during a rotation', async () => {
      for (let round = 0; round < 5; round++) {
        const account = await createAccount(shop);
        const rotations = Array.from({ length: 6 }, () => rotate(account.refreshToken));
        const logout = account.client.post('/auth/logout-all').expect(204);
        const answers = await race(shop.app, [...rotations, logout]);
        for (const { status, body } of answers.slice(0, -1)) {
          expect([200, 401]).toContain(status);
          if (status === 200) await expectEnded(body.refresh_token);
        }
        await expectEnded(account.refreshToken);
      }
    });

    it.each(['the old token', 'its successor'])('end by a logout with %s', async (which) => {
      const { client, refreshToken } = await createAccount(shop);
      const successor = await successorOf(refreshToken);
      const refresh_token = which === 'the old token' ? refreshToken : successor;
      await client.post('/auth/logout', { refresh_token }).expect(204);
      await expectEnded(refreshToken, successor);
    });

    it('keep hashes of their tokens only', async () => {
      const { refreshToken } = await createAccount(shop);
      const successor = await successorOf(refreshToken);
      const rows = JSON.stringify(await shop.app.get(Database).read`select * from refresh_tokens`);
      expect(rows).toContain(sha256(successor));
      for (const token of [refreshToken, successor]) expect(rows).not.toContain(token.split('.')[2]);
    });

    it('are as good from another replica, also under a key that was swapped', async () => {
      const other = 'another secret key for tests, as long as the first';
      const replica = await startApp(
        { url: shop.databaseUrl, drop: () => Promise.resolve() },
        { SECRET_KEY: other, SECRET_KEY_PREVIOUS: process.env.SECRET_KEY ?? '' },
      );
      const same = await startApp({ url: shop.databaseUrl, drop: () => Promise.resolve() });
      const { refreshToken } = await createAccount(shop);
      const rotateAt = ({ client }: RunningApp) =>
        client.post('/auth/refresh', { refresh_token: refreshToken, rotate: true }).expect(200);
      const successor = await successorOf(refreshToken);
      expect((await rotateAt(same)).body.refresh_token).toBe(successor);
      const { body } = await rotateAt(replica);
      for (const refresh_token of [successor, body.refresh_token]) {
        await replica.client.post('/auth/refresh', { refresh_token }).expect(200);
      }
      await same.app.close();
      await replica.app.close();
    });
  });
});

describe('The migration that separates sessions from their tokens', () => {
  it('keeps every login good, there and back again', async () => {
    const database = await createTemporaryDatabase();
    const tokens: string[] = [];
    const logIn = async (client: Client): Promise<void> => {
      const { body } = await client.post('/auth/login', ADMIN).set('User-Agent', 'Till 1').expect(200);
      tokens.push(body.refresh_token);
    };
    const first = await startApp(database);
    for (let count = 0; count < 3; count++) await logIn(first.client);
    await first.app.close();

    const dataSource = await new DataSource(writerOptions(parseDatabaseUrl(database.url))).initialize();
    const { length } = await dataSource.query('select * from migrations where timestamp >= 1764000300000');
    for (let count = 0; count < length; count++) await dataSource.undoLastMigration();
    const former = await dataSource.query('select * from refresh_tokens order by id');
    expect(former).toHaveLength(3);
    await dataSource.query('delete from refresh_tokens where id = 2');
    await dataSource.destroy();

    const second = await startApp(database);
    const admin = await second.client.login(ADMIN.username, ADMIN.password);
    const { body: sessions } = await admin.get('/auth/sessions').expect(200);
    expect(sessions).toEqual([
      expect.objectContaining({ id: 4, is_current: true }),
      ...[former[2], former[0]].map(({ id, created_at }) => ({
        id,
        created_at,
        last_used_at: created_at,
        user_agent: null,
        address: null,
        is_current: false,
      })),
    ]);
    const statuses = [];
    for (const refresh_token of tokens) {
      statuses.push((await second.client.post('/auth/refresh', { refresh_token })).status);
    }
    expect(statuses).toEqual([200, 401, 200]);
    await second.app.close();
    await database.drop();
  });
});

function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
