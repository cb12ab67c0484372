import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { parseDatabaseUrl } from '../src/platform/config/database-url.js';
import { writerOptions } from '../src/platform/database/data-source-options.js';
import { isSqlite } from '../src/platform/database/engine.js';
import { openDataSource } from '../src/platform/database/open-data-source.js';
import { nonEmpty } from './support/non-empty.js';
import { Program } from './support/program.js';
import { createTemporaryDatabase, type TemporaryDatabase } from './support/temporary-database.js';
import { createTemporaryFolder } from './support/temporary-folder.js';

const { TEST_DATABASE_URL } = process.env;
const BCRYPT_HASH = /\$2[aby]\$\d\d\$/;
const SHA256 = /\b[0-9a-f]{64}\b/;

interface Answer {
  request: string;
  status: number;
  headersAndBody: string;
}

/** A secret that stands nowhere by chance; it is a valid password unless it is spoilt. */
const canary = (what: string) => `Canary${what}${randomBytes(9).toString('hex')}`;

const SECRET_KEY = canary('SecretKeyOfThisTest');
const ADMIN_PASSWORD = canary('Admin');
const DATABASE_PASSWORD = canary('Database');

describe('Secrets', () => {
  const secrets = new Map([
    ['SECRET_KEY', SECRET_KEY],
    ['ADMIN_PASSWORD', ADMIN_PASSWORD],
    ['the password of the database', DATABASE_PASSWORD],
  ]);
  const answers: Answer[] = [];
  let folder: string;
  let database: TemporaryDatabase;
  let program: Program;
  let origin: string;

  beforeAll(async () => {
    folder = await createTemporaryFolder();
    database = await createTemporaryDatabase();
    program = new Program(folder, {
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      DATABASE_URL: withPassword(database.url),
      SECRET_KEY,
      SEED_ADMIN: 'true',
      ADMIN_PASSWORD,
    });
    origin = (await program.ready).origin;
    await goThroughEverySecret();
  });

  afterAll(async () => {
    await Program.endAll();
    await database.drop();
  });

  it('went through successes and through failures of every kind', () => {
    const statuses = new Set(answers.map(({ status }) => status));
    expect([...statuses].sort()).toEqual([200, 201, 204, 400, 401, 403, 404, 409, 413, 415, 422, 429, 500]);
  });

  it('are in no answer but the one that issues them', () => {
    expect(answers.flatMap(({ request, headersAndBody }) => leaksIn(request, headersAndBody))).toEqual([]);
  });

  it.each(['/openapi.json', '/openapi.yaml', '/docs', '/redoc'])('are not in %s', async (path) => {
    const response = await fetch(origin + path);
    expect(response.status).toBe(200);
    expect(leaksIn(path, await response.text())).toEqual([]);
  });

  it('are not in the database', async () => {
    const bytes = await (TEST_DATABASE_URL ? everyRow() : everyFile());
    // What has to be there shows that all was read.
    expect(bytes).toContain('maria@shop.example');
    expect(leaksIn('the database', bytes)).toEqual([]);
  });

  it('are not in the log, and neither are their hashes', async () => {
    await program.end();
    const log = program.stdout + program.stderr;
    expect(log.split('The request failed')).toHaveLength(5);
    expect(leaksIn('the log', log)).toEqual([]);
    expect(BCRYPT_HASH.exec(log) ?? SHA256.exec(log)).toBeNull();
  });

  it('are not in what the program says when it gives up', async () => {
    const url = `postgresql://cafe:${DATABASE_PASSWORD}@127.0.0.1:1/shop`;
    const failing = new Program(folder, {
      DATABASE_URL: url,
      DATABASE_WAIT_SECONDS: '0',
      SECRET_KEY,
      ADMIN_PASSWORD,
    });
    expect(await failing.ended).not.toBe(0);
    expect(failing.stderr).toContain('DATABASE_URL');
    expect(leaksIn('the last words', failing.stdout + failing.stderr)).toEqual([]);
  });

  async function goThroughEverySecret(): Promise<void> {
    const password = secret('of a user');
    const admin = await logIn('admin', ADMIN_PASSWORD);
    const maria = { username: 'maria', email: 'maria@shop.example', password };
    const { id } = JSON.parse(
      await send('POST', '/users/register', { body: maria, token: admin.access_token }),
    );
    const user = `/users/${id}`;
    const nina = { username: 'nina', email: 'nina@shop.example', password };
    await send('POST', '/users/register', { body: nina, token: admin.access_token });

    // Passwords and tokens that are refused.
    for (const body of [maria, { ...maria, password: 'x' + secret('that is too long').repeat(9) }]) {
      await send('POST', '/users/register', { body, token: admin.access_token });
    }
    const lowerCase = secret('without capitals', (text) => text.toLowerCase());
    await send('POST', '/users/register', {
      body: { ...maria, password: lowerCase },
      token: admin.access_token,
    });
    await send('PATCH', user, {
      body: { password: { first: secret('in an object') } },
      token: admin.access_token,
    });
    await send('POST', '/auth/login', {
      body: { username: secret('for a name'), password: secret('of nobody') },
    });
    await send('POST', '/auth/login', {
      body: `{"username": "maria", "password": "${secret('in broken JSON')}`,
    });
    await send('POST', '/auth/login', { body: { password: secret('without a name') } });
    await send('POST', '/auth/login', { body: secret('in plain text'), type: 'text/plain' });
    await send('POST', '/auth/login', { body: secret('that is endless').repeat(10_000) });
    await send('POST', `/auth/login?password=${secret('in the address')}`, { body: {} });
    await send('GET', `/${secret('for an address')}`);
    await send('GET', `/users/${secret('for an id')}`, { token: admin.access_token });
    await send('GET', '/auth/me', { token: secret('for a token') });
    await send('POST', '/auth/refresh', { body: { refresh_token: secret('for a refresh token') } });

    // Sessions, from their beginning to every end.
    const session = await logIn('maria', password);
    await send('GET', '/users', { token: session.access_token });
    const refreshed = JSON.parse(await send('POST', '/auth/refresh', { body: session }));
    issued(refreshed);
    await send('POST', '/auth/logout', { body: session, token: session.access_token });
    await send('POST', '/auth/refresh', { body: session });
    const own = await logIn('nina', password);
    const chosen = { old_password: password, new_password: secret('of her own') };
    const mistaken = { ...chosen, old_password: secret('that is not the old one') };
    await send('POST', '/auth/change-password', { body: mistaken, token: own.access_token });
    const goesOn = JSON.parse(
      await send('POST', '/auth/change-password', { body: chosen, token: own.access_token }),
    );
    issued(goesOn);
    const next = secret('that is new');
    await send('PATCH', user, { body: { password: next }, token: admin.access_token });
    await send('GET', '/auth/me', { token: session.access_token });
    await logIn('maria', next);
    await send('PATCH', user, { body: { is_active: false }, token: admin.access_token });
    await send('POST', '/auth/login', { body: { username: 'maria', password: next } });
    for (let failure = 0; failure < 11; failure++) {
      await send('POST', '/auth/login', {
        body: { username: 'admin', password: secret(`${failure} of a guess`) },
      });
    }

    // A database that fails in the middle of a write, with the secret's hash in its hands.
    const spoilt = await open();
    await denyWritesTo(spoilt, 'users');
    const paul = { username: 'paul', email: 'paul@shop.example', password: secret('that is not stored') };
    await send('POST', '/users/register', { body: paul, token: admin.access_token });
    await send('PATCH', user, {
      body: { password: secret('that is not changed') },
      token: admin.access_token,
    });
    await send('POST', '/auth/change-password', {
      body: { old_password: chosen.new_password, new_password: secret('that is not kept') },
      token: goesOn.access_token,
    });
    await denyWritesTo(spoilt, 'refresh_tokens');
    await send('POST', '/auth/login', { body: { username: 'nina', password: chosen.new_password } });
    await spoilt.destroy();
  }

  /** A new one, which must not be found anywhere. */
  function secret(what: string, spoil = (text: string) => text): string {
    const value = spoil(canary(what.replaceAll(' ', '_')));
    secrets.set(`a password ${what}`, value);
    return value;
  }

  function issued(tokens: Record<string, string>): void {
    for (const [name, token] of Object.entries(tokens)) {
      if (name.endsWith('_token')) secrets.set(`${name} ${secrets.size}`, token);
    }
  }

  async function logIn(username: string, password: string): Promise<Record<string, string>> {
    const tokens = JSON.parse(await send('POST', '/auth/login', { body: { username, password } }));
    issued(tokens);
    return tokens;
  }

  async function send(
    method: string,
    path: string,
    { body, token, type = 'application/json' }: { body?: unknown; token?: string; type?: string } = {},
  ): Promise<string> {
    const response = await fetch(`${origin}/api/v1${path}`, {
      method,
      headers: {
        ...(token && { Authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'Content-Type': type }),
      },
      body: typeof body === 'object' ? JSON.stringify(body) : (body as string | undefined),
    });
    const text = await response.text();
    const issues = response.ok && /^\/auth\/(login|refresh|change-password)$/.test(path);
    const shown = issues ? text.replaceAll(/"(\w+_token)":"[^"]+"/g, '"$1":"(issued)"') : text;
    const headers = JSON.stringify([...response.headers]);
    answers.push({ request: `${method} ${path}`, status: response.status, headersAndBody: headers + shown });
    return text;
  }

  /** The names of the secrets that a text holds, in either letter case. */
  function leaksIn(place: string, text: string): string[] {
    const lowerCase = text.toLowerCase();
    return nonEmpty([...secrets])
      .filter(([, value]) => lowerCase.includes(value.toLowerCase()))
      .map(([name]) => `${name} in ${place}`);
  }

  /** The server of the tests lets everyone in, so any password will do. */
  function withPassword(url: string): string {
    return TEST_DATABASE_URL ? url.replace(/\/\/([^:@/]+)(:[^@/]*)?@/, `//$1:${DATABASE_PASSWORD}@`) : url;
  }

  function open(): Promise<DataSource> {
    return openDataSource(writerOptions(parseDatabaseUrl(database.url)));
  }

  async function everyFile(): Promise<string> {
    const file = database.url.replace('sqlite:///', '');
    const names = (await readdir(join(file, '..'))).sort();
    expect(names).toEqual(['stock.db', 'stock.db-shm', 'stock.db-wal']);
    const files = names.map((name) => readFile(join(file, '..', name), 'latin1'));
    return (await Promise.all(files)).join('\n');
  }

  async function everyRow(): Promise<string> {
    const dataSource = await open();
    const tables: { name: string }[] = await dataSource.query(
      `select quote_ident(table_name) as name from information_schema.tables where table_schema = 'public'`,
    );
    const rows = await Promise.all(
      tables.map(({ name }) => dataSource.query(`select t::text from ${name} t`)),
    );
    await dataSource.destroy();
    return JSON.stringify(rows);
  }
});

/** From now on the database fails when the table is written to, as it might for reasons of its own. */
async function denyWritesTo(dataSource: DataSource, table: string): Promise<void> {
  const statements = isSqlite(dataSource)
    ? ['insert', 'update'].map(
        (event) =>
          `create trigger refuse_${event}_${table} before ${event} on ${table} begin insert into no_such_table values (1); end`,
      )
    : [
        `create or replace function refuse() returns trigger language plpgsql as $$ begin raise 'refused'; end $$`,
        `create trigger refuse_${table} before insert or update on ${table} for each row execute function refuse()`,
      ];
  for (const statement of statements) await dataSource.query(statement);
}
