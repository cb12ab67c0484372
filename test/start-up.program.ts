import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import BetterSqlite3 from 'better-sqlite3';
import { Client } from './support/client.js';
import { onPostgres } from './support/engines.js';
import { Program } from './support/program.js';
import { ADMIN } from './support/shop.js';
import { itWithSqlite } from './support/sqlite.js';
import {
  createPostgresDatabase,
  createTemporaryDatabase,
  type TemporaryDatabase,
} from './support/temporary-database.js';
import { createTemporaryFolder } from './support/temporary-folder.js';

const { TEST_DATABASE_URL } = process.env;

const SECRET_KEY = 'k3yX9vQ2mW7pL4nR8tB6zD1cF5hJ0sGa';
const PRODUCTION = { NODE_ENV: 'production', SECRET_KEY };
const PASSWORD = 'Espresso2Go';
const DATABASE_FILES = ['stock_tracker.db', 'stock_tracker.db-shm', 'stock_tracker.db-wal'];
const EXAMPLE = fileURLToPath(new URL('../.env.example', import.meta.url));

describe('Start-up', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await createTemporaryFolder();
  });

  afterEach(async () => {
    await Program.endAll();
  });

  // Few starts, as each takes its time: src/config/settings.spec.ts has every variable and all values that are refused.
  it.each([
    ['PORT', '80\n80', 'a whole number from 0 to 65535'],
    ['DATABASE_URL', 'mysql://cafe:Geheim99@127.0.0.1/shop', 'sqlite:///relative/path'],
    ['ADMIN_PASSWORD', 'Geheim', 'a valid password: it needs at least 8 characters'],
    ['SCALE_BARCODE_PATTERN', 'off', 'none, or patterns of at most 14 characters'],
  ])('refuses %s=%j', async (variable, value, takes) => {
    const message = await refusalOf({ [variable]: value });
    expect(message.slice(0, `${variable} takes ${takes}`.length)).toBe(`${variable} takes ${takes}`);
    expect(message).not.toContain('Geheim');
  });

  it.each([
    ['no SECRET_KEY', 'SECRET_KEY', { SECRET_KEY: '' }],
    ['the admin with the password that everyone knows', 'ADMIN_PASSWORD', { SEED_ADMIN: 'true' }],
  ])('refuses %s in production', async (_what, variable, environment) => {
    const message = await refusalOf({ ...PRODUCTION, ...environment });
    expect(message).toMatch(new RegExp(`^${variable} takes .* in production`));
    expect(message).not.toMatch(/change-me|Admin1234!/);
  });

  it('refuses the SECRET_KEY of .env.example in production', async () => {
    const [, example = ''] = /^#?\s*SECRET_KEY=(.*)$/m.exec(readFileSync(EXAMPLE, 'utf8')) ?? [];
    expect(await refusalOf({ ...PRODUCTION, SECRET_KEY: example })).toMatch(/^SECRET_KEY takes /);
  });

  itWithSqlite('serves in production with a secret of its own, and seeds nothing', async () => {
    const program = new Program(folder, PRODUCTION);
    const { port } = await program.ready;
    expect((await fetch(`http://127.0.0.1:${port}/health/ready`)).status).toBe(200);
    await new Client(`http://127.0.0.1:${port}`).post('/auth/login', ADMIN).expect(401);
    expect(program.stdout).not.toContain('SECRET_KEY');
    expect(await program.end()).toBe(0);
    expect(countsOf(join(folder, 'stock_tracker.db'))).toEqual({ users: 0, categories: 0, items: 0 });
  });

  itWithSqlite('needs no setting in development, and takes an empty variable for a missing one', async () => {
    const variables = `NODE_ENV HOST DEBUG SECRET_KEY ALGORITHM ACCESS_TOKEN_EXPIRE_MINUTES REFRESH_TOKEN_EXPIRE_DAYS
      DATABASE_URL ALLOWED_ORIGINS RATE_LIMIT_ENABLED SEED_ADMIN SEED_MOCK_DATA ADMIN_USERNAME ADMIN_EMAIL
      ADMIN_PASSWORD`;
    const environment = Object.fromEntries(variables.split(/\s+/).map((variable) => [variable, '']));
    const program = new Program(folder, environment);
    const url = await program.ready;
    expect(url.hostname).toBe('127.0.0.1');
    expect((await readdir(folder)).sort()).toEqual(DATABASE_FILES);

    const { body } = await new Client(url.origin).post('/auth/login', ADMIN).expect(200);
    expect(headerOf(body.access_token)).toMatchObject({ alg: 'HS256' });
    expect(lifetimeOf(body.access_token)).toBe(15 * 60);
    expect(lifetimeOf(body.refresh_token)).toBe(7 * 24 * 60 * 60);

    const admin = new Client(url.origin, body.access_token);
    expect((await admin.get('/categories').expect(200)).body).toHaveLength(7);
    expect((await admin.get('/items').expect(200)).body).toHaveLength(32);
    // With the build's own mark: see REPRESENTATION.
    expect((await admin.get('/users/1').expect(200)).headers.etag).toMatch(/^"[0-9a-f]{8}-1-\d+"$/);
    expect(await allowsOrigin(url, 'http://localhost:3000')).toBe(true);
    expect(await allowsOrigin(url, 'http://localhost:8000')).toBe(true);
    expect(await allowsOrigin(url, 'http://localhost:8081')).toBe(true);
    expect(await allowsOrigin(url, 'http://localhost:3001')).toBe(false);
    expect(levelsOf(program)).not.toContain('debug');

    // Its SECRET_KEY was made for this start, and goes with it.
    expect(program.stdout).toContain('SECRET_KEY is not set');
    await program.end();
    const { origin } = await new Program(folder, environment).ready;
    await new Client(origin, body.access_token).get('/auth/me').expect(401);
    await new Client(origin).login(ADMIN.username, ADMIN.password);
  });

  itWithSqlite("leaves SQLAlchemy's part of DATABASE_URL out, and says so", async () => {
    const program = new Program(folder, {
      DATABASE_URL: 'sqlite+pysqlite:///./data/app.db?check_same_thread=False',
    });
    await program.ready;
    expect(await readdir(folder)).toEqual(['data']);
    expect((await readdir(join(folder, 'data'))).sort()).toEqual(['app.db', 'app.db-shm', 'app.db-wal']);
    expect(await program.end()).toBe(0);
    for (const part of ['+pysqlite', '?check_same_thread'])
      expect(program.stdout).toContain(`DATABASE_URL: \\"${part}\\" is for SQLAlchemy and is ignored`);
  });

  itWithSqlite('takes every setting from the environment', async () => {
    const program = new Program(folder, {
      HOST: 'localhost',
      SECRET_KEY,
      ALGORITHM: 'HS512',
      ACCESS_TOKEN_EXPIRE_MINUTES: '5',
      REFRESH_TOKEN_EXPIRE_DAYS: '30',
      DATABASE_URL: `sqlite:///${folder}/data/shop/stock.db`,
      DEBUG: 'true',
      ALLOWED_ORIGINS: '["https://shop.example"]',
      SEED_MOCK_DATA: 'false',
      ADMIN_USERNAME: 'barista',
      ADMIN_EMAIL: 'Barista@shop.example',
      ADMIN_PASSWORD: PASSWORD,
    });
    const url = await program.ready;
    const { body: tokens } = await new Client(url.origin)
      .post('/auth/login', { username: 'barista', password: PASSWORD })
      .expect(200);
    expect(headerOf(tokens.access_token)).toMatchObject({ alg: 'HS512' });
    expect(lifetimeOf(tokens.access_token)).toBe(5 * 60);
    expect(lifetimeOf(tokens.refresh_token)).toBe(30 * 24 * 60 * 60);
    const barista = new Client(url.origin, tokens.access_token);
    const { body: user } = await barista.get('/auth/me').expect(200);
    expect(user).toMatchObject({ username: 'barista', email: 'barista@shop.example', role: 'admin' });
    await barista.get('/items').expect(200, []);
    expect(await allowsOrigin(url, 'https://shop.example')).toBe(true);
    expect(await allowsOrigin(url, 'http://localhost:3000')).toBe(false);
    expect(await readdir(folder)).toEqual(['data']);
    expect(await readdir(join(folder, 'data', 'shop'))).toContain('stock.db');
    expect(levelsOf(program)).toContain('debug');
    for (const secret of [SECRET_KEY, PASSWORD]) expect(program.stdout).not.toContain(secret);
  });

  describe('with a .env file in the working folder', () => {
    itWithSqlite('reads it, and lets the environment win', async () => {
      const lines = [
        '# the shop',
        'ADMIN_USERNAME=barista',
        `ADMIN_PASSWORD="${PASSWORD}"`,
        'ADMIN_EMAIL=',
        'SEED_MOCK_DATA=true',
        'ALLOWED_ORIGINS=["https://shop.example"]',
      ];
      await writeFile(join(folder, '.env'), lines.join('\n'));
      const url = await new Program(folder, { SEED_MOCK_DATA: 'false' }).ready;
      const barista = await login(url, 'barista', PASSWORD);
      const { body } = await barista.get('/auth/me').expect(200);
      expect(body).toMatchObject({ username: 'barista', email: 'admin@stocktracker.local' });
      await barista.get('/items').expect(200, []);
      expect(await allowsOrigin(url, 'https://shop.example')).toBe(true);
    });

    it('refuses a wrong setting in it', async () => {
      await writeFile(join(folder, '.env'), 'NODE_ENV=production\n');
      const program = new Program(folder);
      expect(await program.ended).toBe(1);
      expect(program.stderr).toMatch(/^SECRET_KEY takes [^\n]*; it is missing\.\n$/);
      expect(await readdir(folder)).toEqual(['.env']);
    });
  });

  describe('where the machine does not give what a setting names', () => {
    itWithSqlite('says that the port is busy, which is 8000 unless another is set', async () => {
      // Whether this server has the port or another program: it is busy.
      const server = createServer().listen(8000, '127.0.0.1');
      await Promise.race([once(server, 'listening'), once(server, 'error').catch(() => undefined)]);
      const program = new Program(folder, { PORT: '' });
      expect(await program.ended).toBe(1);
      server.close();
      expect(program.stderr).toBe('PORT takes a free port; 8000 is in use already.\n');
      expect(program.stdout).not.toContain('    at ');
    });

    itWithSqlite('says that the file is no database, and leaves it as it is', async () => {
      const text = 'The shopping list of last week. '.repeat(100);
      await writeFile(join(folder, 'stock_tracker.db'), text);
      await expectUnusableDatabase(new Program(folder), 'file is not a database');
      expect(readFileSync(join(folder, 'stock_tracker.db'), 'utf8')).toBe(text);
    });

    // Nothing is forbidden to root.
    (process.getuid?.() === 0 ? it.skip : itWithSqlite)('says that the file may not be written', async () => {
      await writeFile(join(folder, 'stock_tracker.db'), '', { mode: 0o444 });
      await expectUnusableDatabase(new Program(folder), 'attempt to write a readonly database');
    });

    onPostgres.each(['LATIN5', 'SQL_ASCII'])('says that a database is in %s', async (encoding) => {
      const options = `encoding '${encoding}' locale 'C' template template0`;
      const database = await createPostgresDatabase(TEST_DATABASE_URL ?? '', options);
      const program = new Program(folder, { DATABASE_URL: database.url });
      await expectUnusableDatabase(program, `its encoding is ${encoding} where UTF8 is needed.`);
      await database.drop();
    });

    async function expectUnusableDatabase(program: Program, reason: string): Promise<void> {
      expect(await program.ended).toBe(1);
      expect(program.stderr).toMatch(/^DATABASE_URL names a database that can't be used: [^\n]+\n$/);
      expect(program.stderr).toContain(reason);
      expect(program.stdout).toBe('');
    }
  });

  describe('on a database that stays', () => {
    let database: TemporaryDatabase;
    let environment: Record<string, string>;

    beforeEach(async () => {
      database = await createTemporaryDatabase();
      environment = { SECRET_KEY, DATABASE_URL: database.url };
    });

    afterEach(async () => {
      await Program.endAll();
      await database.drop();
    });

    it('keeps everything that it has answered, even when killed', async () => {
      const before = new Program(folder, environment);
      const { origin } = await before.ready;
      const { body: tokens } = await new Client(origin).post('/auth/login', ADMIN).expect(200);
      const admin = new Client(origin, tokens.access_token);
      await admin.post('/categories', { name: 'Seasonal' }).expect(201);
      const { body: items } = await admin.get('/items').expect(200);
      await admin.patch(`/stock/${items[0].id}`, { quantity: 0.125 }).expect(200);
      // The built program checks a PATCH by rules that one package has left for another (build/bundle.js).
      await admin.patch(`/items/${items[0].id}`, { unit_price: -1 }).expect(422);
      await admin.patch(`/items/${items[0].id}`, { unit_price: 7.25 }).expect(200);
      await admin.delete(`/items/${items[1].id}`).expect(204);
      const state = await stateOf(admin);
      await before.end('SIGKILL');

      const after = new Program(folder, environment);
      const client = new Client((await after.ready).origin, tokens.access_token);
      expect(await stateOf(client)).toEqual(state);
      await client.post('/auth/refresh', { refresh_token: tokens.refresh_token }).expect(200);
      expect(await after.end('SIGINT')).toBe(0);
    });

    it('serves from three processes that start at once on an empty database, and seeds it once', async () => {
      const programs = [1, 2, 3].map(() => new Program(folder, environment));
      const urls = await Promise.all(programs.map((program) => program.ready));
      for (const url of urls) {
        expect((await fetch(new URL('/health/ready', url))).status).toBe(200);
        const admin = await login(url, ADMIN.username, ADMIN.password);
        expect((await admin.get('/users').expect(200)).body).toHaveLength(1);
        expect((await admin.get('/categories').expect(200)).body).toHaveLength(7);
        expect((await admin.get('/items').expect(200)).body).toHaveLength(32);
        expect((await admin.get('/stock').expect(200)).body).toHaveLength(32);
      }
      expect(await Promise.all(programs.map((program) => program.end()))).toEqual([0, 0, 0]);
      expect(programs.map((program) => program.stderr)).toEqual(['', '', '']);
    });
  });

  /** Starts the program where it must refuse to: in one line, before it listens and before there is a database. */
  async function refusalOf(environment: Record<string, string>): Promise<string> {
    const program = new Program(folder, environment);
    await expect(program.ready).rejects.toThrow();
    expect(await program.ended).toBe(1);
    expect(program.stderr).toMatch(/^[^\n]+\n$/);
    expect(program.stdout).toBe('');
    expect(await readdir(folder)).toEqual([]);
    return program.stderr;
  }
});

function login(url: URL, username: string, password: string): Promise<Client> {
  return new Client(url.origin).login(username, password);
}

async function stateOf(client: Client): Promise<unknown> {
  const paths = ['/users', '/categories', '/items', '/stock'];
  return Promise.all(paths.map(async (path) => (await client.get(path).expect(200)).body as unknown));
}

function headerOf(token = ''): unknown {
  return JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString());
}

function lifetimeOf(token = ''): number {
  const { iat, exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
    iat: number;
    exp: number;
  };
  return exp - iat;
}

async function allowsOrigin(url: URL, origin: string): Promise<boolean> {
  const { headers } = await fetch(new URL('/health/live', url), { headers: { origin } });
  return headers.get('access-control-allow-origin') === origin;
}

function levelsOf(program: Program): string[] {
  const names: Record<number, string> = { 20: 'debug', 30: 'info', 40: 'warn', 50: 'error' };
  return program.stdout
    .trim()
    .split('\n')
    .map((line) => names[(JSON.parse(line) as { level: number }).level] ?? 'other');
}

function countsOf(file: string): Record<string, number> {
  const database = new BetterSqlite3(file, { readonly: true });
  const count = (table: string) => database.prepare(`select count(*) from ${table}`).pluck().get() as number;
  const counts = { users: count('users'), categories: count('categories'), items: count('items') };
  database.close();
  return counts;
}
