import { DataSource } from 'typeorm';
import { parseDatabaseUrl } from '../src/config/database-url.js';
import { writerOptions } from '../src/database/data-source-options.js';
import { type Account, createAccount, login, type LoginAnswer } from './support/accounts.js';
import { startApp } from './support/app.js';
import { Client } from './support/client.js';
import { ADMIN, Shop } from './support/shop.js';
import { createTemporaryDatabase } from './support/temporary-database.js';

const DAY = 24 * 60 * 60;
const BAD_REFRESH_TOKEN = { detail: 'Invalid or expired refresh token' };
const NOT_FOUND = { detail: 'Session not found' };

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
    shop = await Shop.open({ TRUSTED_PROXIES: '127.0.0.1' });
  });

  beforeEach(() => {
    setClock(0);
  });

  afterAll(async () => {
    await shop.close();
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
      const answers = await Promise.all(
        Array.from({ length: 10 }, () => account.client.delete(`/auth/sessions/${lost?.id as number}`)),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([204, ...Array<number>(9).fill(404)]);
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
    await dataSource.undoLastMigration();
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
