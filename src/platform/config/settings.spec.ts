import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { readSettings } from './settings.js';
import { SettingsError } from './settings-error.js';

const SECRET_KEY = 'k3yX9vQ2mW7pL4nR8tB6zD1cF5hJ0sGa';
const PRODUCTION = { NODE_ENV: 'production', SECRET_KEY };

describe('Settings', () => {
  it('has a default for everything in development', () => {
    expect(readSettings({})).toMatchObject({
      environment: 'development',
      host: '127.0.0.1',
      port: 8000,
      debug: false,
      allowedOrigins: ['http://localhost:3000', 'http://localhost:8000', 'http://localhost:8081'],
      database: { engine: 'sqlite', file: resolve('stock_tracker.db') },
      secretKey: expect.stringMatching(/^.{64}$/) as string,
      secretKeyIsRandom: true,
      secretKeyPrevious: null,
      algorithm: 'HS256',
      accessTokenMinutes: 15,
      refreshTokenDays: 7,
      bcryptCost: 12,
      rateLimitEnabled: true,
      trustedProxies: [],
      maxConnections: 10_000,
      requestTimeoutSeconds: 30,
      seedAdmin: { username: 'admin', email: 'admin@stocktracker.local', password: 'Admin1234!' },
      seedMockData: true,
    });
  });

  it('takes .env.example, whose values are the defaults, but for the secret', () => {
    const example = parseEnv(readFileSync(new URL('../../../.env.example', import.meta.url), 'utf8'));
    const unlike = { secretKey: example.SECRET_KEY, secretKeyIsRandom: false };
    expect(readSettings(example)).toEqual({ ...readSettings({}), ...unlike });
  });

  it('makes another random secret every time', () => {
    expect(readSettings({}).secretKey).not.toBe(readSettings({}).secretKey);
  });

  it('serves every address and seeds nothing in production', () => {
    expect(readSettings(PRODUCTION)).toMatchObject({
      environment: 'production',
      host: '0.0.0.0',
      port: 8000,
      secretKey: SECRET_KEY,
      secretKeyIsRandom: false,
      seedAdmin: null,
      seedMockData: false,
    });
  });

  it('can not be changed', () => {
    expect(Object.isFrozen(readSettings({}))).toBe(true);
  });

  it.each([
    ['sqlite:///data/stock.db', { engine: 'sqlite', file: resolve('data/stock.db') }],
    ['sqlite:////srv/data/stock.db', { engine: 'sqlite', file: '/srv/data/stock.db' }],
    ['postgresql://cafe@db/shop', { engine: 'postgres', url: 'postgresql://cafe@db/shop' }],
    [
      'postgresql://cafe@db/shop?sslmode=require',
      { engine: 'postgres', url: 'postgresql://cafe@db/shop?sslmode=require&uselibpqcompat=true' },
    ],
    ['postgres://cafe@db:5433/shop', { engine: 'postgres', url: 'postgres://cafe@db:5433/shop' }],
    [
      'postgres://cafe:%40%2F%23%3F%25@db/shop',
      { engine: 'postgres', url: 'postgres://cafe:%40%2F%23%3F%25@db/shop' },
    ],
    ['postgres://cafe:a@b@db/shop', { engine: 'postgres', url: 'postgres://cafe:a@b@db/shop' }],
    // As SQLAlchemy knows them.
    [
      'sqlite:///./app.db?check_same_thread=False&timeout=5',
      { engine: 'sqlite', file: resolve('app.db'), ignored: ['?check_same_thread', '?timeout'] },
    ],
    ['sqlite+pysqlite:////srv/a.db', { engine: 'sqlite', file: '/srv/a.db', ignored: ['+pysqlite'] }],
    [
      'postgresql+psycopg2://cafe@db/shop',
      { engine: 'postgres', url: 'postgresql://cafe@db/shop', ignored: ['+psycopg2'] },
    ],
    [
      'postgresql+asyncpg://cafe@db/shop',
      { engine: 'postgres', url: 'postgresql://cafe@db/shop', ignored: ['+asyncpg'] },
    ],
  ])('takes DATABASE_URL=%s', (DATABASE_URL, database) => {
    expect(readSettings({ DATABASE_URL }).database).toEqual(database);
  });

  it.each([
    // As libpq reads it: a host without a port has the default one.
    [
      'postgresql://cafe:a,b@one:5433,two/shop?target_session_attrs=read-write',
      ['postgresql://cafe:a,b@one:5433/shop', 'postgresql://cafe:a,b@two/shop'],
      'read-write',
    ],
    ['postgresql://one,two/shop', ['postgresql://one/shop', 'postgresql://two/shop'], 'read-write'],
    [
      'postgresql+psycopg2://one,two,three/shop?target_session_attrs=primary&application_name=x',
      ['one', 'two', 'three'].map((host) => `postgresql://${host}/shop?application_name=x`),
      'primary',
    ],
    [
      'postgres://cafe@[::1]:5433,[2001:db8::2]:5434/shop?sslmode=require&target_session_attrs=any',
      ['[::1]:5433', '[2001:db8::2]:5434'].map(
        (host) => `postgres://cafe@${host}/shop?sslmode=require&uselibpqcompat=true`,
      ),
      'any',
    ],
    [
      'postgresql://cafe@%2Frun%2Fone,%2Frun%2Ftwo/shop',
      ['postgresql://cafe@%2Frun%2Fone/shop', 'postgresql://cafe@%2Frun%2Ftwo/shop'],
      'read-write',
    ],
    // One host, too, can be the primary today and a standby tomorrow.
    ['postgresql://db/shop?target_session_attrs=read-write', ['postgresql://db/shop'], 'read-write'],
  ])('takes several servers from DATABASE_URL=%s', (DATABASE_URL, urls, target) => {
    expect(readSettings({ DATABASE_URL }).database).toMatchObject({
      engine: 'postgres',
      url: urls[0],
      servers: { urls, target },
    });
  });

  it.each(['one,,two', ',two', 'one,', 'one,:5433', 'one:x,two', 'one,two:70000'])(
    'says how several hosts are written, and not %s',
    (hosts) => {
      expect(refusalOf({ DATABASE_URL: `postgresql://cafe:Geheim99@${hosts}/shop` })).toBe(
        'DATABASE_URL takes several hosts as postgresql://user:password@host1:port,host2:port/database?target_session_attrs=read-write.',
      );
    },
  );

  it('says so of hosts in a parameter, too', () => {
    expect(refusalOf({ DATABASE_URL: 'postgresql:///shop?host=one,two&user=cafe' })).toMatch(
      /^DATABASE_URL takes several hosts as postgresql:/,
    );
  });

  it.each(['read-only', 'standby', 'prefer-standby', 'primary,any', ''])(
    'refuses target_session_attrs=%s',
    (target) => {
      const DATABASE_URL = `postgresql://cafe@one,two/shop?target_session_attrs=${target}`;
      expect(refusalOf({ DATABASE_URL })).toBe(
        'DATABASE_URL takes target_session_attrs=read-write, primary, any: the program needs a server that it can write to.',
      );
    },
  );

  it.each(['/', '#', '?', '%', '/x@', '12/@'])('says what to encode in a password with %s', (sign) => {
    expect(refusalOf({ DATABASE_URL: `postgresql://cafe:Geheim${sign}99@db:5432/shop` })).toBe(
      'DATABASE_URL takes postgresql://user:password@host:port/database, with these percent-encoded in the user and the password: @ as %40, : as %3A, / as %2F, ? as %3F, # as %23, % as %25.',
    );
  });

  it('refuses a path with a query where an earlier version has made the file of that name', () => {
    const folder = mkdtempSync(join(tmpdir(), 'stock-tracker-'));
    const DATABASE_URL = `sqlite:///${folder}/app.db?check_same_thread=False`;
    try {
      writeFileSync(join(folder, 'app.db?check_same_thread=False'), '');
      expect(refusalOf({ DATABASE_URL })).toMatch(
        /^DATABASE_URL takes [^\n]+ rename that file to "app\.db", [^\n]+$/,
      );
      writeFileSync(join(folder, 'app.db'), '');
      expect(readSettings({ DATABASE_URL }).database).toMatchObject({ file: join(folder, 'app.db') });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each(['0.0.0.0', '::1', 'localhost', 'stock.cafe.example'])('takes HOST=%s', (host) => {
    expect(readSettings({ HOST: host }).host).toBe(host);
  });

  it.each([
    ['true', true],
    ['1', true],
    ['Yes', true],
    ['on', true],
    ['FALSE', false],
    ['0', false],
    ['no', false],
    ['off', false],
  ])('takes DEBUG=%s', (DEBUG, debug) => {
    expect(readSettings({ DEBUG }).debug).toBe(debug);
  });

  it.each([
    ['127.0.0.1', ['127.0.0.1']],
    ['10.0.0.7, 172.16.0.0/12 ,::1,fd00::/8', ['10.0.0.7', '172.16.0.0/12', '::1', 'fd00::/8']],
  ])('takes TRUSTED_PROXIES=%s', (TRUSTED_PROXIES, trustedProxies) => {
    expect(readSettings({ TRUSTED_PROXIES }).trustedProxies).toEqual(trustedProxies);
  });

  it.each([
    ['NODE_ENV', ['staging', 'Production']],
    ['HOST', ['not a host', 'http://localhost', '-', 'localhost:8000']],
    ['PORT', ['abc', '-1', '65536', '80.5', '0x50', '1e3', '80\n80']],
    ['DEBUG', ['maybe', '2']],
    ['ALGORITHM', ['none', 'RS256', 'hs256']],
    ['ACCESS_TOKEN_EXPIRE_MINUTES', ['0', '-1', '1.5', '1441', 'quarter']],
    ['REFRESH_TOKEN_EXPIRE_DAYS', ['0', '366', 'week']],
    ['BCRYPT_COST', ['3', '16']],
    ['MAX_CONNECTIONS', ['0', '1000001', 'many']],
    ['REQUEST_TIMEOUT_SECONDS', ['0', '3601', '1.5', 'never']],
    [
      'ALLOWED_ORIGINS',
      [
        'http://localhost:3000',
        '{"origin": "http://localhost:3000"}',
        '["http://localhost:3000/"]',
        '["localhost:3000"]',
        '[3000]',
        '"*"',
      ],
    ],
    [
      'DATABASE_URL',
      [
        'stock.db',
        'sqlite:stock.db',
        'sqlite://stock.db',
        'sqlite:///',
        'sqlite:///:memory:',
        'sqlite://',
        'sqlite://:memory:',
        'sqlite:///:memory:?cache=shared',
        'sqlite:///shop?mode=memory',
        'sqlite+aiosqlite:///:memory:',
        'sqlite+pysqlcipher://:Geheim99@/stock.db',
        'sqlite:///file:stock.db?mode=ro&uri=true',
        'sqlite:///file:///srv/stock.db',
        'sqlite:///C:\\shop\\stock.db',
        'sqlite+psycopg2:///stock.db',
        'postgresql+pysqlite://cafe:Geheim99@db/shop',
        'file:stock.db',
        'file:///srv/stock.db',
        'mysql://cafe:Geheim99@db/shop',
        'postgresql://cafe:Geheim99@db',
        'postgresql://cafe:Geheim99@db/',
        'postgresql://cafe:Geheim99@db:port/shop',
        'postgresql://cafe:Geheim99/x@db/shop',
        'postgresql://cafe:12/Geheim99@db/shop',
        'postgresql://cafe:x@Geheim99/x@db/shop',
        'postgresql://cafe:x@Geheim99?x@db/shop',
        'postgresql://cafe:x@Geheim99#x@db/shop',
        'postgresql://cafe:12#Geheim99@db/shop',
        'postgresql://cafe:12?Geheim99@db/shop',
        'postgresql://cafe:Geheim99%@db/shop',
        'postgresql://cafe:Geheim99%FF@db/shop',
        'postgresql://cafe:Geheim99%zz@db/shop',
      ],
    ],
    ['METRICS_TOKEN', ['geheim-short', 'geheim with spaces in it']],
    ['RATE_LIMIT_ENABLED', ['sometimes']],
    ['RATE_LIMIT_REQUESTS', ['99', 'many']],
    [
      'TRUSTED_PROXIES',
      [
        'nginx',
        'true',
        '*',
        '1',
        '10.0.0',
        '10.0.0.1,',
        '10.0.0.1/x',
        '10.0.0.0/0',
        '10.0.0.0/33',
        'fd00::/129',
      ],
    ],
    ['SEED_ADMIN', ['perhaps']],
    ['SEED_MOCK_DATA', ['2']],
    ['ADMIN_USERNAME', ['ab', 'a b', 'zoë', 'a'.repeat(51)]],
    ['ADMIN_EMAIL', ['nobody', '@cafe.example', 'a b@cafe.example']],
    ['ADMIN_PASSWORD', ['Gehei1', 'geheim99', 'Geheimnis', `Geheim99${'x'.repeat(121)}`]],
  ])('refuses a wrong %s', (variable, values) => {
    for (const value of values) {
      const message = refusalOf({ [variable]: value });
      expect(message).toMatch(new RegExp(`^${variable} takes [^\n]+$`));
      expect(message).not.toMatch(/gehei/i);
    }
  });

  it.each([
    ['a missing SECRET_KEY', { SECRET_KEY: undefined }],
    ['an empty SECRET_KEY', { SECRET_KEY: '' }],
    ['a blank SECRET_KEY', { SECRET_KEY: ' '.repeat(40) }],
    ['a SECRET_KEY of 31 characters', { SECRET_KEY: SECRET_KEY.slice(1) }],
    ['a placeholder', { SECRET_KEY: 'change-me-to-48-random-characters' }],
    ['another placeholder', { SECRET_KEY: 'your-secret-key-goes-here-your-secret-key' }],
  ])('refuses %s in production', (_what, variables) => {
    const message = refusalOf({ ...PRODUCTION, ...variables });
    expect(message).toMatch(
      /^SECRET_KEY takes a random secret of at least 32 characters in production[^\n]*$/,
    );
    if (variables.SECRET_KEY?.trim()) expect(message).not.toContain(variables.SECRET_KEY);
  });

  it.each([
    ['one of 31 characters', SECRET_KEY.slice(1)],
    ['a placeholder', 'change-me-to-48-random-characters'],
    ['the SECRET_KEY itself', SECRET_KEY],
  ])('refuses %s for a SECRET_KEY_PREVIOUS in production', (_what, SECRET_KEY_PREVIOUS) => {
    const message = refusalOf({ ...PRODUCTION, SECRET_KEY_PREVIOUS });
    expect(message).toMatch(/^SECRET_KEY_PREVIOUS takes [^\n]*$/);
    expect(message).not.toContain(SECRET_KEY_PREVIOUS);
  });

  it('takes a SECRET_KEY_PREVIOUS unlike the SECRET_KEY, in development any', () => {
    const other = SECRET_KEY.toLowerCase();
    expect(readSettings({ ...PRODUCTION, SECRET_KEY_PREVIOUS: other }).secretKeyPrevious).toBe(other);
    expect(readSettings({ SECRET_KEY_PREVIOUS: 'short' }).secretKeyPrevious).toBe('short');
    expect(refusalOf({ SECRET_KEY: 'short', SECRET_KEY_PREVIOUS: 'short' })).toMatch(/^SECRET_KEY_PREVIOUS /);
  });

  it.each([undefined, 'Admin1234!'])(
    'refuses to seed an admin with the password %s in production',
    (password) => {
      const message = refusalOf({ ...PRODUCTION, SEED_ADMIN: 'true', ADMIN_PASSWORD: password });
      expect(message).toMatch(/^ADMIN_PASSWORD takes a password of your own in production/);
      expect(message).not.toContain('Admin1234!');
    },
  );

  it('reads no admin when none is to be seeded', () => {
    expect(readSettings({ SEED_ADMIN: 'false', ADMIN_PASSWORD: 'short' }).seedAdmin).toBeNull();
  });
});

function refusalOf(variables: Record<string, string | undefined>): string {
  try {
    readSettings(variables);
  } catch (error) {
    expect(error).toBeInstanceOf(SettingsError);
    return (error as Error).message;
  }
  throw new Error(`Nothing was refused in ${JSON.stringify(variables)}`);
}
