import { setTimeout as sleep } from 'node:timers/promises';
import { Client as Postgres, type Pool } from 'pg';
import { DataSource } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import { Role } from '../src/platform/authorization/role.js';
import { POOL_SIZE } from '../src/platform/database/data-source-options.js';
import { RESPONSE_TIMEOUT_MS } from '../src/platform/database/postgres-connection.js';
import { createStock } from './support/catalogue.js';
import { describeOnPostgres } from './support/engines.js';
import { Shop } from './support/shop.js';
import { until } from './support/until.js';

/** Longer than a new connection may take, shorter than a statement may wait for a lock. */
const STALL_MS = 4_000;

describeOnPostgres('A pool of connections (with TEST_DATABASE_URL)', () => {
  let shop: Shop;

  beforeAll(async () => {
    shop = await Shop.open();
  });

  afterAll(() => shop.close());

  /** @returns a connection; the table stays locked until its end */
  async function lockStock(): Promise<Postgres> {
    const other = new Postgres({ connectionString: shop.databaseUrl });
    await other.connect();
    await other.query('begin');
    await other.query('lock table stock_entries in access exclusive mode');
    return other;
  }

  it(`fails no request when the server stalls for ${STALL_MS / 1000} s, though all connections are in use`, async () => {
    const employee = shop.as(Role.Employee);
    const { item_id } = await createStock(employee, { quantity: 0 });
    const other = await lockStock();
    const deliveries = Promise.all(
      Array.from({ length: 4 * POOL_SIZE }, () =>
        employee.post(`/stock/${item_id}/movements`, { delta: 1, reason: 'delivery' }),
      ),
    );
    await sleep(STALL_MS);
    await other.end();
    expect((await deliveries).map(({ status }) => status)).toEqual(Array(4 * POOL_SIZE).fill(201));
    const { body } = await employee.get(`/stock/${item_id}`).expect(200);
    expect(body.quantity).toBe(4 * POOL_SIZE);
  });

  it('fails no request when it is the program that stands still, for longer than a response is waited for', async () => {
    const employee = shop.as(Role.Employee);
    // An item each: what waits for another's lock on an item is given up by the server.
    const stocks = await Promise.all(
      Array.from({ length: 4 * POOL_SIZE }, () => createStock(employee, { quantity: 0 })),
    );
    const pool = (shop.app.get(DataSource).driver as PostgresDriver).master as Pool;
    const other = await lockStock();
    const deliveries = Promise.all(
      stocks.map(({ item_id }) =>
        employee.post(`/stock/${item_id}/movements`, { delta: 1, reason: 'delivery' }),
      ),
    );
    await until(() => pool.waitingCount > 0);
    await other.end();
    const end = performance.now() + RESPONSE_TIMEOUT_MS + 500;
    while (performance.now() < end);
    expect((await deliveries).map(({ status }) => status)).toEqual(stocks.map(() => 201));
  });
});
