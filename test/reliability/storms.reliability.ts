import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { parseDatabaseUrl } from '../../src/platform/config/database-url.js';
import { writerOptions } from '../../src/platform/database/data-source-options.js';
import { Client } from '../support/client.js';
import { Program } from '../support/program.js';
import { RawConnection } from '../support/raw-connection.js';
import { ADMIN } from '../support/shop.js';
import { createTemporaryDatabase, type TemporaryDatabase } from '../support/temporary-database.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';
import { until } from '../support/until.js';
import { Workload } from '../support/workload.js';

const CLERKS = 4;
/** Of honest clients, while a storm goes on. */
const WRITES = 20;
/** Of a client that sends something now and then, in milliseconds: often, beside the limits below. */
const DRIP = 100;
const MEGABYTES = 5_000_000;

describe('A storm', () => {
  let folder: string;
  let database: TemporaryDatabase;
  let origin: string;
  let token: string;

  beforeAll(async () => {
    folder = await createTemporaryFolder();
    database = await createTemporaryDatabase();
    // Long enough for honest clients on a machine that the storm takes for itself.
    origin = await start({ REQUEST_TIMEOUT_SECONDS: '3' });
    token = (await new Client(origin).login(ADMIN.username, ADMIN.password)).accessToken ?? '';
  });

  afterEach(() => {
    RawConnection.closeAll();
  });

  afterAll(async () => {
    await Program.endAll();
    await database.drop();
  });

  describe('of connections', () => {
    it('that send a byte of their headers now and then: 408', async () => {
      const connections = await RawConnection.manyTo(origin, 200);
      await besideHonestWork(async () => {
        for (const connection of connections) {
          connection.send('GET /api/v1/items HTTP/1.1\r\nHost: shop.example\r\nX-Slow: ');
          connection.drip('z'.repeat(1_000), DRIP);
        }
        expect(await statusesOf(connections)).toEqual(connections.map(() => [408]));
      });
    });

    it('that never send anything: 408', async () => {
      const connections = await RawConnection.manyTo(origin, 500);
      await besideHonestWork(async () => {
        expect(await statusesOf(connections)).toEqual(connections.map(() => [408]));
      });
    });

    it('that idle after an answer: they stay, and are served again', async () => {
      const connections = await RawConnection.manyTo(origin, 500);
      const get = async (answers: number) => {
        for (const connection of connections) connection.send(requestFor('/items/1'));
        await until(() => connections.every(({ statuses }) => statuses.length === answers));
      };
      await get(1);
      await besideHonestWork(() => Promise.resolve());
      await get(2);
      expect(connections.map(({ isOpen, statuses }) => [isOpen, ...statuses])).toEqual(
        connections.map(() => [true, 200, 200]),
      );
      for (const connection of connections) connection.close();
    });

    it.each([
      ['half a body', 'Content-Length: 1000', '{"name": "'],
      ['half of a body in chunks', 'Transfer-Encoding: chunked', 'a\r\n{"name": "\r\n'],
    ])('that send %s and no more, or a byte now and then: 408', async (_, length, half) => {
      const connections = await RawConnection.manyTo(origin, 100);
      await besideHonestWork(async () => {
        for (const [index, connection] of connections.entries()) {
          connection.send(requestFor('/categories', 'POST', length) + half);
          if (index % 2 === 0) connection.drip('1\r\nx\r\n'.repeat(150), DRIP);
        }
        expect(await statusesOf(connections)).toEqual(connections.map(() => [408]));
      });
    });

    it('that ask without end and never read an answer: closed', async () => {
      const connections = await RawConnection.manyTo(origin, 20);
      await besideHonestWork(async () => {
        for (const connection of connections) {
          connection.stopReading();
          // More than the buffers on the way take: the program, which stops reading as well, leaves some of it unread.
          connection.send(requestFor('/items').repeat(20_000));
        }
        await Promise.all(connections.map(({ closed }) => closed));
      });
    });

    it('that wait for an answer longer than a silent one may stay: answered', async () => {
      const impatient = await start({ REQUEST_TIMEOUT_SECONDS: '1' });
      const other = await new DataSource(writerOptions(parseDatabaseUrl(database.url))).initialize();
      const writer = other.createQueryRunner();
      await writer.startTransaction();
      await writer.query('update categories set version = version');
      const connection = await RawConnection.to(impatient);
      connection.send(`${requestFor('/categories/1', 'PATCH', 'Content-Length: 2')}{}`);
      await sleep(3_500);
      expect(connection.statuses).toEqual([]);
      await writer.rollbackTransaction();
      await until(() => connection.statuses.length > 0 || !connection.isOpen);
      expect(connection.statuses).toEqual([200]);
      await other.destroy();
    });

    it('above the limit: closed at once, and served when there is room again', async () => {
      const small = await start({ MAX_CONNECTIONS: '20' });
      const connections = await RawConnection.manyTo(small, 50);
      await until(() => connections.filter(({ isOpen }) => isOpen).length === 20);
      for (const connection of connections.filter(({ isOpen }) => isOpen)) {
        connection.send(requestFor('/items/1'));
        await until(() => connection.statuses.length === 1);
        expect(connection.statuses).toEqual([200]);
        connection.close();
      }
      await until(() =>
        fetch(`${small}/health/ready`).then(
          ({ ok }) => ok,
          () => false,
        ),
      );
    });
  });

  describe('of requests', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    const listOf = (length: number) => `[${'0,'.repeat(length - 1)}0]`;
    const large = `{"name": "${'x'.repeat(MEGABYTES)}"}`;

    it.each([
      ['bodies of 5 MB', large, 413],
      ['lists of a million elements', listOf(1_000_000), 413],
      ['lists of 100,000 elements', listOf(100_000), 422],
      ['JSON that is 100,000 levels deep', deep, 422],
    ])('with %s, of known length or in chunks', async (_, body, status) => {
      const connections = await RawConnection.manyTo(origin, 20);
      await besideHonestWork(async () => {
        for (const [index, connection] of connections.entries()) {
          connection.send(
            index % 2 === 0
              ? `${requestFor('/categories', 'POST', `Content-Length: ${body.length}`)}${body}`
              : `${requestFor('/categories', 'POST', 'Transfer-Encoding: chunked')}${inChunks(body)}`,
          );
        }
        await until(() => connections.every(({ statuses }) => statuses.length > 0));
        expect(connections.map(({ statuses }) => statuses)).toEqual(connections.map(() => [status]));
      });
    });

    it('with bodies of 5 MB: 413 to every client that sends all of it before it reads', async () => {
      await besideHonestWork(async () => {
        for (let time = 1; time <= 30; time++) {
          const headers = { 'Content-Type': 'application/json' };
          const response = await fetch(`${origin}/api/v1/categories`, {
            method: 'POST',
            headers,
            body: large,
          });
          expect(response.status).toBe(413);
          await response.text();
        }
      });
    });

    it('with headers of 100 KB: 431', async () => {
      const connections = await RawConnection.manyTo(origin, 50);
      await besideHonestWork(async () => {
        for (const connection of connections) {
          connection.send(requestFor('/items', 'GET', `X-Large: ${'x'.repeat(100_000)}`));
        }
        expect(await statusesOf(connections)).toEqual(connections.map(() => [431]));
      });
    });

    it('of which 1,000 come at once on a connection: answered in their order', async () => {
      const connections = await RawConnection.manyTo(origin, 5);
      const ids = Array.from({ length: 1_000 }, (_, index) => `request-${index}`);
      await besideHonestWork(async () => {
        for (const connection of connections) {
          connection.send(ids.map((id) => requestFor('/items/1', 'GET', `X-Request-Id: ${id}`)).join(''));
          connection.send(requestFor('/items/1', 'GET', 'Connection: close'));
        }
        expect(await statusesOf(connections)).toEqual(connections.map(() => [...ids, 'last'].map(() => 200)));
        for (const { received } of connections) {
          const answered = [...received.matchAll(/^x-request-id: (request-\d+)\r$/gim)].map(([, id]) => id);
          expect(answered).toEqual(ids);
        }
      });
    });
  });

  async function start(environment: Record<string, string>): Promise<string> {
    const { SECRET_KEY = '' } = process.env;
    const program = new Program(folder, {
      SECRET_KEY,
      DATABASE_URL: database.url,
      RATE_LIMIT_ENABLED: 'false',
      ...environment,
    });
    return (await program.ready).origin;
  }

  /** The headers of a request on a connection that stays open. */
  function requestFor(path: string, method = 'GET', header = 'Accept: */*'): string {
    return (
      `${method} /api/v1${path} HTTP/1.1\r\nHost: shop.example\r\nAuthorization: Bearer ${token}\r\n` +
      `Content-Type: application/json\r\n${header}\r\n\r\n`
    );
  }

  /** Clerks go about their work while the storm is on, and nothing of it fails or gets lost. */
  async function besideHonestWork(storm: () => Promise<void>): Promise<void> {
    const itemIds = Array.from({ length: CLERKS }, (_, index) => index + 1);
    const workload = new Workload([origin], token, itemIds);
    try {
      await Promise.all([storm(), workload.goOn(WRITES)]);
    } finally {
      await workload.stop();
    }
    expect(workload.failures).toEqual([]);
    expect(await workload.losses(origin)).toEqual([]);
  }
});

/** What each was answered until the program closed it. */
async function statusesOf(connections: RawConnection[]): Promise<number[][]> {
  await Promise.all(connections.map(({ closed }) => closed));
  return connections.map(({ statuses }) => statuses);
}

function inChunks(body: string): string {
  const chunks = body.match(/.{1,65536}/gs) ?? [];
  return `${chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('')}0\r\n\r\n`;
}
