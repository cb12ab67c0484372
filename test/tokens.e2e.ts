import { createHmac } from 'node:crypto';
import { JwtService } from '@nestjs/jwt';
import supertest from 'supertest';
import { type Account, createAccount, type LoginAnswer } from './support/accounts.js';
import { startApp } from './support/app.js';
import { Client } from './support/client.js';
import { ADMIN, Shop } from './support/shop.js';
import { createTemporaryDatabase } from './support/temporary-database.js';

const { SECRET_KEY = '' } = process.env;
const BAD_ACCESS_TOKEN = { detail: 'Could not validate credentials', code: 'invalid_token' };
const BAD_REFRESH_TOKEN = { detail: 'Invalid or expired refresh token', code: 'invalid_refresh_token' };
const HASHES = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' };

type Algorithm = keyof typeof HASHES;

const now = (): number => Math.floor(Date.now() / 1000);

/** A token of any header and any claims, well-formed JSON or not, under a true signature. */
function forge(
  payload: unknown,
  { alg = 'HS256', header = {}, key = SECRET_KEY }: { alg?: Algorithm; header?: object; key?: string } = {},
): string {
  const encode = (value: unknown): string =>
    Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
  const signed = `${encode({ alg, typ: 'JWT', ...header })}.${encode(payload)}`;
  return `${signed}.${createHmac(HASHES[alg], key).update(signed).digest('base64url')}`;
}

describe('A token', () => {
  let shop: Shop;
  let account: Account;

  beforeAll(async () => {
    shop = await Shop.open();
    account = await createAccount(shop);
  });

  afterAll(() => shop.close());

  const claimsOf = (changes: object = {}) => ({
    sub: String(account.id),
    role: account.role,
    type: 'access',
    ver: 0,
    jti: 'a jti of the test',
    iat: now(),
    exp: now() + 60,
    ...changes,
  });

  const send = (token: string) => new Client(shop.url, token).get('/auth/me');

  it.each<[string, () => object]>([
    ['has the claims of a login', () => ({})],
    ['has no ver, as before there was one', () => ({ ver: undefined })],
    ['is one of the first version', () => ({ ver: undefined, jti: undefined })],
    ['comes from a replica whose clock is 50 s ahead', () => ({ iat: now() + 50 })],
    ['is valid since now', () => ({ nbf: now() })],
    ['has claims that nobody knows', () => ({ iss: 'shop', aud: ['web'], admin: true, constructor: 1 })],
  ])('is good that %s', (_, changes) => send(forge(claimsOf(changes()))).expect(200));

  it.each<[string, () => object]>([
    ['comes from a clock 70 s ahead', () => ({ iat: now() + 70 })],
    ['comes from next year', () => ({ iat: now() + 31_536_000, exp: now() + 2 * 31_536_000 })],
    ['has no iat', () => ({ iat: undefined })],
    ['has a string for an iat', () => ({ iat: String(now()) })],
    ['has a fraction for an iat', () => ({ iat: now() + 0.5 })],
    ['has null for an iat', () => ({ iat: null })],
    ['has no exp, and would be good for ever', () => ({ exp: undefined })],
    ['has null for an exp', () => ({ exp: null })],
    ['has a string for an exp', () => ({ exp: String(now() + 60) })],
    ['has a list for an exp', () => ({ exp: [now() + 60] })],
    ['expires now', () => ({ exp: now() })],
    ['has a string for an nbf', () => ({ nbf: 'now' })],
    ['is not valid before tomorrow', () => ({ nbf: now() + 86_400 })],
    ['has a number for a sub', () => ({ sub: account.id })],
    ['has null for a sub', () => ({ sub: null })],
    ['has a list for a sub', () => ({ sub: [String(account.id)] })],
    ['has an object for a sub', () => ({ sub: { id: account.id } })],
    ['has true for a sub', () => ({ sub: true })],
    ['has a leading zero in its sub', () => ({ sub: `0${account.id}` })],
    ['has 0 for a sub', () => ({ sub: '0' })],
    ['has a sub just beyond 31 bits', () => ({ sub: '2147483648' })],
    ['has a sub of ten nines', () => ({ sub: '9999999999' })],
    ['has a sub of 5000 digits', () => ({ sub: '1'.repeat(5000) })],
    ['has Arabic digits for a sub', () => ({ sub: '١' })],
    ['has a line after its sub', () => ({ sub: `${account.id}\n` })],
    ['has a NUL in its sub', () => ({ sub: `${account.id}\0` })],
    ['has a string for a ver', () => ({ ver: '0' })],
    ['has null for a ver', () => ({ ver: null })],
    ['has false for a ver', () => ({ ver: false })],
    ['has a ver to come', () => ({ ver: 1 })],
    ['has no jti', () => ({ jti: undefined })],
    ['has a number for a jti', () => ({ jti: 7 })],
    ['has a list for a type', () => ({ type: ['access'] })],
    ['has null for a type', () => ({ type: null })],
    ['has its type in capitals', () => ({ type: 'ACCESS' })],
  ])('is refused that %s', (_, changes) => send(forge(claimsOf(changes()))).expect(401, BAD_ACCESS_TOKEN));

  it.each<[string, () => unknown]>([
    ['null', () => null],
    ['a number', () => 1],
    ['true', () => true],
    ['a list', () => [claimsOf()]],
    ['a string', () => 'admin'],
    ['no JSON', () => '{"sub":'],
    ['nothing', () => ''],
    [
      'a number too large for one',
      () => JSON.stringify(claimsOf({ exp: 0 })).replace('"exp":0', '"exp":1e400'),
    ],
    ['a prototype', () => `{"__proto__":${JSON.stringify(claimsOf())}}`],
  ])('is refused whose claims are %s', (_, payload) => send(forge(payload())).expect(401, BAD_ACCESS_TOKEN));

  it.each<[string, object]>([
    ['"none"', { alg: 'none' }],
    ['"None"', { alg: 'None' }],
    ['HS384, though it is signed with HS256', { alg: 'HS384' }],
    ['RS256', { alg: 'RS256' }],
    ['a list', { alg: ['HS256'] }],
    ['null', { alg: null }],
    ['left out', { alg: undefined }],
  ])('is refused whose alg is %s', (_, header) =>
    send(forge(claimsOf(), { header })).expect(401, BAD_ACCESS_TOKEN),
  );

  it.each<Algorithm>(['HS384', 'HS512'])('is refused that is truly signed with %s', (alg) =>
    send(forge(claimsOf(), { alg })).expect(401, BAD_ACCESS_TOKEN),
  );

  it('is refused that is as long as headers may be', async () => {
    await send(forge(claimsOf({ pad: 'x'.repeat(11_000), ver: 1 }))).expect(401, BAD_ACCESS_TOKEN);
    await send('x'.repeat(15_000)).expect(401, BAD_ACCESS_TOKEN);
    await send('.'.repeat(15_000)).expect(401, BAD_ACCESS_TOKEN);
  });

  it('of 100 KB does not get in: 431 in a header, 422 in a body', async () => {
    const token = forge(claimsOf({ pad: 'x'.repeat(75_000) }));
    await send(token).expect(431);
    await shop.anonymous.post('/auth/refresh', { refresh_token: token }).expect(422);
  });

  it.each(['bearer', 'BEARER', 'Bearer '])('is found behind "%s"', (scheme) =>
    supertest(shop.url)
      .get('/api/v1/auth/me')
      .set('Authorization', `${scheme} ${forge(claimsOf())}`)
      .expect(200),
  );

  it('is refused for a refresh as it is for access', async () => {
    const forgeries = [
      { sub: 1 },
      { sub: '9999999999' },
      { iat: now() + 70 },
      { exp: undefined },
      { jti: undefined },
      { type: 'access' },
    ].map((changes) => forge(claimsOf({ type: 'refresh', ...changes })));
    for (const token of [...forgeries, forge(null), forge(claimsOf({ type: 'refresh' }), { alg: 'HS512' })]) {
      await shop.anonymous.post('/auth/refresh', { refresh_token: token }).expect(401, BAD_REFRESH_TOKEN);
    }
  });
});

describe('Replacing the SECRET_KEY', () => {
  const OTHER_KEY = 'another secret key for tests, as long as the first';
  const THIRD_KEY = 'a third secret key for tests, which nobody has used';

  it.each<Algorithm>(['HS256', 'HS384', 'HS512'])(
    'logs nobody out with SECRET_KEY_PREVIOUS, and signs with the new one (%s)',
    async (ALGORITHM) => {
      const database = await createTemporaryDatabase();
      const run = async <T>(
        keys: Record<string, string>,
        work: (client: Client) => Promise<T>,
      ): Promise<T> => {
        const { app, client } = await startApp(database, { SEED_MOCK_DATA: 'false', ALGORITHM, ...keys });
        try {
          return await work(client);
        } finally {
          await app.close();
        }
      };
      const expectStatus = async (status: number, client: Client, answer: LoginAnswer) => {
        await new Client(client.url, answer.access_token).get('/auth/me').expect(status);
        await client.post('/auth/refresh', { refresh_token: answer.refresh_token }).expect(status);
      };
      const logIn = async (client: Client): Promise<LoginAnswer> =>
        (await client.post('/auth/login', ADMIN).expect(200)).body;

      const before = await run({}, logIn);
      const after = await run({ SECRET_KEY: OTHER_KEY, SECRET_KEY_PREVIOUS: SECRET_KEY }, async (client) => {
        await expectStatus(200, client, before);
        const { body: refreshed } = await client
          .post('/auth/refresh', { refresh_token: before.refresh_token })
          .expect(200);
        const answer = await logIn(client);
        const newKey = new JwtService({ secret: OTHER_KEY, verifyOptions: { algorithms: [ALGORITHM] } });
        for (const token of [refreshed.access_token, ...[answer.access_token, answer.refresh_token]]) {
          expect(() => newKey.verify(token)).not.toThrow();
        }
        return answer;
      });
      await run({ SECRET_KEY: OTHER_KEY }, async (client) => {
        await expectStatus(401, client, before);
        await expectStatus(200, client, after);
      });
      await run({ SECRET_KEY: THIRD_KEY, SECRET_KEY_PREVIOUS: SECRET_KEY }, async (client) => {
        await expectStatus(200, client, before);
        await expectStatus(401, client, after);
      });
      await database.drop();
    },
  );

  it('lets no token be forged with the key that is no more', async () => {
    const shop = await Shop.open({ SECRET_KEY: OTHER_KEY, SECRET_KEY_PREVIOUS: THIRD_KEY });
    const claims = { sub: '1', role: 'admin', type: 'access', ver: 0, jti: 'x', iat: now(), exp: now() + 60 };
    await new Client(shop.url, forge(claims, { key: SECRET_KEY })).get('/auth/me').expect(401);
    await new Client(shop.url, forge(claims, { key: THIRD_KEY })).get('/auth/me').expect(200);
    await shop.close();
  });
});
