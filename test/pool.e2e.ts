import { setTimeout as sleep } from 'node:timers/promises';
import { Client as Postgres } from 'pg';
import { Role } from '../src/platform/authorization/role.js';
import { POOL_SIZE } from '../src/platform/database/data-source-options.js';
import { createStock } from './support/catalogue.js';
import { describeOnPostgres } from './support/engines.js';
import { Shop } from './support/shop.js';

/** Longer than a new connection may take, shorter than a statement may wait for a lock. */
const STALL_MS = 4_000;

describeOnPostgres('A PostgreSQL server that stalls (with TEST_DATABASE_URL)', () => {
  let shop: Shop;

  beforeAll(async () => {
    shop = await Shop.open();
  });

  afterAll(() => shop.close());

  it(`for ${STALL_MS / 1000} s fails no request, though the connections of the pool are all in use`, async () => {
    const employee = shop.as(Role.Employee);
    const { item_id } = await createStock(employee, { quantity: 0 });
    const other = new Postgres({ connectionString: shop.databaseUrl });
    await other.connect();
    await other.query('begin');
    await other.query('lock table stock_entries in access exclusive mode');
    const deliveries = Promise.all(
      Array.from({ length: 4 * POOL_SIZE }, () =>
        employee.post(`/stock/${item_id}/movements`, { delta: 1, reason: 'delivery' }),
      ),
    );
    await sleep(STALL_MS);
    await other.query('commit');
    await other.end();
    expect((await deliveries).map(({ status }) => status)).toEqual(Array(4 * POOL_SIZE).fill(201));
    const { body } = await employee.get(`/stock/${item_id}`).expect(200);
    expect(body.quantity).toBe(4 * POOL_SIZE);
  });
});
