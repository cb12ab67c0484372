import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import type { Response, Test } from 'supertest';
import { Role } from '../src/platform/authorization/role.js';
import { Database } from '../src/platform/database/database.js';
import { PasswordsService } from '../src/platform/passwords/passwords.service.js';
import { LoginThrottlesRepository } from '../src/platform/throttling/login-throttles.repository.js';
import { throttleKeysOf } from '../src/platform/throttling/throttle-keys.js';
import { LoginThrottlingService } from '../src/platform/throttling/login-throttling.service.js';
import { createAccount } from './support/accounts.js';
import { startApp } from './support/app.js';
import { Client } from './support/client.js';
import { useProcessClock } from './support/clock.js';
import { Program } from './support/program.js';
import { race } from './support/race.js';
import { PASSWORD, Shop } from './support/shop.js';
import { createTemporaryDatabase } from './support/temporary-database.js';
import { createTemporaryFolder } from './support/temporary-folder.js';

const SECOND = 1000;
const DAY = 24 * 60 * 60 * SECOND;
const WRONG_LOGIN = { detail: 'Incorrect username or password', code: 'invalid_credentials' };
const THROTTLED = { RATE_LIMIT_ENABLED: 'true', TRUSTED_PROXIES: '', ACCESS_TOKEN_EXPIRE_MINUTES: '1440' };

const start = Date.now();
let now = start;

/** The program's clock stands still until the test moves it. */
function stopClock(): void {
  now = start;
  jest.spyOn(Date, 'now').mockImplementation(() => now);
  useProcessClock();
}

describe('Login throttling', () => {
  let shop: Shop;

  beforeAll(async () => {
    stopClock();
    shop = await Shop.open({ ...THROTTLED, TRUSTED_PROXIES: '127.0.0.1' });
  });

  beforeEach(stopClock);

  afterEach(() => jest.restoreAllMocks());
  afterAll(() => shop.close());

  let names = 0;
  const newName = (): string => `nobody_${++names}`;

  let addresses = 0;
  const newAddress = (): string => `198.51.${Math.floor(++addresses / 250)}.${(addresses % 250) + 1}`;

  const newAccount = async (): Promise<string> => (await createAccount(shop)).username;

  const pass = (seconds: number): void => {
    now += seconds * SECOND;
  };

  /** A login as the proxy passes it on. */
  const logIn = (username: string, address: string, password = PASSWORD): Test =>
    shop.anonymous.post('/auth/login', { username, password }).set('X-Forwarded-For', address);

  const logInWrongly = (username: string, address: string): Test => logIn(username, address, 'Wrong4Sure');

  const fail = async (times: number, username: string, address: string): Promise<void> => {
    for (let time = 0; time < times; time++) await logInWrongly(username, address).expect(401, WRONG_LOGIN);
  };

  const expectWait = (seconds: number, login: Test): Promise<Response> =>
    login.expect('Retry-After', String(seconds)).expect(429, {
      detail: `Too many failed logins: try again in ${seconds} seconds`,
      code: 'login_throttled',
    });

  const statusesOf = async (logins: Test[]): Promise<Record<number, number>> => {
    const counts: Record<number, number> = {};
    for (const { status } of await race(shop.app, logins)) counts[status] = (counts[status] ?? 0) + 1;
    return counts;
  };

  /** Counts the passwords that a test has checked, and does something before. */
  const watchVerify = (before?: () => Promise<unknown>) => {
    const passwords = shop.app.get(PasswordsService);
    const verify = PasswordsService.prototype.verify.bind(passwords);
    return jest.spyOn(passwords, 'verify').mockImplementation(async (...task) => {
      await before?.();
      return verify(...task);
    });
  };

  describe('of an account at an address', () => {
    it.each([
      ['a known account', newAccount],
      ['an unknown username', () => Promise.resolve(newName())],
      ['an unknown e-mail address', () => Promise.resolve(`${newName()}@shop.example`)],
    ])('begins after 10 failures, alike for %s', async (_, nameOf) => {
      const [name, address] = [await nameOf(), newAddress()];
      await fail(10, name, address);
      await expectWait(5, logInWrongly(name, address));
      await expectWait(5, logIn(name, address));
    });

    it('counts a name in any letter case as one', async () => {
      const [name, address] = [newName(), newAddress()];
      await fail(5, name, address);
      await fail(5, name.toUpperCase(), address);
      await expectWait(5, logInWrongly(` ${name}`, address));
    });

    it.each([
      ['a username', ['irem_x', 'İrem_x', 'IREM_X', 'ırem_x', 'i\u0307rem_x']],
      [
        'an e-mail address',
        [
          'i@müşteri.example',
          'İ@MÜŞTERİ.EXAMPLE',
          'ı@xn--mteri-kva70e.example',
          'I@mu\u0308s\u0327teri.example',
          'i\u0307@müşteri。example',
        ],
      ],
    ])('counts all spellings of %s as one', async (_, spellings) => {
      const address = newAddress();
      for (const name of spellings) await fail(2, name, address);
      for (const name of spellings) await expectWait(5, logInWrongly(name, address));
    });

    it('doubles the wait with each further failure, up to 15 minutes', async () => {
      const [name, address] = [newName(), newAddress()];
      await fail(10, name, address);
      for (const seconds of [5, 10, 20, 40, 80, 160, 320, 640, 900, 900, 900]) {
        await expectWait(seconds, logInWrongly(name, address));
        pass(seconds);
        await fail(1, name, address);
      }
    });

    it('says in whole seconds how long the wait still is', async () => {
      const [name, address] = [newName(), newAddress()];
      await fail(10, name, address);
      pass(1.5);
      await expectWait(4, logInWrongly(name, address));
      pass(3.499);
      await logInWrongly(name, address)
        .expect('Retry-After', '1')
        .expect(429, { detail: 'Too many failed logins: try again in 1 second', code: 'login_throttled' });
    });

    it('lets the right password in when the wait is over, however often it was tried before', async () => {
      const [name, address] = [await newAccount(), newAddress()];
      await fail(10, name, address);
      for (let time = 0; time < 20; time++) await expectWait(5, logIn(name, address));
      pass(5);
      await logIn(name, address).expect(200);
    });

    it('begins anew after a success', async () => {
      const [name, address] = [await newAccount(), newAddress()];
      await fail(9, name, address);
      await logIn(name, address).expect(200);
      await fail(10, name, address);
      pass(5);
      await logIn(name, address).expect(200);
      await fail(10, name, address);
      await expectWait(5, logIn(name, address));
    });

    it('begins anew after a day', async () => {
      const [name, address] = [newName(), newAddress()];
      await fail(10, name, address);
      now = start + DAY;
      await fail(10, name, address);
      await expectWait(5, logInWrongly(name, address));
    });

    it('leaves other accounts at the address alone', async () => {
      const [name, other, address] = [newName(), await newAccount(), newAddress()];
      await fail(10, name, address);
      await expectWait(5, logInWrongly(name, address));
      await logIn(other, address).expect(200);
    });

    it('leaves the account alone at other addresses', async () => {
      const [name, address] = [await newAccount(), newAddress()];
      await fail(10, name, address);
      await expectWait(5, logIn(name, address));
      await logIn(name, newAddress()).expect(200);
      await expectWait(5, logIn(name, address));
    });

    it('believes the proxy, and not what the client has written before it', async () => {
      const [name, address] = [newName(), newAddress()];
      for (let time = 0; time < 5; time++) await fail(1, name, `${newAddress()}, ${address}`);
      await fail(5, name, address);
      await expectWait(5, logInWrongly(name, `${newAddress()}, ${address}`));
      await fail(1, name, newAddress());
    });

    it('takes an IPv6 network for one address, and an IPv4 address for itself in either form', async () => {
      const name = newName();
      await fail(5, name, '2001:db8::1');
      await fail(5, name, '2001:db8:0:0:ffff::2');
      await expectWait(5, logInWrongly(name, '2001:0DB8:0:0:1:2:3:4'));
      await fail(1, name, '2001:db8:0:1::1');
      await fail(10, name, '203.0.113.9');
      await expectWait(5, logInWrongly(name, '::ffff:203.0.113.9'));
      await fail(1, name, '::ffff:203.0.113.10');
    });
  });

  describe('counts failures only', () => {
    it('lets 50 right logins of one account in at once', async () => {
      const [name, address] = [await newAccount(), newAddress()];
      expect(await statusesOf(Array.from({ length: 50 }, () => logIn(name, address)))).toEqual({ 200: 50 });
    });

    it('takes the right password of an inactive account for no failure', async () => {
      const [{ id, username }, address] = [await createAccount(shop), newAddress()];
      await shop.as(Role.Admin).patch(`/users/${id}`, { is_active: false }).expect(200);
      for (let time = 0; time < 12; time++) {
        await logIn(username, address).expect(400, {
          detail: 'Inactive user account',
          code: 'inactive_user',
        });
      }
    });

    it('takes what is not a login for no failure, and says 422 to it before it says 429', async () => {
      const [name, address] = [newName(), newAddress()];
      for (let time = 0; time < 12; time++) await logIn(name, address, '').expect(422);
      await fail(10, name, address);
      await logIn(name, address, '').expect(422);
      await expectWait(5, logIn(name, address));
    });
  });

  it('lets 10 of 50 wrong logins through that come at once, and checks few more passwords', async () => {
    const [name, address] = [await newAccount(), newAddress()];
    const throttle = jest.spyOn(shop.app.get(LoginThrottlingService), 'throttle');
    const verify = watchVerify(async () => {
      while (throttle.mock.calls.length < 50) await setImmediate();
    });
    const logins = Array.from({ length: 50 }, () => logInWrongly(name, address));
    expect(await statusesOf(logins)).toEqual({ 401: 10, 429: 40 });
    expect(verify.mock.calls.length).toBeLessThan(10 + availableParallelism());
    pass(5);
    await fail(1, name, address);
    await expectWait(10, logIn(name, address));
  });

  it('lets one of 50 wrong logins through that come at once when the wait is over', async () => {
    const [name, address] = [newName(), newAddress()];
    await fail(10, name, address);
    pass(5);
    const logins = Array.from({ length: 50 }, () => logInWrongly(name, address));
    expect(await statusesOf(logins)).toEqual({ 401: 1, 429: 49 });
    await expectWait(10, logIn(name, address));
  });

  it('checks no password while it has to wait', async () => {
    const [name, address] = [await newAccount(), newAddress()];
    await fail(10, name, address);
    const verify = watchVerify();
    await expectWait(5, logIn(name, address));
    expect(verify).not.toHaveBeenCalled();
  });

  it('refuses a right password that was checked while others failed', async () => {
    const [name, address] = [await newAccount(), newAddress()];
    await fail(9, name, address);
    watchVerify(async () => {
      // As another replica does.
      const failed = throttleKeysOf(name, address).accountAtAddress;
      await shop.app.get(LoginThrottlesRepository).countFailure([failed], now);
    });
    await expectWait(5, logIn(name, address));
  });

  describe('of an account at all addresses', () => {
    const failEverywhere = (name: string): Promise<unknown> =>
      Promise.all(Array.from({ length: 10 }, () => fail(10, name, newAddress())));

    it('begins after 100 failures, but not where the account has logged in', async () => {
      const [name, home, ownNetwork] = [await newAccount(), newAddress(), newAddress()];
      await logIn(name, home).expect(200);
      await failEverywhere(name);
      await expectWait(5, logIn(name, newAddress()));
      await expectWait(5, logInWrongly(name, ownNetwork));
      await fail(1, name, home);
      await logIn(name, home).expect(200);
      pass(5);
      await logIn(name, newAddress()).expect(200);
      await fail(1, name, newAddress());
      await expectWait(10, logIn(name, newAddress()));
    });

    it('goes back to 100 after a day', async () => {
      const name = newName();
      await failEverywhere(name);
      await expectWait(5, logInWrongly(name, newAddress()));
      now = start + DAY;
      await fail(2, name, newAddress());
    });
  });

  describe('of an address', () => {
    const failByManyNames = (times: number, address: string): Promise<unknown> =>
      Promise.all(Array.from({ length: times }, () => fail(1, newName(), address)));

    it('begins after 100 failures of all accounts, but not for those that have logged in there', async () => {
      const [employee, newcomer, address] = [await newAccount(), await newAccount(), newAddress()];
      await logIn(employee, address).expect(200);
      await failByManyNames(100, address);
      await expectWait(5, logIn(newcomer, address));
      await expectWait(5, logInWrongly(newName(), address));
      await fail(9, employee, address);
      await logIn(employee, address).expect(200);
      pass(5);
      await failByManyNames(1, address);
      await expectWait(10, logIn(newcomer, address));
      await logIn(newcomer, newAddress()).expect(200);
      pass(10);
      await logIn(newcomer, address).expect(200);
    });

    it('counts no failures of accounts that have logged in there', async () => {
      const [employee, newcomer, address] = [await newAccount(), await newAccount(), newAddress()];
      for (let round = 0; round < 12; round++) {
        await logIn(employee, address).expect(200);
        await fail(9, employee, address);
      }
      await logIn(newcomer, address).expect(200);
      await logIn(employee, newAddress()).expect(200);
    });

    it('forgets after 30 days that an account has logged in there', async () => {
      const [employee, address] = [await newAccount(), newAddress()];
      await logIn(employee, address).expect(200);
      now = start + 30 * DAY - 1;
      await failByManyNames(100, address);
      await fail(1, employee, address);
      now = start + 30 * DAY;
      await expectWait(5, logIn(employee, address));
    });
  });

  it('deletes the counts that are over', async () => {
    const count = async (): Promise<number> => {
      const [row] = await shop.app.get(Database).read<{ count: number }>`
        select count(*) as count from login_throttles where not is_known`;
      return Number(row?.count);
    };
    await fail(1, newName(), newAddress());
    await fail(1, newName(), newAddress());
    expect(await count()).toBeGreaterThanOrEqual(6);
    now = start + 31 * DAY;
    await fail(1, newName(), newAddress());
    expect(await count()).toBe(3);
  });

  it('keeps no name and no address that can be read', async () => {
    await fail(1, 'Typed4Password', '203.0.113.77');
    const rows = JSON.stringify(await shop.app.get(Database).read`select * from login_throttles`);
    expect(rows).not.toMatch(/typed4password|203\.0\.113\.77/i);
  });
});

describe('Login throttling without a proxy', () => {
  const wrong = (url: string, forged: string): Test =>
    new Client(url)
      .post('/auth/login', { username: 'nobody', password: PASSWORD })
      .set('X-Forwarded-For', forged)
      .set('Forwarded', `for=${forged}`)
      .set('X-Real-IP', forged);

  it('believes nobody who names another address', async () => {
    stopClock();
    const shop = await Shop.open(THROTTLED);
    for (let time = 0; time < 10; time++)
      await wrong(shop.url, `198.51.100.${time}`).expect(401, WRONG_LOGIN);
    await wrong(shop.url, '198.51.100.10').expect('Retry-After', '5').expect(429);
    await shop.close();
  });

  it('is off with RATE_LIMIT_ENABLED=false', async () => {
    const shop = await Shop.open({ ...THROTTLED, RATE_LIMIT_ENABLED: 'false' });
    for (let time = 0; time < 15; time++) await wrong(shop.url, '198.51.100.1').expect(401, WRONG_LOGIN);
    expect(await shop.app.get(Database).read`select * from login_throttles`).toEqual([]);
    await shop.close();
  });

  it('remembers over a restart', async () => {
    stopClock();
    const database = await createTemporaryDatabase();
    for (const outcomes of [[401, 401, 401, 401, 401, 401], [401, 401, 401, 401, 429], [429]]) {
      const { app } = await startApp(database, THROTTLED);
      for (const outcome of outcomes) await wrong(await app.getUrl(), '198.51.100.1').expect(outcome);
      await app.close();
    }
    await database.drop();
  });

  it('counts for all replicas on one database', async () => {
    const folder = await createTemporaryFolder();
    const database = await createTemporaryDatabase();
    const clock = encodeURIComponent(`Date.now = performance.now = () => ${Date.now()}`);
    const NODE_OPTIONS = `--import data:text/javascript,${clock}`;
    const replicas = [1, 2].map(
      () => new Program(folder, { DATABASE_URL: database.url, SEED_MOCK_DATA: 'false', NODE_OPTIONS }),
    );
    const urls = await Promise.all(replicas.map(({ ready }) => ready));
    const logins = urls.flatMap(({ origin }) =>
      Array.from({ length: 25 }, () => wrong(origin, '198.51.100.1')),
    );
    const statuses = (await Promise.all(logins)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(40);
    await Promise.all(replicas.map((program) => program.end('SIGKILL')));
    await database.drop();
  }, 60_000);

  afterEach(() => jest.restoreAllMocks());
  afterAll(() => Program.endAll());
});
