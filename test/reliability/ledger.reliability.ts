import { Client } from '../support/client.js';
import { Program } from '../support/program.js';
import { ADMIN } from '../support/shop.js';
import { createTemporaryDatabase, type TemporaryDatabase } from '../support/temporary-database.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

/** A million (`LEDGER_MOVEMENTS=1000000`) take minutes: CI has the time for a part of them. */
const MOVEMENTS = Number(process.env.LEDGER_MOVEMENTS ?? (process.env.TEST_DATABASE_URL ? 16_000 : 200_000));
const BATCH = 100;
const CONNECTIONS = 4;
/** On each connection, up and then down again. */
const BATCHES = MOVEMENTS / BATCH / CONNECTIONS / 2;

jest.setTimeout(1_200_000);

describe('A ledger', () => {
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

  it(`has exactly nothing left after ${MOVEMENTS} times 0.001 up and down, and is sound`, async () => {
    const { SECRET_KEY = '' } = process.env;
    const settings = { SECRET_KEY, DATABASE_URL: database.url, RATE_LIMIT_ENABLED: 'false' };
    const { origin } = await new Program(folder, settings).ready;
    const { accessToken = '' } = await new Client(origin).login(ADMIN.username, ADMIN.password);
    const request = async (method: string, path: string, body?: object): Promise<unknown> => {
      const response = await fetch(`${origin}/api/v1${path}`, {
        method,
        headers: { Authorization: `Bearer ${accessToken}`, 'Content-Type': 'application/json' },
        body: body && JSON.stringify(body),
      });
      const text = await response.text();
      expect({ text: response.ok ? '' : text }).toEqual({ text: '' });
      return JSON.parse(text);
    };
    const start = performance.now();
    // Two connections share an item: what one adds lies between what the other does.
    const itemIds = Array.from({ length: CONNECTIONS }, (_, connection) => 1 + (connection % 2));
    for (const itemId of itemIds) await request('PATCH', `/stock/${itemId}`, { quantity: 0 });
    const { movements: before } = (await request('GET', '/stock/ledger/verify')) as { movements: number };
    const moveAll = (delta: number) =>
      Promise.all(
        itemIds.map(async (item_id) => {
          const movement = { item_id, delta, reason: 'correction' };
          const body = { movements: Array.from({ length: BATCH }, () => movement) };
          for (let batch = 0; batch < BATCHES; batch++) await request('POST', '/stock/movements/batch', body);
        }),
      );
    const quantities = (): Promise<unknown[]> =>
      Promise.all(
        [1, 2].map(async (itemId) => {
          const { quantity } = (await request('GET', `/stock/${itemId}`)) as { quantity: number };
          return quantity;
        }),
      );

    await moveAll(0.001);
    expect(await quantities()).toEqual([1, 2].map(() => MOVEMENTS / 2 / 2 / 1000));
    await moveAll(-0.001);
    expect(await quantities()).toEqual([0, 0]);
    const moved = performance.now();
    expect(await request('GET', '/stock/ledger/verify')).toMatchObject({
      is_valid: true,
      movements: before + MOVEMENTS,
    });
    process.stdout.write(
      `| 0.001 up and down on ${process.env.TEST_DATABASE_URL ? 'PostgreSQL' : 'SQLite'} | ${MOVEMENTS} movements ` +
        `in ${Math.round((moved - start) / 1000)} s, exactly 0 left | ` +
        `verified in ${Math.round((performance.now() - moved) / 100) / 10} s |\n`,
    );
  });
});
