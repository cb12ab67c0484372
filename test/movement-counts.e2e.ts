import { Client as Postgres } from 'pg';
import { MovementReason } from '../src/ledger/movement-reason.js';
import { Database } from '../src/platform/database/database.js';
import { Role } from '../src/platform/authorization/role.js';
import { createStock } from './support/catalogue.js';
import type { Client } from './support/client.js';
import { describeOnPostgres } from './support/engines.js';
import { Shop } from './support/shop.js';

/** More than are counted again each time. */
const MOVEMENTS = 12_000;

describe('The number of movements, in a large ledger', () => {
  let shop: Shop;
  let database: Database;
  let employee: Client;

  beforeAll(async () => {
    shop = await Shop.open();
    database = shop.app.get(Database);
    employee = shop.as(Role.Employee);
    await addMovements(MOVEMENTS, MovementReason.Sale);
    await addMovements(10, MovementReason.Waste);
  });

  afterEach(() => jest.restoreAllMocks());
  afterAll(() => shop.close());

  function addMovements(count: number, reason: MovementReason): Promise<unknown> {
    return database.write`
      with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ${count})
      insert into stock_movements (item_id, stock_entry_id, item_name, delta, quantity_before, quantity_after, reason, occurred_at,
        recorded_at, created_by, hash)
      select 900, 900, 'Tea', 1, 0, 1, cast(${reason} as varchar(20)), '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z', 1, ''
      from numbers`;
  }

  async function total(query = ''): Promise<number> {
    const { headers } = await employee.get(`/stock/movements?limit=1&sort=-occurred_at${query}`).expect(200);
    return Number(headers['x-total-count']);
  }

  it.each([
    ['all', '', 2],
    ['sales', '&reason=sale', 1],
    ['those since a time', '&from=2025-01-01T00:00:00Z', 2],
    ['sales since a time', '&reason=sale&from=2025-01-01T00:00:00Z', 1],
  ])('is counted once, and then only what came since: of %s', async (_, query, added) => {
    const before = await total(query);
    expect(before).toBeGreaterThanOrEqual(MOVEMENTS);
    const aside = jest.spyOn(database, 'fromSnapshot');
    const { item_id } = await createStock(employee, { quantity: 5 });
    await employee.post(`/stock/${item_id}/movements`, { delta: -1, reason: 'sale' }).expect(201);
    expect(await total(query)).toBe(before + added);
    expect(aside).not.toHaveBeenCalled();
  });

  it('is told of few that meet a condition, too', async () => {
    expect(await total('&reason=waste')).toBe(10);
    expect(await total('&reason=waste')).toBe(10);
    expect(await total('&reason=return')).toBe(0);
  });

  describeOnPostgres('when a transaction commits after later ones', () => {
    it('has its movements', async () => {
      const { item_id } = await createStock(employee, { quantity: 5 });
      const slow = new Postgres({ connectionString: shop.databaseUrl });
      await slow.connect();
      await slow.query('begin');
      await slow.query('update stock_entries set quantity = 6000 where item_id = $1', [item_id]);
      const { rows } = await slow.query<{ id: number }>(
        `select nextval(pg_get_serial_sequence('stock_movements', 'id'))::int as id`,
      );
      const id = Number(rows[0]?.id);
      await slow.query(
        `insert into stock_movements (id, item_id, stock_entry_id, item_name, delta, quantity_before, quantity_after, reason,
          occurred_at, recorded_at, created_by, hash)
        values ($1, 901, 901, 'Tea', 1, 0, 1, 'return', '', '', 1, '')`,
        [id],
      );
      await addMovements(MOVEMENTS, MovementReason.Return);
      expect(await total('&reason=return')).toBe(MOVEMENTS);
      await slow.query('commit');
      await slow.end();
      expect(await total('&reason=return')).toBe(MOVEMENTS + 1);
    });
  });
});
