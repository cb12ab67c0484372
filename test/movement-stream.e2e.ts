import { setTimeout as sleep } from 'node:timers/promises';
import { Client as Postgres } from 'pg';
import { DataSource } from 'typeorm';
import { Role } from '../src/platform/authorization/role.js';
import { createAccount } from './support/accounts.js';
import { createItem, createStock } from './support/catalogue.js';
import type { Client } from './support/client.js';
import { describeOnPostgres } from './support/engines.js';
import { EventReader } from './support/event-reader.js';
import { Shop } from './support/shop.js';

/** Longer than the program waits before it looks at the ledger again. */
const A_WHILE_MS = 400;

describe('GET /stock/stream', () => {
  let shop: Shop;
  let employee: Client;
  let itemId: number;
  const readers: EventReader[] = [];

  beforeAll(async () => {
    shop = await Shop.open();
    employee = shop.as(Role.Employee);
    itemId = (await createItem(employee)).id;
    await createStock(employee, { item_id: itemId, quantity: 1_000 });
  });

  afterEach(async () => {
    await Promise.all(readers.splice(0).map((reader) => reader.close()));
  });

  afterAll(() => shop.close());

  async function listen(query = '', headers: Record<string, string> = {}): Promise<EventReader> {
    const reader = await EventReader.open(
      `${shop.url}/api/v1/stock/stream${query}`,
      employee.accessToken,
      headers,
    );
    readers.push(reader);
    return reader;
  }

  async function sell(): Promise<{ id: number }> {
    return (await employee.post(`/stock/${itemId}/movements`, { delta: -1, reason: 'sale' }).expect(201))
      .body;
  }

  it('sends each movement from now on, as GET /stock/movements/{id} has it', async () => {
    await sell();
    const reader = await listen();
    const { headers } = reader;
    expect(headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-accel-buffering')).toBe('no');
    const sold = [await sell(), await sell()];
    await reader.atLeast(2);
    expect(reader.events).toEqual(sold.map((movement) => ({ id: movement.id, data: movement })));
  });

  it('continues after the last event, from the header or the query', async () => {
    const [first, second, third] = [await sell(), await sell(), await sell()];
    for (const reader of [
      await listen(`?after=${first.id}`),
      await listen('', { 'Last-Event-ID': `${first.id}` }),
      await listen('?after=1', { 'Last-Event-ID': `${first.id}` }),
    ]) {
      await reader.atLeast(2);
      expect(reader.ids).toEqual([second.id, third.id]);
    }
  });

  it('sends everything from the beginning, and goes on with what comes meanwhile, each once', async () => {
    for (let count = 0; count < 20; count++) await sell();
    const reader = await listen('?after=0');
    const last = await sell();
    await reader.atLeast(last.id);
    await sleep(A_WHILE_MS);
    expect(reader.ids).toEqual(Array.from({ length: last.id }, (_, index) => index + 1));
  });

  it.each([
    ['?after=-1', {}, ['query', 'after']],
    ['?after=one', {}, ['query', 'after']],
    ['', { 'Last-Event-ID': 'one' }, ['header', 'Last-Event-ID']],
  ])('refuses %s %j', async (query, headers, loc) => {
    const { body } = await employee.get(`/stock/stream${query}`).set(headers).expect(422);
    expect(body.detail[0].loc).toEqual(loc);
  });

  it('takes an empty Last-Event-ID as none', async () => {
    const reader = await listen('', { 'Last-Event-ID': '' });
    const sold = await sell();
    await reader.atLeast(1);
    expect(reader.ids).toEqual([sold.id]);
  });

  it('counts who listens, and forgets who has left', async () => {
    const count = async () =>
      /^movement_streams (\d+)$/m.exec(await (await fetch(`${shop.url}/metrics`)).text())?.[1];
    const [one] = [await listen(), await listen()];
    expect(await count()).toBe('2');
    await one.close();
    await sleep(A_WHILE_MS);
    expect(await count()).toBe('1');
  });

  it('ends when the program does', async () => {
    const other = await Shop.open();
    const { accessToken } = await createAccount(other).then(({ client }) => client);
    const reader = await EventReader.open(`${other.url}/api/v1/stock/stream`, accessToken);
    await Promise.all([other.close(), reader.ended]);
    expect(reader.ids).toEqual([]);
  });

  describeOnPostgres('with transactions that end in another order than their ids', () => {
    it('waits for none of another database', async () => {
      const other = new Postgres({ connectionString: process.env.TEST_DATABASE_URL });
      await other.connect();
      try {
        await other.query('begin');
        await other.query('select pg_current_xact_id()');
        const reader = await listen();
        await shop.app.get(DataSource).query(`select nextval('stock_movements_id_seq')`);
        const sold = await sell();
        await reader.atLeast(1);
        expect(reader.ids).toEqual([sold.id]);
        const { body } = await shop.as(Role.MarketOwner).get('/stock/ledger/verify').expect(200);
        expect(body).toMatchObject({ first_problem: null });
      } finally {
        await other.end();
      }
    });

    it.each(['commit', 'rollback'])('sends none before one with a lower id has ended: %s', async (ending) => {
      const before = await sell();
      const reader = await listen();
      const runner = shop.app.get(DataSource).createQueryRunner();
      try {
        await runner.query('begin');
        // As every movement does before it takes its id.
        await runner.query('update stock_entries set id = id where false');
        const [{ id }] = await runner.query(`select nextval('stock_movements_id_seq')::integer as id`);
        await runner.query(`
          insert into stock_movements select (jsonb_populate_record(movement, '{"id": ${id}}')).*
          from stock_movements movement where id = ${before.id}`);
        const after = await sell();
        await sleep(A_WHILE_MS);
        expect(reader.ids).toEqual([]);
        await runner.query(ending);
        await reader.atLeast(ending === 'commit' ? 2 : 1);
        await sleep(A_WHILE_MS);
        expect(reader.ids).toEqual(ending === 'commit' ? [id, after.id] : [after.id]);
      } finally {
        await runner.release();
      }
    });
  });
});
