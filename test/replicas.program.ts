import { randomUUID } from 'node:crypto';
import { Client as Postgres } from 'pg';
import { migrations } from '../src/platform/database/migrations/index.js';
import { Client } from './support/client.js';
import { DatabaseLink } from './support/database-link.js';
import { startCommand } from './support/command.js';
import { describeOnPostgres } from './support/engines.js';
import { findFreePort } from './support/free-port.js';
import { LoadBalancer } from './support/load-balancer.js';
import { Program } from './support/program.js';
import { salesDisagreements } from './support/sales-agreement.js';
import { PASSWORD } from './support/shop.js';
import { createTemporaryDatabase, type TemporaryDatabase } from './support/temporary-database.js';
import { createTemporaryFolder } from './support/temporary-folder.js';
import { Tills } from './support/tills.js';
import { until } from './support/until.js';
import { Workload } from './support/workload.js';

const { TEST_DATABASE_URL, SECRET_KEY = '' } = process.env;
/** As in production: only there a replica takes its time to leave. */
const SETTINGS = {
  NODE_ENV: 'production',
  HOST: '127.0.0.1',
  SECRET_KEY,
  RATE_LIMIT_ENABLED: 'false',
  SEED_ADMIN: 'true',
  ADMIN_PASSWORD: PASSWORD,
  SEED_MOCK_DATA: 'true',
};
const CLERKS = 8;
/** Acknowledged requests of a replica's tills, between which the day is closed again and again. */
const SALES = 600;
/** How long that may take on a slow machine. */
const PATIENCE_MS = 100_000;
/** What clients ask from before the newest change they have. */
const MINUTE = 60_000;

if (!TEST_DATABASE_URL) process.stderr.write('Replicas are not tested: set TEST_DATABASE_URL to do so.\n');

describeOnPostgres('Replicas (with TEST_DATABASE_URL)', () => {
  let folder: string;
  let database: TemporaryDatabase;

  beforeAll(async () => {
    folder = await createTemporaryFolder();
    database = await createTemporaryDatabase();
  });

  afterAll(async () => {
    await Program.endAll();
    await database.drop();
  });

  const start = (environment: Record<string, string> = {}): Program =>
    new Program(folder, { ...SETTINGS, DATABASE_URL: database.url, ...environment });

  describe('that share a database', () => {
    let replicas: [Program, Program, Program, Program];
    let origins: [string, string, string, string];

    beforeAll(async () => {
      // Ports of their own, to be found there again after a restart.
      const ports = await Promise.all([findFreePort(), findFreePort(), findFreePort(), findFreePort()]);
      replicas = ports.map((port) => start({ PORT: String(port) })) as typeof replicas;
      origins = (await Promise.all(replicas.map(originOf))) as typeof origins;
    });

    it('start at once on an empty one: all serve, one migrates and seeds', async () => {
      for (const origin of origins) expect(await statusOf(`${origin}/health/ready`)).toBe(200);
      expect(replicas.map(({ stderr }) => stderr)).toEqual(['', '', '', '']);
      const log = replicas.map(({ stdout }) => stdout).join('');
      expect(log.match(/Created the admin/g)).toHaveLength(1);
      expect(log.match(/Created 7 categories and 32 items/g)).toHaveLength(1);
      expect(await rowsOf('select name from migrations order by id')).toEqual(
        migrations.map(({ name }) => ({ name })),
      );
      expect(await rowsOf('select username, role from users')).toEqual([
        { username: 'admin', role: 'admin' },
      ]);
      expect(await rowsOf('select count(*)::int as count from items')).toEqual([{ count: 32 }]);
    });

    it('share sessions, and their end', async () => {
      const [here, there] = [new Client(origins[0]), new Client(origins[1])];
      const { body } = await here.post('/auth/login', { username: 'admin', password: PASSWORD }).expect(200);
      const { refresh_token } = body as { refresh_token: string };
      const refreshed = await there.post('/auth/refresh', { refresh_token }).expect(200);
      const admin = new Client(origins[1], refreshed.body.access_token);
      await admin.post('/auth/logout', { refresh_token }).expect(204);
      await here
        .post('/auth/refresh', { refresh_token })
        .expect(401, { detail: 'Invalid or expired refresh token', code: 'invalid_refresh_token' });
    });

    it('end the access of a deactivated user at once, everywhere', async () => {
      const admin = await new Client(origins[0]).login('admin', PASSWORD);
      const { body } = await admin
        .post('/users/register', { username: 'maria', email: 'maria@shop.example', password: PASSWORD })
        .expect(201);
      const maria = await new Client(origins[1]).login('maria', PASSWORD);
      await maria.get('/items').expect(200);
      await admin.patch(`/users/${body.id}`, { is_active: false }).expect(200);
      await maria.get('/items').expect(401);
    });

    it('lose no acknowledged write when one of them is killed, and the others go on', async () => {
      const [first, , killed] = origins;
      const workload = await startWorkload(origins.slice(0, 3), first);
      try {
        await workload.goOn(60);
        workload.abandon(killed);
        await replicas[2].end('SIGKILL');
        await workload.goOn(60);
      } finally {
        await workload.stop();
      }
      expect(workload.failures).toEqual([]);
      expect(await workload.losses(first)).toEqual([]);
    });

    it('sell carts on two of them while one closes the day: each sale is in just one day', async () => {
      const [here, there] = origins;
      const { accessToken = '' } = await new Client(here).login('admin', PASSWORD);
      const [closing, selling] = [new Tills(here, accessToken), new Tills(there, accessToken)];
      await closing.stockUp();
      closing.start(5);
      selling.start(5, false);
      await until(() => [closing, selling].every(hasSoldEnough), PATIENCE_MS);
      await Promise.all([closing.stop(), selling.stop()]);
      expect([...closing.failures, ...selling.failures]).toEqual([]);
      expect([...(await closing.disagreements()), ...(await selling.disagreements())]).toEqual([]);
      expect(await salesDisagreements(database.url)).toEqual([]);

      const admin = new Client(there, accessToken);
      const { body: account } = await admin.post('/daily-accounts/close').expect(200);
      // It was closed again and again, and what was sold meanwhile belongs to tomorrow.
      expect(account.sequence).toBeGreaterThan(3);
      const days = await rowsOf(`
        select account_date, count(*)::int as carts_count from carts where status = 'completed'
        group by account_date order by account_date`);
      const { account_date, carts_count } = account as Record<string, unknown>;
      expect(days).toEqual([
        { account_date, carts_count },
        { account_date: expect.any(String), carts_count: expect.any(Number) },
      ]);
      const verified = await startCommand('ledger:verify', [], { DATABASE_URL: database.url }).ended;
      expect(verified).toMatchObject({ code: 0, stdout: expect.stringContaining('Valid') });
    });

    it('drop no request when they are restarted one after the other behind nginx', async () => {
      await Promise.all([replicas[2].end('SIGKILL'), replicas[3].end('SIGKILL')]);
      const [REPLICA_1, REPLICA_2] = origins.map((origin) => new URL(origin).host) as [string, string];
      const balancer = await LoadBalancer.start({ REPLICA_1, REPLICA_2 });
      try {
        const workload = await startWorkload([balancer.origin], balancer.origin);
        try {
          await workload.goOn(40);
          for (const index of [0, 1] as const) {
            await replicas[index].end('SIGTERM');
            replicas[index] = start({ PORT: new URL(origins[index]).port });
            await replicas[index].ready;
          }
          await until(() => served(replicas[0]) && served(replicas[1]));
          await workload.goOn(40);
        } finally {
          await workload.stop();
        }
        expect(workload.failures).toEqual([]);
        expect(await balancer.unanswered()).toEqual([]);
        expect(await workload.losses(balancer.origin)).toEqual([]);
      } finally {
        await balancer.stop();
      }
    });

    async function startWorkload(targets: string[], origin: string): Promise<Workload> {
      const admin = await new Client(origin).login('admin', PASSWORD);
      const itemIds = Array.from({ length: CLERKS }, (_, index) => index + 1);
      return new Workload(targets, admin.accessToken ?? '', itemIds);
    }
  });

  describe('of which one has a clock that is 90 s behind', () => {
    let replicas: Program[];
    let right: Client;
    let slow: Client;

    beforeAll(async () => {
      const script = `
        const now = Date.now;
        Date.now = () => now() - 90_000;
        globalThis.Date = new Proxy(Date, {
          construct: (target, values) => new target(...(values.length > 0 ? values : [Date.now()])),
        });`;
      const NODE_OPTIONS = `--import data:text/javascript,${encodeURIComponent(script)}`;
      replicas = [start(), start({ NODE_OPTIONS })];
      const [rightOrigin, slowOrigin] = (await Promise.all(replicas.map(originOf))) as [string, string];
      right = await new Client(rightOrigin).login('admin', PASSWORD);
      slow = await new Client(slowOrigin).login('admin', PASSWORD);
    });

    afterAll(() => Promise.all(replicas.map((program) => program.end())));

    it('say so in their log, which has the wrong time', () => {
      const [, log = ''] = replicas.map(({ stdout }) => stdout);
      expect(log).toContain("The clock of this machine is 90 s behind the database's");
      const [line = '{}'] = log.split('\n');
      const { time } = JSON.parse(line) as { time: number };
      expect(Date.now() - new Date(time).getTime()).toBeGreaterThan(90_000);
    });

    it('take the tokens of each other', async () => {
      await new Client(slow.url, right.accessToken).get('/auth/me').expect(200);
      await new Client(right.url, slow.accessToken).get('/auth/me').expect(200);
      const [issuedRight, issuedSlow] = [right, slow].map(({ accessToken = '' }) => claimsOf(accessToken));
      expect(Math.abs((issuedRight?.iat ?? 0) - (issuedSlow?.iat ?? 0))).toBeLessThan(60);
    });

    it.each([
      ['categories', () => ({ name: `Shelf ${randomUUID()}` })],
      ['items', () => ({ category_id: 1, name: 'Pears', unit_price: 3, unit_type: 'kg' })],
    ])('list every change of %s since one that the other has made', async (list, values) => {
      const { body: first } = await right.post(`/${list}`, values()).expect(201);
      const { body: second } = await slow.post(`/${list}`, values()).expect(201);
      await slow.patch(`/${list}/${first.id}`, { description: 'Sweet' }).expect(200);
      const since = new Date(Date.parse(first.created_at as string) - MINUTE).toISOString();
      const { body } = await right.get(`/${list}?updated_since=${since}`).expect(200);
      expect(body).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ id: first.id, description: 'Sweet' }),
          expect.objectContaining({ id: second.id }),
        ]),
      );
      const times = [first.created_at, second.created_at].map((time: string) => Date.parse(time));
      expect(Math.abs((times[0] ?? 0) - (times[1] ?? 0))).toBeLessThan(MINUTE);
    });
  });

  describe('whose database goes away', () => {
    let link: DatabaseLink;
    let replica: Program;
    let origin: string;
    let admin: Client;

    beforeAll(async () => {
      link = await DatabaseLink.to(database.url);
      replica = start({ DATABASE_URL: link.url });
    });

    afterAll(async () => {
      await replica.end();
      link.cut();
    });

    it('wait for it at their start, and say so', async () => {
      await until(() =>
        replica.stdout.includes('Waiting for the database, 60 s at most: connect ECONNREFUSED'),
      );
      await link.mend();
      origin = await originOf(replica);
      admin = await new Client(origin).login('admin', PASSWORD);
      await admin.get('/items').expect(200);
    });

    it('wait no longer than DATABASE_WAIT_SECONDS', async () => {
      const late = start({
        DATABASE_URL: (await DatabaseLink.to(database.url)).url,
        DATABASE_WAIT_SECONDS: '1',
      });
      expect(await late.ended).toBe(1);
      expect(late.stdout).toContain('Waiting for the database, 1 s at most');
      expect(late.stderr).toMatch(
        /^DATABASE_URL names a database that can't be used: connect ECONNREFUSED [^\n]+\n$/,
      );
    });

    it.each([
      [
        'is cut off',
        () => {
          link.cut();
        },
      ],
      [
        'takes connections and never answers',
        () => {
          link.silence();
        },
      ],
    ])('answer 503 while it %s, and serve again by themselves', async (_what, interrupt) => {
      // The pool has connections to lose, for all of the requests below.
      await Promise.all(Array.from({ length: 8 }, () => admin.get('/items').expect(200)));
      interrupt();
      const [ready, read, write, live] = await Promise.all([
        fetch(`${origin}/health/ready`),
        admin.get('/items'),
        admin.patch('/stock/1', { quantity: 5 }),
        fetch(`${origin}/health/live`),
      ]);
      expect(live.status).toBe(200);
      expect(ready.status).toBe(503);
      expect(ready.headers.get('retry-after')).toBe('1');
      for (const answer of [read, write]) {
        expect(answer.status).toBe(503);
        expect(answer.headers['retry-after']).toBe('1');
        expect(answer.body).toEqual({
          detail: 'The database is not available right now',
          code: 'service_unavailable',
        });
      }
      await link.mend();
      await until(async () => (await statusOf(`${origin}/health/ready`)) === 200);
      await admin.get('/items').expect(200);
      await admin.patch('/stock/1', { quantity: 5 }).expect(200);
      expect(replica.stderr).toBe('');
    });
  });

  async function rowsOf(statement: string): Promise<unknown[]> {
    const client = new Postgres({ connectionString: database.url });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(statement)).rows;
    } finally {
      await client.end();
    }
  }
});

function claimsOf(token: string): { iat: number } {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { iat: number };
}

function hasSoldEnough({ acknowledged, failures }: Tills): boolean {
  return acknowledged > SALES || failures.length > 0;
}

function served(program: Program): boolean {
  return program.stdout.includes('PATCH /api/v1/stock/');
}

async function originOf(program: Program): Promise<string> {
  return (await program.ready).origin;
}

async function statusOf(url: string): Promise<number> {
  return (await fetch(url)).status;
}
