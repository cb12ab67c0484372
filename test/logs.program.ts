import Sqlite from 'better-sqlite3';
import { Client } from './support/client.js';
import { nonEmpty } from './support/non-empty.js';
import { Program } from './support/program.js';
import { itWithSqlite } from './support/sqlite.js';
import {
  createSqliteFile,
  createTemporaryDatabase,
  type TemporaryDatabase,
} from './support/temporary-database.js';
import { createTemporaryFolder } from './support/temporary-folder.js';
import { until } from './support/until.js';

const SECRETS = {
  SECRET_KEY: 'canary-key-3yX9vQ2mW7pL4nR8tB6zD1cF5hJ0sGa',
  METRICS_TOKEN: 'canary-metrics-token-1',
  ADMIN_PASSWORD: 'Canary4Admin',
};
const PASSWORD = 'Canary4Employee';

interface Line {
  level: number;
  reqId?: string;
  msg: string;
  [key: string]: unknown;
}

describe('The log', () => {
  let folder: string;
  let database: TemporaryDatabase;

  beforeEach(async () => {
    folder = await createTemporaryFolder();
    database = await createTemporaryDatabase();
  });

  afterEach(async () => {
    await Program.endAll();
    await database.drop();
  });

  const start = async (environment: Record<string, string>, { url }: TemporaryDatabase = database) => {
    const program = new Program(folder, { DATABASE_URL: url, SEED_MOCK_DATA: 'false', ...environment });
    return { program, origin: (await program.ready).origin };
  };

  const linesOf = ({ stdout }: Program): Line[] =>
    stdout
      .split('\n')
      .filter((line) => line.endsWith('}'))
      .map((line) => JSON.parse(line) as Line);

  it('has one line for a request: its id, its user, route, status and time', async () => {
    const { program, origin } = await start({});
    const admin = await new Client(origin).login('admin', 'Admin1234!');
    const { id } = (await admin.get('/auth/me').expect(200)).body;
    await admin.get('/items/2147483000?page=2').set('X-Request-Id', 'of-a-row').expect(404);
    await new Client(origin).get('/items').set('X-Request-Id', 'of-nobody').expect(401);
    await admin.get('/nowhere/canary-path').set('X-Request-Id', 'of-no-route').expect(404);
    await admin.get('/%zz').set('X-Request-Id', 'of-no-address').expect(400);
    await until(() => linesOf(program).some(({ reqId }) => reqId === 'of-no-address'));

    const line = (reqId: string): Line[] => linesOf(program).filter((entry) => entry.reqId === reqId);
    const form = { level: 30, method: 'GET', duration_ms: expect.any(Number), time: expect.any(Number) };
    const route = '/api/v1/items/:item_id';
    expect(line('of-a-row')).toEqual([expect.objectContaining({ ...form, route, user_id: id, status: 404 })]);
    expect(line('of-nobody')).toEqual([
      expect.objectContaining({ ...form, route: '/api/v1/items', status: 401 }),
    ]);
    expect(line('of-nobody')[0]).not.toHaveProperty('user_id');
    expect(line('of-no-route')).toEqual([
      expect.objectContaining({ ...form, route: 'unknown', status: 404 }),
    ]);
    expect(line('of-no-address')).toEqual([
      expect.objectContaining({ ...form, route: 'unknown', status: 400 }),
    ]);
    expect(program.stdout).not.toMatch(/2147483000|canary-path/);
    expect(linesOf(program).filter(({ level }) => level < 30)).toEqual([]);
  });

  it('has more detail with DEBUG=true, and no secret', async () => {
    const url = new URL(database.url);
    const isPostgres = url.protocol.startsWith('postgres');
    if (isPostgres) url.password = 'canary-database-password';
    const secretUrl = isPostgres ? url.href : database.url;
    const { program, origin } = await start({ ...SECRETS, DATABASE_URL: secretUrl, DEBUG: 'true' });
    const anonymous = new Client(origin);
    const login = await anonymous.post('/auth/login', {
      username: 'admin',
      password: SECRETS.ADMIN_PASSWORD,
    });
    expect(login.status).toBe(200);
    const { access_token, refresh_token } = login.body as Record<string, string>;
    const admin = new Client(origin, access_token);

    const user = { username: 'zoe', email: 'zoe@shop.example', password: PASSWORD };
    await admin.post('/users/register', user).expect(201);
    await admin.post('/users/register', user).expect(409);
    await admin.post('/users/register', { ...user, email: PASSWORD }).expect(422);
    await anonymous
      .post('/auth/login')
      .type('form')
      .send({ username: 'zoe', password: PASSWORD })
      .expect(200);
    await anonymous.post('/auth/login', { username: PASSWORD, password: 'Canary4Wrong' }).expect(401);
    await anonymous.post('/auth/login').type('json').send(`{"password": "${PASSWORD}"`).expect(422);
    await anonymous.post('/auth/refresh', { refresh_token }).expect(200);
    await anonymous.post('/auth/refresh', { refresh_token: 'canary-refresh-token' }).expect(401);
    await admin.get(`/items/search?q=canary-query&access_token=${access_token}`).expect(200);
    await admin.get(`/items/${access_token}`).expect(422);
    await admin
      .get('/items')
      .set('Cookie', 'session=canary-cookie')
      .set('X-Api-Key', 'canary-api-key')
      .expect(200);
    await new Client(origin, 'canary-access-token').get('/items').expect(401);
    for (const token of [SECRETS.METRICS_TOKEN, 'canary-wrong-token'])
      await fetch(`${origin}/metrics`, { headers: { Authorization: `Bearer ${token}` } });
    await admin.post('/auth/logout', { refresh_token }).set('X-Request-Id', 'the-last').expect(204);
    await until(() => linesOf(program).filter(({ reqId }) => reqId === 'the-last').length === 2);

    const messages = linesOf(program).map(({ msg }) => msg);
    expect(messages).toContainEqual(expect.stringMatching(/^insert into "users" .* values /));
    expect(linesOf(program)).toContainEqual(
      expect.objectContaining({ level: 20, query: ['q', 'access_token'], ip: '127.0.0.1' }),
    );
    const log = program.stdout + program.stderr;
    expect(log).not.toMatch(/canary/i);
    for (const secret of [access_token, refresh_token]) {
      for (const part of nonEmpty(String(secret).split('.').slice(1))) expect(log).not.toContain(part);
    }
    expect(log).not.toMatch(/\$2[aby]\$|\b[0-9a-f]{64}\b/);
  });

  itWithSqlite('tells what failed inside, without the values of the statement', async () => {
    const file = await createSqliteFile();
    const { program, origin } = await start(SECRETS, file);
    const tables = new Sqlite(file.url.replace('sqlite:///', ''));
    tables.exec('drop table refresh_tokens');
    tables.close();
    await new Client(origin)
      .post('/auth/login', { username: 'admin', password: SECRETS.ADMIN_PASSWORD })
      .expect(500, { detail: 'Internal Server Error', code: 'internal_error' });
    await until(() => linesOf(program).some(({ level }) => level === 50));
    const err = linesOf(program).find(({ level }) => level === 50)?.err;
    expect(err).toMatchObject({ message: expect.stringContaining('no such table') });
    expect(err).not.toHaveProperty('parameters');
    expect(program.stdout + program.stderr).not.toMatch(/canary|\b[0-9a-f]{64}\b/i);
    await file.drop();
  });
});
