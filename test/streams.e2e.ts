import { setImmediate as nextTurn } from 'node:timers/promises';
import { DatabaseUnavailable } from '../src/platform/database/database-unavailable.js';
import { Database } from '../src/platform/database/database.js';
import { BATCH } from '../src/platform/database/engine.js';
import type { RowStream } from '../src/platform/database/row-stream.js';
import { sql } from '../src/platform/database/sql.js';
import { onPostgres } from './support/engines.js';
import { Shop } from './support/shop.js';
import { until } from './support/until.js';

const NAMES = Array.from({ length: 2 * BATCH + 1 }, (_, number) => `Tea ${String(number).padStart(4, '0')}`);

describe('A stream', () => {
  let shop: Shop;
  let database: Database;
  /** How many streams run at a time. */
  let most: number;

  beforeAll(async () => {
    shop = await Shop.open();
    database = shop.app.get(Database);
    most = database.dialect.engine === 'sqlite' ? 16 : 5;
  });

  afterAll(() => shop.close());

  beforeEach(async () => {
    await database.write`delete from categories`;
    await database.write`
      with recursive numbers (n) as (select 10000 union all select n + 1 from numbers where n < ${9999 + NAMES.length})
      insert into categories (name, name_key, created_by, updated_by, created_at, updated_at)
      select 'Tea ' || substr(cast(n as text), 2), 'tea ' || n, 1, 1, '', '' from numbers`;
  });

  it('answers every row once, in order, in batches', async () => {
    const sizes: number[] = [];
    const names: string[] = [];
    for await (const batch of categories()) {
      sizes.push(batch.length);
      names.push(...batch.map(({ name }) => name));
    }
    expect(sizes).toEqual([BATCH, BATCH, 1]);
    expect(names).toEqual(NAMES);
  });

  it('answers nothing where there is nothing', async () => {
    expect(await namesOf(database.stream`select name from categories where name = ${'Coffee'}`)).toEqual([]);
  });

  it('takes conditions as a read does', async () => {
    const condition = sql`name > ${NAMES[3] ?? ''}`;
    const stream = database.stream<{ name: string }>`
      select name from categories where ${condition} and ${true} order by name_key`;
    expect(await namesOf(stream)).toEqual(NAMES.slice(4));
  });

  it('shows the rows as they were at its first one, whatever is written while it is read', async () => {
    const stream = categories();
    const { value: first = [] } = await stream.next();
    await database.write`delete from categories where name_key > 'tea 10002'`;
    await database.transaction(() => database.write`update categories set name = 'Coffee' || id`);
    const [counted] = await stream.read<{ count: number }>`
      select cast(count(*) as integer) as count from categories where name like ${'Tea%'}`;
    expect(counted?.count).toBe(NAMES.length);
    expect([...first.map(({ name }) => name), ...(await namesOf(stream))]).toEqual(NAMES);
    expect(await namesOf(categories())).toEqual([
      expect.stringContaining('Coffee'),
      expect.stringContaining('Coffee'),
      expect.stringContaining('Coffee'),
    ]);
  });

  it('shows the rows as they were at its first read, when that was of something else', async () => {
    const stream = categories();
    await stream.read`select 1 from users`;
    await database.write`delete from categories`;
    expect(await namesOf(stream)).toEqual(NAMES);
  });

  it('ends when its reader stops, and lets the next one begin', async () => {
    for (let time = 0; time < 2 * most; time++) {
      for await (const batch of categories()) {
        expect(batch).toHaveLength(BATCH);
        break;
      }
      const failing = (async () => {
        for await (const batch of categories()) throw new Error(`No more than ${batch.length}`);
      })();
      await expect(failing).rejects.toThrow(`No more than ${BATCH}`);
    }
    const stream = categories();
    await stream.next();
    await stream.return();
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    await expect(stream.read`select 1 from users`).rejects.toThrow();
  });

  it('takes nothing when nobody reads it', async () => {
    const streams = Array.from({ length: 2 * most }, categories);
    expect(await namesOf(categories())).toEqual(NAMES);
    for (const stream of streams) expect(await stream.return()).toMatchObject({ done: true });
  });

  it('waits for its turn when there are many, while others read and write', async () => {
    const streams = Array.from({ length: 3 * most }, categories);
    let begun = 0;
    const firsts = streams.map((stream) => stream.next().finally(() => begun++));
    await until(() => begun === most);
    await Promise.all(
      Array.from({ length: 30 }, () => database.read`select name from categories where name = 'Tea 0001'`),
    );
    await database.transaction(
      () => database.write`update categories set name = 'Coffee' where name = 'Tea 0001'`,
    );
    expect(begun).toBe(most);

    await streams[0]?.return();
    await until(() => begun === most + 1);
    for (const [index, stream] of streams.entries()) {
      await firsts[index];
      if (index > 0) expect(await namesOf(stream)).toHaveLength(NAMES.length - BATCH);
    }
  });

  it('may be given up while it waits', async () => {
    const running = Array.from({ length: most }, categories);
    await Promise.all(running.map((stream) => stream.next()));
    const waiting = categories();
    const first = waiting.next();
    await waiting.return();
    await expect(first).rejects.toThrow();
    await Promise.all(running.map((stream) => stream.return()));
    expect(await namesOf(categories())).toEqual(NAMES);
  });

  it('all end, when a hundred are read at once', async () => {
    const all = await Promise.all(Array.from({ length: 100 }, () => namesOf(categories())));
    expect(all.every((names) => names.length === NAMES.length)).toBe(true);
  });

  it('fails in the middle when the database does, and never comes to an end', async () => {
    const failure =
      database.dialect.engine === 'sqlite' ? sql`abs(-9223372036854775807 - 1)` : sql`1 / (id - id)`;
    for (let time = 0; time < 2 * most; time++) {
      const stream = database.stream<{ name: string }>`
        select name, case when name = ${NAMES[BATCH + 3] ?? ''} then ${failure} end as failure
        from categories order by name_key`;
      expect((await stream.next()).value).toHaveLength(BATCH);
      await expect(stream.next()).rejects.toThrow(/overflow|division by zero/);
    }
    await expect(namesOf(database.stream`select nothing from categories`)).rejects.toThrow(/nothing/);
    expect(await namesOf(categories())).toEqual(NAMES);
  });

  it('lets others read while its select takes long, on either engine', async () => {
    const order: string[] = [];
    const counted = database
      .fromSnapshot(
        (snapshot) => snapshot.read`
          with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < 2000000)
          select cast(count(*) as integer) as count from numbers`,
      )
      .finally(() => order.push('counted'));
    while (!order.includes('counted')) {
      await database.read`select 1 from users`;
      order.push('read');
      await nextTurn();
    }
    expect(await counted).toEqual([{ count: 2_000_000 }]);
    // Some are read before it begins.
    expect(order.length).toBeGreaterThan(200);
  });

  it('is no part of a transaction', async () => {
    await expect(database.transaction(() => namesOf(categories()))).rejects.toThrow('does not stream');
  });

  describe('that takes too long', () => {
    beforeEach(() => {
      jest.useFakeTimers({
        doNotFake: ['Date', 'nextTick', 'queueMicrotask', 'setImmediate', 'setInterval'],
      });
    });

    afterEach(() => {
      jest.useRealTimers();
    });

    it('fails, and lets those that wait begin', async () => {
      const slow = Array.from({ length: most }, categories);
      await Promise.all(slow.map((stream) => stream.next()));
      jest.advanceTimersByTime(119_000);
      const waiting = namesOf(categories());
      jest.advanceTimersByTime(1_000);
      expect(await waiting).toEqual(NAMES);
      for (const stream of slow) await expect(namesOf(stream)).rejects.toThrow(DatabaseUnavailable);
    });

    it('to begin fails', async () => {
      const slow = Array.from({ length: most }, categories);
      await Promise.all(slow.map((stream) => stream.next()));
      const waiting = namesOf(categories());
      jest.advanceTimersByTime(30_000);
      await expect(waiting).rejects.toThrow(DatabaseUnavailable);
      await Promise.all(slow.map((stream) => stream.return()));
    });
  });

  onPostgres('says that the database is not available when its connection is lost', async () => {
    const stream = categories();
    await stream.next();
    await database.read`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and query like 'fetch%'`;
    await expect(namesOf(stream)).rejects.toThrow(DatabaseUnavailable);
    expect(await namesOf(categories())).toEqual(NAMES);
  });

  function categories(): RowStream<{ name: string }> {
    return database.stream`select name from categories order by name_key`;
  }

  async function namesOf(stream: RowStream<{ name: string }>): Promise<string[]> {
    const names: string[] = [];
    for await (const batch of stream) names.push(...batch.map(({ name }) => name));
    return names;
  }
});
