import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type ClientRequest, get, type IncomingMessage } from 'node:http';
import { JwtService } from '@nestjs/jwt';
import { Client } from './support/client.js';
import { describeOnPostgres } from './support/engines.js';
import { EventReader } from './support/event-reader.js';
import { findFreePort } from './support/free-port.js';
import { LoadBalancer } from './support/load-balancer.js';
import { MovementListener } from './support/movement-listener.js';
import { Program } from './support/program.js';
import { queryDatabase } from './support/query-database.js';
import { ADMIN, PASSWORD } from './support/shop.js';
import { createTemporaryDatabase, type TemporaryDatabase } from './support/temporary-database.js';
import { createTemporaryFolder } from './support/temporary-folder.js';
import { until } from './support/until.js';

const { SECRET_KEY = '' } = process.env;
const LISTENERS = 50;
const MOVEMENTS = 10_000;
const WRITERS = 8;
const BATCH = 25;
const MAX_STREAMS = 1000;
const MAX_MEGABYTES = 60;
/** Little room for garbage, which Node.js 24 collects late by itself. */
const NODE_OPTIONS = '--max-old-space-size=96 --max-semi-space-size=8';
/** For who is behind when the last movement is recorded. */
const CATCH_UP_MS = 60_000;
/** Three replicas and 50 clients take half a minute, and several on a slow machine beside other tests. */
const PATIENCE_MS = 400_000;
/** Longer than a heartbeat, at which a stream is found to be of somebody who may not listen any more. */
const HEARTBEAT_MS = 20_000;

describe('A stream of movements', () => {
  let folder: string;
  let database: TemporaryDatabase;

  beforeAll(async () => {
    folder = await createTemporaryFolder();
    database = await createTemporaryDatabase();
  });

  afterEach(async () => {
    await Program.endAll();
  });

  afterAll(() => database.drop());

  const start = (environment: Record<string, string> = {}): Program =>
    new Program(folder, {
      SECRET_KEY,
      DATABASE_URL: database.url,
      RATE_LIMIT_ENABLED: 'false',
      ...environment,
    });

  const streamOf = (origin: string) => `${origin}/api/v1/stock/stream`;
  const logIn = (origin: string) => new Client(origin).login(ADMIN.username, ADMIN.password);

  async function originOf(program: Program): Promise<string> {
    return (await program.ready).origin;
  }

  it('ends when the user may not listen any more, or the access token has expired', async () => {
    const origin = await originOf(start());
    const admin = await logIn(origin);
    const employ = async (username: string) => {
      const email = `${username}@shop.example`;
      const { body } = await admin
        .post('/users/register', { username, email, password: PASSWORD })
        .expect(201);
      return { id: body.id as number, client: await new Client(origin).login(username, PASSWORD) };
    };
    const [deactivated, deleted, changed, working] = [
      await employ('deactivated'),
      await employ('deleted'),
      await employ('changed'),
      await employ('working'),
    ];
    const tokens = [deactivated, deleted, changed, working].map(({ client }) => client.accessToken);
    const readers = await Promise.all(
      [...tokens, expiringSoon(working.client.accessToken ?? '')].map((token) =>
        EventReader.open(streamOf(origin), token),
      ),
    );
    const hasEnded = readers.map(() => false);
    for (const [index, { ended }] of readers.entries()) void ended.then(() => (hasEnded[index] = true));
    await admin.patch(`/users/${deactivated.id}`, { is_active: false }).expect(200);
    await admin.delete(`/users/${deleted.id}`).expect(204);
    await changed.client
      .post('/auth/change-password', { old_password: PASSWORD, new_password: 'Cappuccino2Go' })
      .expect(200);
    await until(() => hasEnded.filter(Boolean).length === 4, HEARTBEAT_MS);
    expect(hasEnded).toEqual([true, true, true, false, true]);
    await readers[3]?.close();
  });

  it(`is there for ${MAX_STREAMS} clients, which take little memory, and tells the next one to come later`, async () => {
    const program = start({ NODE_OPTIONS });
    const origin = await originOf(program);
    const { accessToken } = await logIn(origin);
    const admin = new Client(origin, accessToken);
    const slowest = async () => {
      const times: number[] = [];
      for (let count = 0; count < 200; count++) {
        const begin = performance.now();
        await admin.get('/items/1').expect(200);
        times.push(performance.now() - begin);
      }
      return times.sort((one, other) => one - other)[100] as number;
    };
    await slowest();
    const quiet = await slowest();
    const before = residentMegabytes(program);
    const requests: ClientRequest[] = [];
    for (let count = 0; count < MAX_STREAMS; count += 50) {
      const opened = Array.from({ length: 50 }, () =>
        get(streamOf(origin), { agent: false, headers: { Authorization: `Bearer ${accessToken}` } }),
      );
      requests.push(...opened);
      const responses = await Promise.all(opened.map((request) => once(request, 'response')));
      for (const [response] of responses as [IncomingMessage][]) {
        expect(response.statusCode).toBe(200);
        response.resume();
      }
    }
    const { body, headers } = await admin.get('/stock/stream').expect(503);
    expect(body).toMatchObject({ code: 'service_unavailable' });
    expect(headers['retry-after']).toBe('10');
    const beside = await slowest();
    const grown = residentMegabytes(program) - before;
    process.stdout.write(
      `| ${MAX_STREAMS} idle streams | ${grown} MB more | median of GET /items/1: ${beside.toFixed(2)} ms, ` +
        `${quiet.toFixed(2)} ms without them |\n`,
    );
    expect(grown).toBeLessThan(MAX_MEGABYTES);
    for (const request of requests) request.destroy();
  });

  describeOnPostgres('of several replicas', () => {
    it(
      `sends each of ${MOVEMENTS} movements once, in order, to all of ${LISTENERS} clients that connect again and again`,
      async () => {
        const ports = await Promise.all([findFreePort(), findFreePort(), findFreePort()]);
        const replicas = ports.map((port) => start({ PORT: String(port) }));
        const origins = await Promise.all(replicas.map(originOf));
        const { accessToken = '' } = await logIn(origins[0] as string);
        const clients = origins.map((origin) => new Client(origin, accessToken));
        for (let item = 1; item <= WRITERS; item++) {
          await clients[0]?.patch(`/stock/${item}`, { quantity: 100_000 }).expect(200);
        }
        const listIds = async (after = 0) =>
          (
            await queryDatabase(
              database.url,
              `select id from stock_movements where id > ${after} order by id`,
            )
          ).map(({ id }) => id as number);
        const last = (await listIds()).at(-1) as number;
        const listeners = Array.from(
          { length: LISTENERS },
          () => new MovementListener(origins, accessToken, last),
        );

        // One of them dies in the middle, and is back soon.
        const writing = Promise.all(
          Array.from({ length: WRITERS }, (_, writer) => record(clients[writer % 2] as Client, writer)),
        );
        await replicas[2]?.end('SIGKILL');
        await originOf(start({ PORT: String(ports[2]) }));
        await writing;

        const ids = await listIds(last);
        expect(ids).toHaveLength(MOVEMENTS);
        await until(() => listeners.every((listener) => listener.ids.length >= ids.length), CATCH_UP_MS);
        await Promise.all(listeners.map((listener) => listener.end()));
        for (const listener of listeners) expect(listener.ids).toEqual(ids);
        const connections = listeners.reduce((sum, listener) => sum + listener.connections, 0);
        expect(connections).toBeGreaterThan(LISTENERS * 3);
      },
      PATIENCE_MS,
    );

    it('comes through nginx as it is sent, with its heartbeats', async () => {
      const [first, second] = await Promise.all([start(), start()].map(async (program) => program.ready));
      const balancer = await LoadBalancer.start({
        REPLICA_1: String(first?.host),
        REPLICA_2: String(second?.host),
      });
      try {
        const { accessToken } = await logIn(balancer.origin);
        const admin = new Client(balancer.origin, accessToken);
        const reader = await EventReader.open(streamOf(balancer.origin), accessToken, {
          'Accept-Encoding': 'gzip',
        });
        expect(reader.headers.get('content-encoding')).toBeNull();
        for (let count = 1; count <= 5; count++) {
          await admin.post('/stock/1/movements', { delta: 1, reason: 'delivery' }).expect(201);
          // Before anything else is sent.
          await until(() => reader.events.length === count, 2_000);
        }
        await until(() => reader.comments.length > 0, HEARTBEAT_MS);
        await reader.close();
      } finally {
        await balancer.stop();
      }
    });
  });

  /** Movements of an item of the writer's own and of one that all of them change, alone and in batches. */
  async function record(client: Client, writer: number): Promise<void> {
    const own = { item_id: writer + 1, delta: 1, reason: 'delivery' };
    for (let count = 0; count < MOVEMENTS / WRITERS; count += BATCH) {
      const shared = { ...own, item_id: 1 };
      await send(client, '/stock/1/movements', { delta: 1, reason: 'delivery' });
      const batch = Array.from({ length: BATCH - 1 }, (_, index) => (index % 2 ? own : shared));
      await send(client, '/stock/movements/batch', { movements: batch });
    }
  }

  /**
   * Until it is done: on a slow machine some wait for the same item for longer than a lock is waited for, and connections that rest
   * are closed before this program sees it.
   */
  async function send(client: Client, path: string, body: object): Promise<void> {
    const key = randomUUID();
    for (;;) {
      const { status } = await client
        .post(path, body)
        .set('Idempotency-Key', key)
        .catch((error: unknown) => {
          if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error;
          return { status: 503 };
        });
      if (status === 201) return;
      expect(status).toBe(503);
    }
  }
});

/** The same token, which runs out in two seconds. */
function expiringSoon(token: string): string {
  const jwt = new JwtService({ secret: SECRET_KEY });
  const claims: Record<string, unknown> = jwt.verify(token);
  return jwt.sign({ ...claims, exp: Math.floor(Date.now() / 1000) + 2 });
}

function residentMegabytes({ pid }: Program): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024);
}
