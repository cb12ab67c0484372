import { createHash } from 'node:crypto';
import { JwtService, type JwtSignOptions } from '@nestjs/jwt';
import { hashSync } from 'bcryptjs';
import supertest, { type Test } from 'supertest';
import { DataSource } from 'typeorm';
import { Role } from '../src/platform/authorization/role.js';
import { type Account, createAccount, login, type LoginAnswer } from './support/accounts.js';
import { Client } from './support/client.js';
import { race } from './support/race.js';
import { ADMIN, PASSWORD, Shop } from './support/shop.js';

const MINUTE = 60;
const DAY = 24 * 60 * MINUTE;
const NEW_PASSWORD = 'Cappuccino4You';
const WRONG_LOGIN = { detail: 'Incorrect username or password', code: 'invalid_credentials' };
const BAD_ACCESS_TOKEN = { detail: 'Could not validate credentials', code: 'invalid_token' };
const BAD_REFRESH_TOKEN = { detail: 'Invalid or expired refresh token', code: 'invalid_refresh_token' };

const jwt = new JwtService({ secret: process.env.SECRET_KEY });

describe('Authentication', () => {
  let shop: Shop;

  beforeAll(async () => {
    shop = await Shop.open();
  });

  afterAll(() => shop.close());

  const refresh = (token: string): Test => shop.anonymous.post('/auth/refresh', { refresh_token: token });

  const expectSession = (token: string): Promise<unknown> => refresh(token).expect(200);

  const expectNoSession = (token: string): Promise<unknown> =>
    refresh(token).expect('WWW-Authenticate', 'Bearer').expect(401, BAD_REFRESH_TOKEN);

  const expectShutOut = (client: Client): Promise<unknown> =>
    client.get('/auth/me').expect('WWW-Authenticate', 'Bearer').expect(401, BAD_ACCESS_TOKEN);

  /** Claims that the program itself could have issued to this user, except for `changes`. */
  function sign(account: Account, changes: object = {}, options: JwtSignOptions = {}): string {
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      sub: String(account.id),
      role: account.role,
      type: 'access',
      jti: 'a jti of the test',
      iat: now,
      exp: now + MINUTE,
      ...changes,
    };
    return jwt.sign(claims, options);
  }

  describe('login', () => {
    it('answers an access token and a refresh token', async () => {
      const { body } = await shop.anonymous.post('/auth/login', ADMIN).expect(200);
      expect(body).toEqual({
        access_token: expect.any(String),
        refresh_token: expect.any(String),
        token_type: 'bearer',
      });
      await new Client(shop.url, body.access_token).get('/auth/me').expect(200);
      await expectSession(body.refresh_token);
    });

    describe.each<[string, (request: Test, fields: Record<string, string>) => Test]>([
      ['an urlencoded form', (request, fields) => request.type('form').send(fields)],
      [
        'a multipart form',
        (request, fields) =>
          Object.entries(fields).reduce((form, [name, value]) => form.field(name, value), request),
      ],
      ['JSON', (request, fields) => request.send(fields)],
    ])('by %s', (_, withFields) => {
      const send = (fields: Record<string, string>): Test =>
        withFields(supertest(shop.url).post('/api/v1/auth/login'), fields);

      it('logs in, and no cache keeps the tokens', async () => {
        const { body } = await send(ADMIN).expect('Cache-Control', 'no-store').expect(200);
        expect(body).toEqual({
          access_token: expect.any(String),
          refresh_token: expect.any(String),
          token_type: 'bearer',
        });
      });

      it('drops the other fields of the OAuth2 password flow', () =>
        send({ grant_type: 'password', scope: '', client_id: 'web', client_secret: 'x', ...ADMIN }).expect(
          200,
        ));

      it('refuses a wrong password', () =>
        send({ ...ADMIN, password: PASSWORD })
          .expect('WWW-Authenticate', 'Bearer')
          .expect(401, WRONG_LOGIN));

      it('names the fields that are missing', () =>
        send({ scope: '' }).expect(422, {
          detail: [
            { type: 'missing', loc: ['body', 'username'], msg: 'Field required' },
            { type: 'missing', loc: ['body', 'password'], msg: 'Field required' },
          ],
        }));
    });

    it.each(['employee', 'EMPLOYEE', 'Employee', 'employee@shop.example', 'Employee@Shop.EXAMPLE'])(
      'takes %s for the username',
      async (username) => {
        const { access_token } = await login(shop, username, PASSWORD);
        const { body } = await new Client(shop.url, access_token).get('/auth/me').expect(200);
        expect(body.username).toBe('employee');
      },
    );

    describe('from a Turkish keyboard', () => {
      beforeAll(() => createAccount(shop, { username: 'irem_X', email: 'İbrahim@İnfo.example' }));

      it.each([
        ...['irem_x', 'İrem_x', 'IREM_X', 'İREM_X', 'ırem_x', 'i\u0307rem_x', 'I\u0307REM_X'],
        ...['ibrahim@info.example', 'İBRAHİM@İNFO.EXAMPLE', 'IBRAHIM@INFO.EXAMPLE', 'ıbrahım@ınfo.example'],
        'İbrahim@İnfo.example',
      ])('takes %s for one user', async (username) => {
        const { access_token } = await login(shop, username, PASSWORD);
        const { body } = await new Client(shop.url, access_token).get('/auth/me').expect(200);
        expect(body).toMatchObject({ username: 'irem_X', email: 'ibrahim@info.example' });
      });
    });

    it.each(['info@müşteri.com.tr', 'info@xn--mteri-kva70e.com.tr', 'İnfo@MÜŞTERİ.COM.TR'])(
      'takes %s for the address of one user, however it was registered',
      async (username) => {
        const { id } = await createAccount(shop, { email: 'info@XN--MTERI-KVA70E.com.tr' });
        const { access_token } = await login(shop, username, PASSWORD);
        const { body } = await new Client(shop.url, access_token).get('/auth/me').expect(200);
        expect(body).toMatchObject({ id, email: 'info@müşteri.com.tr' });
        await shop.as(Role.Admin).delete(`/users/${id}`).expect(204);
      },
    );

    it.each([
      ['composed', 'Caf\u00e9 Creme 1'],
      ['decomposed', 'Cafe\u0301 Creme 1'],
      ['with other spaces', 'Caf\u00e9\u00a0Creme\u20021'],
    ])('takes a password that is typed %s', async (_, typed) => {
      for (const password of ['Caf\u00e9 Creme 1', 'Cafe\u0301\u00a0Creme 1']) {
        const { username } = await createAccount(shop, { password });
        await login(shop, username, typed);
      }
    });

    it('takes a password as it was typed when a former version hashed it', async () => {
      const { id, username } = await createAccount(shop);
      const formerly = 'Cafe\u0301\u00a0Creme 1';
      await shop.app
        .get(DataSource)
        .query(`update users set hashed_password = '${hashSync(formerly, 4)}' where id = ${id}`);
      await login(shop, username, formerly);
      for (const password of ['Cafe Creme 1', 'Cafe\u0301\u00a0creme 1']) {
        await shop.anonymous.post('/auth/login', { username, password }).expect(401, WRONG_LOGIN);
      }
    });

    it('takes the password in its own letter case only', () =>
      shop.anonymous
        .post('/auth/login', { ...ADMIN, password: ADMIN.password.toLowerCase() })
        .expect(401, WRONG_LOGIN));

    it('takes the spaces around a password for a part of it', async () => {
      const { username } = await createAccount(shop, { password: ` ${PASSWORD} ` });
      await shop.anonymous.post('/auth/login', { username, password: PASSWORD }).expect(401, WRONG_LOGIN);
    });

    it.each<[string, (account: Account) => object]>([
      ['a wrong password', ({ username }) => ({ username, password: NEW_PASSWORD })],
      ['an unknown username', ({ password }) => ({ username: 'nobody', password })],
      ['an unknown e-mail address', ({ password }) => ({ username: 'nobody@shop.example', password })],
      ['SQL', ({ password }) => ({ username: "' or 1=1 --", password })],
    ])('answers the same 401 to %s', async (_, credentialsOf) => {
      const account = await createAccount(shop);
      await shop.anonymous
        .post('/auth/login', credentialsOf(account))
        .expect('WWW-Authenticate', 'Bearer')
        .expect(401, WRONG_LOGIN);
    });

    it('treats a deleted user like an unknown one', async () => {
      const { id, username, email, password } = await createAccount(shop);
      await shop.as(Role.Admin).delete(`/users/${id}`).expect(204);
      for (const name of [username, email]) {
        await shop.anonymous.post('/auth/login', { username: name, password }).expect(401, WRONG_LOGIN);
      }
    });

    it('says that an account is deactivated only to someone who knows its password', async () => {
      const { id, username, password } = await createAccount(shop);
      await shop.as(Role.Admin).patch(`/users/${id}`, { is_active: false }).expect(200);
      await shop.anonymous
        .post('/auth/login', { username, password })
        .expect(400, { detail: 'Inactive user account', code: 'inactive_user' });
      await shop.anonymous.post('/auth/login', { username, password: NEW_PASSWORD }).expect(401, WRONG_LOGIN);
    });

    it('never answers with the password that was sent', async () => {
      const password = 'Sesame1'.repeat(200);
      const { text } = await shop.anonymous.post('/auth/login', { username: 'x', password }).expect(422);
      expect(text).not.toContain('Sesame');
    });
  });

  describe('tokens', () => {
    it.each([
      ['access', 15 * MINUTE],
      ['refresh', 7 * DAY],
    ])('are for %s for %i seconds, and say whose they are', async (type, lifetime) => {
      const { id, username, password } = await createAccount(shop, { role: Role.MarketOwner });
      const before = Math.floor(Date.now() / 1000);
      const answer = await login(shop, username, password);
      const after = Math.floor(Date.now() / 1000);
      const claims = jwt.verify<Record<string, unknown>>(answer[`${type}_token` as keyof LoginAnswer], {
        algorithms: ['HS256'],
      });
      expect(claims).toMatchObject({ sub: String(id), role: 'market_owner', type, jti: expect.any(String) });
      expect(claims.iat).toBeGreaterThanOrEqual(before);
      expect(claims.iat).toBeLessThanOrEqual(after);
      expect(claims.exp).toBe((claims.iat as number) + lifetime);
    });

    it('hold nothing that belongs to the user alone', async () => {
      const { access_token } = await login(shop, 'employee', PASSWORD);
      const claims = Object.keys(jwt.decode(access_token));
      for (const secret of ['password', 'hashed_password', 'email', 'full_name']) {
        expect(claims).not.toContain(secret);
      }
    });

    it('are those of two sessions after two logins in the same second', async () => {
      const { username, password, client } = await createAccount(shop);
      const [first, second] = await Promise.all([
        login(shop, username, password),
        login(shop, username, password),
      ]);
      const tokens = [first, second].flatMap((answer) => [answer.access_token, answer.refresh_token]);
      expect(new Set(tokens.map((token) => jwt.decode<{ jti: string }>(token).jti)).size).toBe(4);
      await client.post('/auth/logout', { refresh_token: first.refresh_token }).expect(204);
      await expectNoSession(first.refresh_token);
      await expectSession(second.refresh_token);
    });
  });

  describe('an access token', () => {
    let account: Account;

    beforeAll(async () => {
      account = await createAccount(shop);
    });

    it('is missing: 401', () =>
      shop.anonymous
        .get('/auth/me')
        .expect('WWW-Authenticate', 'Bearer')
        .expect(401, { detail: 'Not authenticated', code: 'not_authenticated' }));

    it('is good when it has the claims of a login', () =>
      new Client(shop.url, sign(account)).get('/auth/me').expect(200));

    it.each<[string, () => string]>([
      ['has no signature (alg none)', () => sign(account, {}, { secret: '', algorithm: 'none' as 'HS256' })],
      ['has lost its signature', () => sign(account).replace(/[^.]+$/, '')],
      ['has claims that were changed after signing', () => withRole(sign(account), 'admin')],
      ['is signed with another key', () => sign(account, {}, { secret: 'another key' })],
      ['is signed with a key of zeros', () => sign(account, {}, { secret: Buffer.alloc(32) })],
      ['is signed with HS384', () => sign(account, {}, { algorithm: 'HS384' })],
      ['is signed with HS512', () => sign(account, {}, { algorithm: 'HS512' })],
      ['has expired', () => sign(account, { exp: Math.floor(Date.now() / 1000) - 1 })],
      ['is not valid yet', () => sign(account, { nbf: Math.floor(Date.now() / 1000) + MINUTE })],
      ['is a refresh token', () => account.refreshToken],
      ['has another type', () => sign(account, { type: 'reset' })],
      ['has no type', () => sign(account, { type: undefined })],
      ['has no sub', () => sign(account, { sub: undefined })],
      ['has an empty sub', () => sign(account, { sub: '' })],
      ['has a sub beyond 32 bits', () => sign(account, { sub: '99999999999' })],
      ['has a sub beyond 64 bits', () => sign(account, { sub: '9'.repeat(400) })],
      ['has a negative sub', () => sign(account, { sub: '-1' })],
      ['has a fraction for a sub', () => sign(account, { sub: '1.5' })],
      ['has a sub with an exponent', () => sign(account, { sub: '1e0' })],
      ['has a sub with a space', () => sign(account, { sub: ` ${account.id}` })],
      ['has a name for a sub', () => sign(account, { sub: account.username })],
      ['has SQL for a sub', () => sign(account, { sub: '1 or 1=1' })],
      ['has a sub that names nobody', () => sign(account, { sub: '999999' })],
      ['is no JWT', () => 'garbage'],
      ['is only dots', () => '..'],
      ['has JSON null for a header', () => 'bnVsbA.bnVsbA.bnVsbA'],
      ['has a header that is no JSON', () => 'e30x.e30x.e30x'],
    ])('that %s is refused', async (_, forge) => {
      await expectShutOut(new Client(shop.url, forge()));
    });

    it.each(['Bearer', 'Bearer ', 'Basic YWRtaW46QWRtaW4xMjM0IQ==', 'Token x', 'x'])(
      'is not found in "Authorization: %s"',
      (authorization) =>
        supertest(shop.url)
          .get('/api/v1/auth/me')
          .set('Authorization', authorization)
          .expect('WWW-Authenticate', 'Bearer')
          .expect(401, BAD_ACCESS_TOKEN),
    );

    it('gives the role of the row, not its own', async () => {
      const forged = new Client(shop.url, sign(account, { role: Role.Admin }));
      await forged.get('/users').expect(403);
      const { body } = await forged.get('/auth/me').expect(200);
      expect(body.role).toBe(Role.Employee);
    });

    it('gives a new role from the next request on', async () => {
      const { id, client } = await createAccount(shop);
      await client.get('/users').expect(403);
      await shop.as(Role.Admin).patch(`/users/${id}`, { role: Role.Admin }).expect(200);
      await client.get('/users').expect(200);
      await shop.as(Role.Admin).patch(`/users/${id}`, { role: Role.Employee }).expect(200);
      await client.get('/users').expect(403);
    });
  });

  describe('refresh', () => {
    it('answers a new access token, as often as it is asked', async () => {
      const { refreshToken, username } = await createAccount(shop);
      const accessTokens = new Set<string>();
      for (let round = 0; round < 3; round++) {
        const { body } = await refresh(refreshToken).expect(200);
        expect(body).toEqual({ access_token: expect.any(String), token_type: 'bearer' });
        const { body: user } = await new Client(shop.url, body.access_token).get('/auth/me').expect(200);
        expect(user.username).toBe(username);
        accessTokens.add(body.access_token);
      }
      expect(accessTokens.size).toBe(3);
    });

    it('gives access for 15 minutes more, in the role of the row', async () => {
      const { id, refreshToken } = await createAccount(shop);
      await shop.as(Role.Admin).patch(`/users/${id}`, { role: Role.MarketOwner }).expect(200);
      const { body } = await refresh(refreshToken).expect(200);
      const claims = jwt.verify<Record<string, unknown>>(body.access_token);
      expect(claims).toMatchObject({ sub: String(id), role: 'market_owner', type: 'access' });
      expect(claims.exp).toBe((claims.iat as number) + 15 * MINUTE);
    });

    it.each<[string, (account: Account) => string]>([
      ['an access token', ({ client }) => client.accessToken as string],
      ['garbage', () => 'garbage'],
      ['a signed token that no login issued', (account) => sign(account, { type: 'refresh' })],
      ['a token without a signature', ({ refreshToken }) => refreshToken.replace(/[^.]+$/, '')],
      ['a token of another type', (account) => sign(account, { type: 'reset' })],
      ['a sub that names nobody', (account) => sign(account, { type: 'refresh', sub: '9'.repeat(40) })],
    ])('refuses %s', async (_, tokenOf) => {
      const account = await createAccount(shop);
      await expectNoSession(tokenOf(account));
      await expectSession(account.refreshToken);
    });

    it.each<[string, object, JwtSignOptions]>([
      ['with another key', {}, { secret: 'another key' }],
      ['with HS512', {}, { algorithm: 'HS512' }],
      ['for a time that is over', { exp: Math.floor(Date.now() / 1000) - 1 }, {}],
    ])('refuses a token that is on record but signed %s', async (_, changes, options) => {
      const account = await createAccount(shop);
      const claims = jwt.decode<object>(account.refreshToken);
      const put = async (token: string): Promise<void> => {
        await table(`update refresh_tokens set token_hash = '${sha256(token)}' where ${isOf(account.id)}`);
      };
      const resigned = jwt.sign({ ...claims, jti: 'again' });
      await put(resigned);
      await expectSession(resigned);
      const forged = jwt.sign({ ...claims, ...changes }, options);
      await put(forged);
      await expectNoSession(forged);
    });

    it('refuses a token whose record has expired', async () => {
      const { id, refreshToken } = await createAccount(shop);
      await table(`update sessions set expires_at = '2020-01-01T00:00:00.000Z' where user_id = ${id}`);
      await expectNoSession(refreshToken);
    });

    it.each([
      [{}, 'missing', 'Field required'],
      [{ refresh_token: null }, 'string_type', 'Input should be a valid string'],
      [{ refresh_token: 1 }, 'string_type', 'Input should be a valid string'],
      [{ refresh_token: '' }, 'string_too_short', 'String should have at least 1 character'],
    ])('answers 422 to %j', (body, type, msg) =>
      shop.anonymous
        .post('/auth/refresh', body)
        .expect(422, { detail: [{ type, loc: ['body', 'refresh_token'], msg }] }),
    );
  });

  describe('logout', () => {
    it('ends the session of the refresh token, and no other', async () => {
      const { username, password, client, refreshToken } = await createAccount(shop);
      const { refresh_token: onAnotherDevice } = await login(shop, username, password);
      const { text } = await client.post('/auth/logout', { refresh_token: refreshToken }).expect(204);
      expect(text).toBe('');
      await expectNoSession(refreshToken);
      await expectSession(onAnotherDevice);
    });

    it('is 204 again for a token that is revoked already', async () => {
      const { client, refreshToken } = await createAccount(shop);
      await client.post('/auth/logout', { refresh_token: refreshToken }).expect(204);
      await client.post('/auth/logout', { refresh_token: refreshToken }).expect(204);
    });

    it("is 204 for someone else's token, which stays good", async () => {
      const [account, other] = [await createAccount(shop), await createAccount(shop)];
      for (const client of [account.client, shop.as(Role.Admin)]) {
        await client.post('/auth/logout', { refresh_token: other.refreshToken }).expect(204);
      }
      await expectSession(other.refreshToken);
      await expectSession(account.refreshToken);
    });

    it.each<[string, (account: Account) => string]>([
      ['garbage', () => 'garbage'],
      ['a token that no login issued', (account) => sign(account, { type: 'refresh' })],
      ['an access token', ({ client }) => client.accessToken as string],
    ])('is 204 for %s, and changes nothing', async (_, tokenOf) => {
      const account = await createAccount(shop);
      await account.client.post('/auth/logout', { refresh_token: tokenOf(account) }).expect(204);
      await expectSession(account.refreshToken);
      await account.client.get('/auth/me').expect(200);
    });

    it('needs an access token: the refresh token alone ends nothing', async () => {
      const { refreshToken } = await createAccount(shop);
      await shop.anonymous
        .post('/auth/logout', { refresh_token: refreshToken })
        .expect(401, { detail: 'Not authenticated', code: 'not_authenticated' });
      await expectSession(refreshToken);
    });

    it('answers 422 without a refresh token', async () => {
      const { client, refreshToken } = await createAccount(shop);
      await client.post('/auth/logout', {}).expect(422, {
        detail: [{ type: 'missing', loc: ['body', 'refresh_token'], msg: 'Field required' }],
      });
      await expectSession(refreshToken);
    });

    it('everywhere ends all sessions of the caller, and of nobody else', async () => {
      const account = await createAccount(shop);
      const other = await createAccount(shop);
      const second = await login(shop, account.username, account.password);
      const { text } = await account.client.post('/auth/logout-all').expect(204);
      expect(text).toBe('');
      await expectNoSession(account.refreshToken);
      await expectNoSession(second.refresh_token);
      await expectSession(other.refreshToken);
      await expectSession((await login(shop, account.username, account.password)).refresh_token);
    });
  });

  it('shows users their own profile', async () => {
    const { id, username, email, role, client } = await createAccount(shop, { role: Role.MarketOwner });
    const { body } = await client.get('/auth/me').expect(200);
    expect(body).toEqual({
      id,
      username,
      email,
      full_name: null,
      role,
      is_active: true,
      is_deleted: false,
      deleted_at: null,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      updated_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    });
  });

  describe('what ends all sessions of a user', () => {
    const admin = (): Client => shop.as(Role.Admin);
    const changePassword = (id: number): Test =>
      admin().patch(`/users/${id}`, { password: NEW_PASSWORD }).expect(200);

    it.each<[string, (account: Account) => Promise<unknown>]>([
      ['a new password', ({ id }) => changePassword(id)],
      [
        'the same password, set anew',
        ({ id, password }) => admin().patch(`/users/${id}`, { password }).expect(200),
      ],
      [
        'a new password from a market owner',
        ({ id }) => shop.as(Role.MarketOwner).patch(`/users/${id}`, { password: NEW_PASSWORD }).expect(200),
      ],
      ['deactivation', ({ id }) => admin().patch(`/users/${id}`, { is_active: false }).expect(200)],
      ['deletion', ({ id }) => admin().delete(`/users/${id}`).expect(204)],
      ['deletion by themselves', ({ id, client }) => client.delete(`/users/${id}`).expect(204)],
    ])('is %s: access and refresh tokens alike, at once', async (_, change) => {
      const account = await createAccount(shop);
      const second = await login(shop, account.username, account.password);
      const { body: refreshed } = await refresh(account.refreshToken).expect(200);
      const bystander = await createAccount(shop);

      await change(account);

      await expectShutOut(account.client);
      await expectShutOut(new Client(shop.url, second.access_token));
      await expectShutOut(new Client(shop.url, refreshed.access_token));
      await expectNoSession(account.refreshToken);
      await expectNoSession(second.refresh_token);
      expect(await table(`select * from refresh_tokens where ${isOf(account.id)}`)).toEqual([]);
      await bystander.client.get('/auth/me').expect(200);
      await expectSession(bystander.refreshToken);
    });

    it.each([{ full_name: 'Maria Rossi' }, { role: Role.MarketOwner }, { is_active: true }])(
      'is not %j',
      async (changes) => {
        const { id, client, refreshToken } = await createAccount(shop);
        await admin().patch(`/users/${id}`, changes).expect(200);
        await client.get('/auth/me').expect(200);
        await expectSession(refreshToken);
      },
    );

    it('lets the new password in right after the change, and the old one no more', async () => {
      const { id, username, password } = await createAccount(shop);
      await changePassword(id);
      const { access_token, refresh_token } = await login(shop, username, NEW_PASSWORD);
      await new Client(shop.url, access_token).get('/auth/me').expect(200);
      await expectSession(refresh_token);
      await shop.anonymous.post('/auth/login', { username, password }).expect(401, WRONG_LOGIN);
    });

    it('also ends a login with the old password that is under way during the change', async () => {
      const { id, username, password } = await createAccount(shop);
      const loggingIn = Array.from({ length: 6 }, () =>
        shop.anonymous.post('/auth/login', { username, password }),
      );
      const answers = await race(shop.app, [...loggingIn, changePassword(id)]);
      for (const { status, body } of answers.slice(0, -1)) {
        expect([200, 401]).toContain(status);
        if (status === 401) continue;
        await expectShutOut(new Client(shop.url, body.access_token));
        await expectNoSession(body.refresh_token);
      }
    });

    it('keeps them ended when the account is activated again', async () => {
      const { id, username, password, client, refreshToken } = await createAccount(shop);
      await admin().patch(`/users/${id}`, { is_active: false }).expect(200);
      await admin().patch(`/users/${id}`, { is_active: true }).expect(200);
      await expectShutOut(client);
      await expectNoSession(refreshToken);
      await expectSession((await login(shop, username, password)).refresh_token);
    });

    it("does not give a deleted user's sessions to whoever gets the name next", async () => {
      const former = await createAccount(shop);
      await admin().delete(`/users/${former.id}`).expect(204);
      const { username, email } = former;
      await createAccount(shop, { username, email });
      await expectShutOut(former.client);
      await expectNoSession(former.refreshToken);
    });
  });

  describe('the table of refresh tokens', () => {
    it('holds the SHA-256 of a token, and never the token', async () => {
      const { id, refreshToken } = await createAccount(shop);
      const rows = await table(`select * from refresh_tokens where ${isOf(id)}`);
      expect(rows).toHaveLength(1);
      expect(rows[0]?.token_hash).toBe(sha256(refreshToken));
      const signature = refreshToken.split('.')[2] as string;
      expect(JSON.stringify(await table('select * from refresh_tokens'))).not.toContain(signature);
    });

    it('lets go of a token at logout', async () => {
      const { id, client, refreshToken } = await createAccount(shop);
      await client.post('/auth/logout', { refresh_token: refreshToken }).expect(204);
      expect(await table(`select * from refresh_tokens where ${isOf(id)}`)).toEqual([]);
    });

    it("lets go of everybody's expired tokens at the next login, and of no others", async () => {
      const [expired, live] = [await createAccount(shop), await createAccount(shop)];
      await table(
        `update sessions set expires_at = '2020-01-01T00:00:00.000Z' where user_id = ${expired.id}`,
      );
      await login(shop, ADMIN.username, ADMIN.password);
      expect(await table(`select * from refresh_tokens where ${isOf(expired.id)}`)).toEqual([]);
      await expectSession(live.refreshToken);
    });
  });

  function table(statement: string): Promise<Record<string, unknown>[]> {
    return shop.app.get(DataSource).query(statement);
  }
});

/** Of a refresh token. */
function isOf(userId: number): string {
  return `session_id in (select id from sessions where user_id = ${userId})`;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The token with another role in its claims, under the signature it had. */
function withRole(token: string, role: string): string {
  const [header, , signature] = token.split('.') as [string, string, string];
  const claims = Buffer.from(JSON.stringify({ ...jwt.decode<object>(token), role })).toString('base64url');
  return [header, claims, signature].join('.');
}
