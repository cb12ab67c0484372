import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { Database } from '../src/platform/database/database.js';
import { startApp } from './support/app.js';
import { Client } from './support/client.js';
import { Program } from './support/program.js';
import { ADMIN } from './support/shop.js';
import { createTemporaryDatabase, type TemporaryDatabase } from './support/temporary-database.js';
import { createTemporaryFolder } from './support/temporary-folder.js';

const ITEMS = 100_000;
/** Of a description. */
const CHARACTERS = 500;
/** V8 collects garbage as late as it may, so it may not have much: as much as Node.js 20 has, for Node.js 24 takes more. */
const NODE_OPTIONS = '--max-old-space-size=96 --max-semi-space-size=16';
const MAX_MEGABYTES = 60;
/** How many items one statement adds. */
const PART = 10_000;

describe(`An export of ${ITEMS} items`, () => {
  let database: TemporaryDatabase;
  let program: Program;
  let client: Client;

  beforeAll(async () => {
    database = await createTemporaryDatabase();
    const { app } = await startApp(database, { SEED_MOCK_DATA: 'false' });
    await app.get(Database).write`
      insert into categories (name, name_key, created_by, updated_by, created_at, updated_at)
      values ('Tea', 'tea', 1, 1, '', '')`;
    // In parts: a statement has six seconds, also on slow machines.
    for (let first = 1; first <= ITEMS; first += PART) {
      await app.get(Database).write`
        with recursive numbers (n) as (select ${first} + 0 union all select n + 1 from numbers where n < ${first + PART - 1})
        insert into items (category_id, name, name_key, search_key, description, unit_price, unit_type, tax_rate, discount_rate, created_by,
          updated_by, created_at, updated_at)
        select 1, 'Tea ' || n, 'tea ' || (1000000 + n), '', ${'x'.repeat(CHARACTERS)}, n, 'cup', 0, 0, 1, 1, '', '' from numbers`;
    }
    await app.close();
    program = new Program(await createTemporaryFolder(), {
      DATABASE_URL: database.url,
      SEED_MOCK_DATA: 'false',
      NODE_OPTIONS,
    });
    client = await new Client((await program.ready).origin).login(ADMIN.username, ADMIN.password);
  });

  afterAll(async () => {
    await Program.endAll();
    await database.drop();
  });

  it.each(['identity', 'gzip'])(`takes less than ${MAX_MEGABYTES} MB of memory: %s`, async (coding) => {
    await client.get('/items/export?sku=none').expect(200);
    const before = residentMegabytes();
    let peak = before;
    const sampling = setInterval(() => (peak = Math.max(peak, residentMegabytes())), 20);
    const bytes = await download(coding);
    clearInterval(sampling);
    expect(bytes).toBeGreaterThan(coding === 'gzip' ? ITEMS : ITEMS * CHARACTERS);
    expect(peak - before).toBeLessThan(MAX_MEGABYTES);
  });

  /** Returns how many bytes came. */
  async function download(coding: string): Promise<number> {
    const headers = { Authorization: `Bearer ${client.accessToken}`, 'Accept-Encoding': coding };
    const request = get(`${client.url}/api/v1/items/export`, { headers });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(200);
    let bytes = 0;
    for await (const chunk of response) bytes += (chunk as Buffer).length;
    return bytes;
  }

  function residentMegabytes(): number {
    const status = readFileSync(`/proc/${program.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
  }
});
