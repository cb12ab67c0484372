import { Agent, request } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '../support/client.js';
import { Program } from '../support/program.js';
import { RawConnection } from '../support/raw-connection.js';
import { PASSWORD } from '../support/shop.js';
import { createTemporaryDatabase, type TemporaryDatabase } from '../support/temporary-database.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';
import { until } from '../support/until.js';

const CONNECTIONS = 50;
/** Between the requests of a connection, in milliseconds: 500 requests a second of all. */
const INTERVAL = 100;
const IDLE_CONNECTIONS = 20;
/** Answers before the end begins. */
const ANSWERS = 1_000;
/** What a supervisor grants before it kills, in milliseconds. */
const TIMEOUT_MS = 5_000;

describe('A program that is asked to end under load', () => {
  let folder: string;
  let database: TemporaryDatabase;

  beforeAll(async () => {
    folder = await createTemporaryFolder();
    database = await createTemporaryDatabase();
  });

  afterAll(async () => {
    RawConnection.closeAll();
    await Program.endAll();
    await database.drop();
  });

  it('says so, answers whatever it has taken, closes in good order and ends with 0', async () => {
    const { SECRET_KEY = '' } = process.env;
    const program = new Program(folder, {
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      SECRET_KEY,
      DATABASE_URL: database.url,
      RATE_LIMIT_ENABLED: 'false',
      SEED_ADMIN: 'true',
      ADMIN_PASSWORD: PASSWORD,
      SEED_MOCK_DATA: 'true',
    });
    const { origin } = await program.ready;
    const { accessToken = '' } = await new Client(origin).login('admin', PASSWORD);
    const headers = `Host: shop.example\r\nAuthorization: Bearer ${accessToken}\r\n`;
    const idle = await RawConnection.manyTo(origin, IDLE_CONNECTIONS);
    for (const connection of idle) connection.send(`GET /api/v1/items/1 HTTP/1.1\r\n${headers}\r\n`);
    await until(() => idle.every(({ statuses }) => statuses.length === 1));
    const count = JSON.stringify({ quantity: 7.5 });
    const halfSent = await RawConnection.to(origin);
    halfSent.send(
      `PATCH /api/v1/stock/32 HTTP/1.1\r\n${headers}Content-Type: application/json\r\n` +
        `Content-Length: ${count.length}\r\n\r\n${count.slice(0, 5)}`,
    );

    const loads = Array.from({ length: CONNECTIONS }, (_, index) => new Load(origin, accessToken, index));
    const answers = () => loads.reduce((sum, load) => sum + load.answers, 0);
    const begin = performance.now();
    const first = answers();
    await until(() => answers() >= first + ANSWERS);
    const rate = (answers() - first) / ((performance.now() - begin) / 1000);

    const start = performance.now();
    const ended = program.end('SIGTERM');
    await until(async () => (await fetch(`${origin}/health/ready`)).status === 503);
    // A load balancer that has not asked yet sends requests still, on new connections, too.
    const said = answers();
    await new Client(origin, accessToken).get('/items/1').expect(200);
    await until(() => answers() >= said + CONNECTIONS);
    await until(() =>
      fetch(origin).then(
        () => false,
        () => true,
      ),
    );
    halfSent.send(
      `${count.slice(5)}PATCH /api/v1/stock/31 HTTP/1.1\r\n${headers}Content-Type: application/json\r\n` +
        `Content-Length: ${count.length}\r\n\r\n${count}`,
    );

    const code = await Promise.race([ended, sleep(TIMEOUT_MS - (performance.now() - start), 'too late')]);
    const duration = performance.now() - start;
    await Promise.all(loads.map(({ ended }) => ended));
    expect(loads.flatMap(({ failures }) => failures)).toEqual([]);
    expect(halfSent.statuses).toEqual([200]);
    expect(halfSent.received).toMatch(/^connection: close\r$/im);
    expect(halfSent.received).toContain('"quantity":7.5');
    // The one behind it had no answer, and has not happened: its client sends it again elsewhere.
    const next = new Program(folder, { SECRET_KEY, DATABASE_URL: database.url });
    const { body: stock } = await new Client((await next.ready).origin, accessToken)
      .get('/stock/31')
      .expect(200);
    expect(stock.quantity).not.toBe(7.5);
    // Nothing was on its way there.
    expect(idle.map(({ statuses }) => statuses)).toEqual(idle.map(() => [200]));
    expect(code).toBe(0);
    process.stdout.write(
      `| SIGTERM at ${Math.round(rate)} requests/s | ${answers()} requests answered, 0 lost | ` +
        `ended with 0 after ${Math.round(duration)} ms |\n`,
    );
  });
});

/** Sends a request at a time on a connection that stays open, until the program lets it go and takes no new one. */
class Load {
  answers = 0;
  readonly failures: string[] = [];
  /** Done when the program takes no connection any more. */
  readonly ended: Promise<void>;
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 1 });
  private readonly known = new Set<Socket>();
  private isAnnounced = false;
  private isOver = false;

  constructor(
    private readonly origin: string,
    private readonly accessToken: string,
    index: number,
  ) {
    this.ended = this.work(index);
  }

  private async work(index: number): Promise<void> {
    let next = performance.now() + (index / CONNECTIONS) * INTERVAL;
    while (!this.isOver) {
      await sleep(Math.max(0, next - performance.now()));
      next += INTERVAL;
      await (this.answers % 10 === 0
        ? this.send('PATCH', `/stock/${(index % 30) + 1}`, JSON.stringify({ quantity: this.answers }))
        : this.send('GET', `/items/${(index % 30) + 1}`));
    }
    this.agent.destroy();
  }

  private send(method: string, path: string, body?: string): Promise<void> {
    return new Promise((resolve) => {
      const sent = request(`${this.origin}/api/v1${path}`, {
        method,
        agent: this.agent,
        headers: {
          Authorization: `Bearer ${this.accessToken}`,
          ...(body && { 'Content-Type': 'application/json' }),
        },
      });
      sent.on('socket', (socket) => {
        this.watch(socket);
      });
      sent.on('response', (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => (text += part));
        response.on('close', () => {
          if (response.statusCode === 200 && response.complete && text.endsWith('}')) this.answers++;
          else this.fail(`${method} ${path}: ${response.statusCode} ${text}`);
          this.isAnnounced = response.headers.connection === 'close';
          resolve();
        });
      });
      sent.on('error', (error: NodeJS.ErrnoException) => {
        // Never taken: the client asks elsewhere.
        if (error.code !== 'ECONNREFUSED') this.fail(`${method} ${path}: ${error.message}`);
        this.isOver = true;
        resolve();
      });
      sent.end(body);
    });
  }

  private watch(socket: Socket): void {
    if (this.known.has(socket)) return;
    this.known.add(socket);
    this.isAnnounced = false;
    socket.once('connect', () => {
      socket.once('close', () => {
        if (!this.isAnnounced && !this.isOver) this.fail('A connection was closed without a word');
      });
    });
  }

  private fail(what: string): void {
    this.failures.push(what);
    this.isOver = true;
  }
}
