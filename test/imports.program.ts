import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ItemImportJobResponse } from '../src/exchange/dto/item-import-job-response.dto.js';
import { Client } from './support/client.js';
import { startCommand } from './support/command.js';
import { Program } from './support/program.js';
import { ADMIN } from './support/shop.js';
import { createTemporaryDatabase, type TemporaryDatabase } from './support/temporary-database.js';
import { createTemporaryFolder } from './support/temporary-folder.js';
import { until } from './support/until.js';

/** PostgreSQL, with a test server's disk, takes minutes for as many. */
const ITEMS = process.env.TEST_DATABASE_URL ? 20_000 : 100_000;
/** V8 collects garbage as late as it may, so it may not have much: as much as Node.js 20 has, for Node.js 24 takes more. */
const NODE_OPTIONS = '--max-old-space-size=96 --max-semi-space-size=16';
const MAX_MEGABYTES = 60;
/** How long it takes is measured elsewhere: docs/decisions/import.md. */
const TIMEOUT_MS = 330_000;

describe(`An import of ${ITEMS} rows`, () => {
  let database: TemporaryDatabase;
  let environment: Record<string, string>;
  let program: Program;
  let client: Client;

  beforeAll(async () => {
    database = await createTemporaryDatabase();
    environment = { DATABASE_URL: database.url, SEED_MOCK_DATA: 'false', NODE_OPTIONS };
    await start();
  });

  afterAll(async () => {
    await Program.endAll();
    await database.drop();
  });

  it(
    `takes less than ${MAX_MEGABYTES} MB of memory: all new, then all known`,
    async () => {
      for (const expected of [
        { created: ITEMS, unchanged: 0, counted: ITEMS },
        { created: 0, unchanged: ITEMS, counted: ITEMS },
      ]) {
        await client.get('/items?limit=1').expect(200);
        const before = residentMegabytes();
        let peak = before;
        const sampling = setInterval(() => (peak = Math.max(peak, residentMegabytes())), 20);
        const job = await ended(await send(fileOf(ITEMS)));
        clearInterval(sampling);
        expect(job).toMatchObject({ status: 'succeeded', rows: ITEMS, result: expected });
        expect(peak - before).toBeLessThan(MAX_MEGABYTES);
      }
    },
    TIMEOUT_MS,
  );

  it('goes on when the program is killed in the middle, and happens once', async () => {
    const id = await send(fileOf(20_000, 'Again'));
    await until(async () => (await find(id)).checked_rows > 0);
    await program.end('SIGKILL');
    await start();
    const job = await ended(id);
    expect(job).toMatchObject({ status: 'succeeded', result: { created: 20_000, counted: 20_000 } });
    const { body } = await client
      .get('/items?limit=1')
      .expect(200)
      .expect('x-total-count', String(ITEMS + 20_000));
    expect(body).toHaveLength(1);
  });

  it('is handed on at once by a program that stops', async () => {
    const id = await send(fileOf(20_000, 'More'));
    await until(async () => (await find(id)).checked_rows > 0);
    expect(await program.end('SIGTERM')).toBe(0);
    await start();
    expect(await ended(id)).toMatchObject({ status: 'succeeded', result: { created: 20_000 } });
  });

  it('leaves a ledger that can be proved', async () => {
    await program.end();
    const { stdout, code } = await startCommand('ledger:verify', [], { DATABASE_URL: database.url }).ended;
    expect({ stdout, code }).toEqual({ stdout: expect.stringContaining('Valid'), code: 0 });
  });

  async function start(): Promise<void> {
    program = new Program(await createTemporaryFolder(), environment);
    client = await new Client((await program.ready).origin).login(ADMIN.username, ADMIN.password);
  }

  async function send(file: string): Promise<number> {
    const { body } = await client.post('/items/import').type('text/csv').send(file).expect(202);
    return body.id;
  }

  async function find(id: number): Promise<ItemImportJobResponse> {
    return (await client.get(`/items/imports/${id}`).expect(200)).body;
  }

  async function ended(id: number): Promise<ItemImportJobResponse> {
    for (;;) {
      const job = await find(id);
      if (job.finished_at !== null) return job;
      await sleep(100);
    }
  }

  function fileOf(rows: number, prefix = 'Tea'): string {
    const lines = Array.from(
      { length: rows },
      (_, n) => `${prefix}-${n},${prefix} of sort ${n},Shelf ${n % 50},Loose,${n / 100},cup,7,${n / 8}\r\n`,
    );
    return `sku,name,category,description,unit_price,unit_type,tax_rate,quantity\r\n${lines.join('')}`;
  }

  function residentMegabytes(): number {
    const status = readFileSync(`/proc/${program.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
  }
});
