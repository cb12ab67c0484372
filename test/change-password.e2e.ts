import type { Test } from 'supertest';
import { Role } from '../src/platform/authorization/role.js';
import { type Account, createAccount, login } from './support/accounts.js';
import { Client } from './support/client.js';
import { race } from './support/race.js';
import { PASSWORD, Shop } from './support/shop.js';

const NEW_PASSWORD = 'Cappuccino4You';
const WRONG_PASSWORD = { detail: 'The old password is wrong', code: 'wrong_password' };
const WRONG_LOGIN = { detail: 'Incorrect username or password', code: 'invalid_credentials' };
const BAD_ACCESS_TOKEN = { detail: 'Could not validate credentials', code: 'invalid_token' };
const BAD_REFRESH_TOKEN = { detail: 'Invalid or expired refresh token', code: 'invalid_refresh_token' };

const changePassword = (client: Client, new_password = NEW_PASSWORD, old_password = PASSWORD): Test =>
  client.post('/auth/change-password', { old_password, new_password });

describe('Changing the own password', () => {
  let shop: Shop;

  beforeAll(async () => {
    shop = await Shop.open();
  });

  afterAll(() => shop.close());

  const logIn = ({ username }: Account, password: string): Test =>
    shop.anonymous.post('/auth/login', { username, password });

  const expectUnchanged = async (account: Account): Promise<void> => {
    await account.client.get('/auth/me').expect(200);
    await shop.anonymous.post('/auth/refresh', { refresh_token: account.refreshToken }).expect(200);
    await logIn(account, PASSWORD).expect(200);
  };

  it.each(Object.values(Role))('is open to a user of the role %s', async (role) => {
    const account = await createAccount(shop, { role });
    await changePassword(account.client).expect(200);
    await logIn(account, PASSWORD).expect(401, WRONG_LOGIN);
    await logIn(account, NEW_PASSWORD).expect(200);
  });

  it('ends all sessions and access tokens, and goes on with the tokens of the answer', async () => {
    const account = await createAccount(shop);
    const second = await login(shop, account.username, PASSWORD);
    const bystander = await createAccount(shop);

    const { body } = await changePassword(account.client)
      .set('User-Agent', 'Till 1')
      .expect('Cache-Control', 'no-store')
      .expect(200);

    expect(body).toEqual({
      access_token: expect.any(String),
      refresh_token: expect.any(String),
      token_type: 'bearer',
    });
    for (const client of [account.client, new Client(shop.url, second.access_token)]) {
      await client.get('/auth/me').expect(401, BAD_ACCESS_TOKEN);
    }
    for (const refresh_token of [account.refreshToken, second.refresh_token]) {
      await shop.anonymous.post('/auth/refresh', { refresh_token }).expect(401, BAD_REFRESH_TOKEN);
    }
    const client = new Client(shop.url, body.access_token);
    await shop.anonymous.post('/auth/refresh', { refresh_token: body.refresh_token }).expect(200);
    const { body: sessions } = await client.get('/auth/sessions').expect(200);
    expect(sessions).toEqual([expect.objectContaining({ user_agent: 'Till 1', is_current: true })]);
    await expectUnchanged(bystander);
  });

  it('takes the old password once more, which ends all sessions and access tokens just the same', async () => {
    const account = await createAccount(shop);
    const { body } = await changePassword(account.client, PASSWORD).expect(200);
    await account.client.get('/auth/me').expect(401, BAD_ACCESS_TOKEN);
    await shop.anonymous
      .post('/auth/refresh', { refresh_token: account.refreshToken })
      .expect(401, BAD_REFRESH_TOKEN);
    await new Client(shop.url, body.access_token).get('/auth/me').expect(200);
    await logIn(account, PASSWORD).expect(200);
  });

  it('answers 400 to a wrong old password, for which no client logs out, and changes nothing', async () => {
    const account = await createAccount(shop);
    for (const wrong of ['Wrong4Sure', PASSWORD.toLowerCase(), ` ${PASSWORD}`, 'x'.repeat(1024)]) {
      await changePassword(account.client, NEW_PASSWORD, wrong).expect(400, WRONG_PASSWORD);
    }
    await expectUnchanged(account);
  });

  it.each([
    ['Short1A', 'string_too_short'],
    ['cappuccino4you', 'value_error'],
    ['CappuccinoForYou', 'value_error'],
    [`Cappuccino4${'u'.repeat(118)}`, 'string_too_long'],
    [5, 'string_type'],
    [null, 'string_type'],
    [undefined, 'missing'],
  ])('answers 422 to %j for a new one', async (new_password, type) => {
    const account = await createAccount(shop);
    const body = { old_password: PASSWORD, new_password };
    const answer = await account.client.post('/auth/change-password', body).expect(422);
    expect(answer.body.detail).toEqual([
      { type, loc: ['body', 'new_password'], msg: expect.any(String) as string },
    ]);
    expect(answer.text).not.toContain(PASSWORD);
    await expectUnchanged(account);
  });

  it.each([
    [undefined, 'missing'],
    [null, 'string_type'],
    ['', 'string_too_short'],
    ['x'.repeat(1025), 'string_too_long'],
  ])('answers 422 to %j for the old one', async (old_password, type) => {
    const { client } = await createAccount(shop);
    const body = { old_password, new_password: NEW_PASSWORD };
    const answer = await client.post('/auth/change-password', body).expect(422);
    expect(answer.body.detail).toMatchObject([{ type, loc: ['body', 'old_password'] }]);
  });

  it('happens once when it is asked for many times at once', async () => {
    const account = await createAccount(shop);
    const passwords = Array.from({ length: 6 }, (_, index) => `${NEW_PASSWORD}${index}`);
    const answers = await race(
      shop.app,
      passwords.map((password) => changePassword(account.client, password)),
    );
    const done = answers.filter(({ status }) => status === 200);
    expect(done).toHaveLength(1);
    // Those that came later found the password, or even the access token, to be the old one.
    for (const { status } of answers) expect([200, 400, 401]).toContain(status);
    const winner = passwords[answers.findIndex(({ status }) => status === 200)] as string;
    for (const password of passwords) {
      await logIn(account, password).expect(password === winner ? 200 : 401);
    }
    await new Client(shop.url, done[0]?.body.access_token).get('/auth/me').expect(200);
  });
});

describe('Guessing the old password', () => {
  let shop: Shop;

  beforeAll(async () => {
    shop = await Shop.open({ RATE_LIMIT_ENABLED: 'true', TRUSTED_PROXIES: '127.0.0.1' });
  });

  afterAll(() => shop.close());

  const guess = (client: Client, address: string, password = 'Wrong4Sure'): Test =>
    changePassword(client, NEW_PASSWORD, password).set('X-Forwarded-For', address);

  it('has to wait after 10 failures, as a login there has', async () => {
    const { client, username } = await createAccount(shop);
    const address = '198.51.100.1';
    for (let time = 0; time < 10; time++) await guess(client, address).expect(400, WRONG_PASSWORD);
    for (const password of ['Wrong4Sure', PASSWORD]) {
      const { headers, body } = await guess(client, address, password).expect(429);
      expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(1);
      expect(body.detail).toMatch(/^Too many failed logins: try again in \d seconds?$/);
    }
    await shop.anonymous
      .post('/auth/login', { username, password: PASSWORD })
      .set('X-Forwarded-For', address)
      .expect(429);
    await client.get('/auth/me').expect(200);
  });

  it('does not keep the user from changing it elsewhere, nor anybody else from theirs', async () => {
    const [account, other] = [await createAccount(shop), await createAccount(shop)];
    for (let time = 0; time < 10; time++) await guess(account.client, '198.51.100.2').expect(400);
    await guess(other.client, '198.51.100.2', PASSWORD).expect(200);
    await guess(account.client, '198.51.100.3', PASSWORD).expect(200);
  });

  it('is not what a new password that will not do is taken for', async () => {
    const { client } = await createAccount(shop);
    for (let time = 0; time < 12; time++) await changePassword(client, 'short').expect(422);
    await changePassword(client).expect(200);
  });
});
