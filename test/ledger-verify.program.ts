import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import BetterSqlite3 from 'better-sqlite3';
import { DataSource } from 'typeorm';
import { Role } from '../src/platform/authorization/role.js';
import { Database } from '../src/platform/database/database.js';
import { commaSeparated, identifier, sql, type SqlValue } from '../src/platform/database/sql.js';
import type { LedgerVerificationResponse } from '../src/ledger/dto/ledger-verification-response.dto.js';
import type { MovementResponse } from '../src/stock/dto/movement-response.dto.js';
import { movementHash } from '../src/ledger/movement-hash.js';
import { StockMovement } from '../src/ledger/stock-movement.entity.js';
import { StockEntry } from '../src/stock/stock-entry.entity.js';
import { createItem, createStock } from './support/catalogue.js';
import type { Client } from './support/client.js';
import { type Outcome, startCommand } from './support/command.js';
import { onSqlite } from './support/engines.js';
import { NO_INTEGER_IN_STRING, refusal } from './support/issues.js';
import { Shop } from './support/shop.js';
import { createTemporaryDatabase } from './support/temporary-database.js';
import { thousandths } from '../src/platform/validation/decimal.js';

const CHANGED =
  'Its hash is not that of its content and of the movement before it: it was changed, or the one before it is missing';
const NOTE = 'For the Saturday market';

describe('Verifying the ledger', () => {
  let shop: Shop;
  let database: Database;
  let owner: Client;
  let employee: Client;
  let days = 0;

  beforeAll(async () => {
    shop = await Shop.open();
    database = shop.app.get(Database);
    owner = shop.as(Role.MarketOwner);
    employee = shop.as(Role.Employee);
  });

  afterAll(() => shop.close());

  async function verify(query = ''): Promise<LedgerVerificationResponse> {
    return (await owner.get(`/stock/ledger/verify${query}`).expect(200)).body;
  }

  async function move(itemId: number, movement: object): Promise<MovementResponse> {
    return (await employee.post(`/stock/${itemId}/movements`, movement).expect(201)).body;
  }

  function movements(): Promise<StockMovement[]> {
    return database.read<StockMovement>`select * from stock_movements order by id`;
  }

  /** As the documentation says: SHA-256 over the hash so far and the next movement's, in hexadecimal. */
  async function headOf(count: number): Promise<string> {
    return (await movements()).slice(0, count).reduce(
      (head, { hash }) =>
        createHash('sha256')
          .update(head + hash)
          .digest('hex'),
      '',
    );
  }

  /** Of one item, each movement going on from the one before. */
  async function aDayOfApples(): Promise<MovementResponse[]> {
    const { id } = await createItem(employee, { name: 'Red Äpfel 🍎', sku: `FP-APPLE-${++days}` });
    await createStock(employee, { item_id: id, quantity: 14 });
    const delivered = await move(id, { delta: 30.125, reason: 'delivery', reference: 'INV-2026-0815' });
    const sold = await move(id, { delta: -1.5, reason: 'sale', note: NOTE });
    const undone = (await employee.post(`/stock/movements/${sold.id}/reverse`).expect(201)).body;
    const counted = await move(id, {
      counted_quantity: 40,
      reason: 'count',
      note: ' "\\\u2028\n\t\ud83e\udd6d',
    });
    return [delivered, sold, undone, counted];
  }

  /** Of others: taken out of stock, put there again, deleted, sold in one go. */
  async function aDayOfOthers(): Promise<void> {
    const [pears, plums, leeks] = [
      await createStock(employee, { quantity: 3 }),
      await createStock(employee, { quantity: 0 }),
      await createStock(employee, { quantity: 5 }),
    ];
    await employee.delete(`/stock/${pears.item_id}`).expect(204);
    await createStock(employee, { item_id: pears.item_id, quantity: 4 });
    await employee.patch(`/items/${pears.item_id}`, { name: 'Conference Pears', sku: null }).expect(200);
    await employee.patch(`/stock/${pears.item_id}`, { quantity: 3.999 }).expect(200);
    const batch = [
      { item_id: pears.item_id, delta: -0.001, reason: 'waste' },
      { item_id: plums.item_id, delta: 7, reason: 'delivery' },
      { item_id: pears.item_id, delta: -0.001, reason: 'waste' },
    ];
    await employee.post('/stock/movements/batch', { movements: batch }).expect(201);
    await employee.post('/stock/movements/batch', { movements: [{ ...batch[0], delta: -9 }] }).expect(409);
    await employee.delete(`/items/${leeks.item_id}`).expect(204);
    await aLateEvening(pears.item_id, leeks.item_id);
  }

  /** What was recorded late of an item that has been counted, and of one that is deleted by now. */
  async function aLateEvening(counted: number, deleted: number): Promise<void> {
    const opened = (id: number) =>
      movements().then((all) => all.find(({ item_id }) => item_id === id)?.occurred_at);
    const late = { delta: -1, reason: 'sale', on_shortfall: 'correct' };
    await move(counted, { ...late, occurred_at: await opened(counted) });
    await move(counted, { ...late, delta: -100 });
    const sale = await move(deleted, { ...late, occurred_at: await opened(deleted) });
    await employee.post(`/stock/movements/${sale.id}/reverse`).expect(201);
    const { body } = await employee.get(`/stock/${counted}/movements?reason=count`).expect(200);
    const count = (body as MovementResponse[]).find(({ counted_quantity }) => counted_quantity !== null);
    await employee.post(`/stock/movements/${count?.id}/reverse`).expect(201);
  }

  it('finds nothing in an empty one', async () => {
    expect(await verify()).toEqual({
      is_valid: true,
      movements: 0,
      items: 0,
      head_id: null,
      head_hash: null,
      problems: 0,
      first_problem: null,
    });
  });

  it('finds it sound after a day of all that is done to stock', async () => {
    await aDayOfApples();
    await aDayOfOthers();
    const all = await movements();
    expect(await verify()).toEqual({
      is_valid: true,
      movements: all.length,
      items: 4,
      head_id: all.at(-1)?.id,
      head_hash: await headOf(all.length),
      problems: 0,
      first_problem: null,
    });
  });

  it('answers the head as of an earlier movement, as it was then', async () => {
    await aDayOfApples();
    const noted = await verify();
    await aDayOfOthers();
    const now = await verify();
    expect(now.head_hash).not.toBe(noted.head_hash);
    expect(await verify(`?until_id=${noted.head_id}`)).toEqual({
      ...now,
      head_id: noted.head_id,
      head_hash: noted.head_hash,
    });
    const [first] = await movements();
    const [before, ofFirst, after] = await Promise.all([
      verify('?until_id=0'),
      verify(`?until_id=${first?.id}`),
      verify('?until_id=99999999999'),
    ]);
    expect([before, after]).toMatchObject([
      { head_id: null, head_hash: null },
      { head_id: null, head_hash: null },
    ]);
    expect(ofFirst).toMatchObject({ head_id: first?.id, head_hash: await headOf(1) });
    expect(await verify(`?until_id=${2 ** 31 - 1}`)).toEqual(now);
  });

  it('answers 422 to an until_id that is no integer', async () => {
    const { body } = await owner.get('/stock/ledger/verify?until_id=last').expect(422);
    expect(body).toEqual(refusal(NO_INTEGER_IN_STRING, 'query', 'until_id'));
  });

  it('is shared by those who ask at once, and sees what was there when they asked', async () => {
    const { item_id } = await createStock(employee, { quantity: 0 });
    await Promise.all(
      Array.from({ length: 20 }, async (_, count) => {
        const movement = await move(item_id, { delta: 1, reason: 'delivery' });
        const { is_valid, movements } = await verify(count % 2 ? `?until_id=${movement.id}` : '');
        expect(is_valid).toBe(true);
        expect(movements).toBeGreaterThanOrEqual((await countUpTo(movement.id)) as number);
      }),
    );

    async function countUpTo(id: number): Promise<number | undefined> {
      const [row] = await database.read<{ count: number }>`
        select count(*) as count from stock_movements where id <= ${id} and item_id = ${item_id}`;
      return row?.count;
    }
  });

  describe('by the command', () => {
    const run = (url: string, ...options: string[]): Promise<Outcome> =>
      startCommand('ledger:verify', options, { DATABASE_URL: url }).ended;

    it('says the same, while the program serves', async () => {
      await aDayOfApples();
      const { movements, items, head_id, head_hash } = await verify();
      expect(await run(shop.databaseUrl)).toEqual({
        code: 0,
        stderr: '',
        stdout:
          `${movements} movements of ${items} items\nHead ${head_id} ${head_hash}\n` +
          'Valid: every movement is unchanged, and the movements add up to the stock.\n',
      });
      const [first] = await database.read<StockMovement>`select * from stock_movements order by id limit 1`;
      const { stdout } = await run(shop.databaseUrl, '--until', `${first?.id}`);
      expect(stdout).toContain(`\nHead ${first?.id} ${await headOf(1)}\n`);
    });

    onSqlite('names the row of which one byte was changed in the file', async () => {
      const other = await Shop.open();
      const client = other.as(Role.Employee);
      const { item_id } = await createStock(client, { quantity: 9 });
      for (const note of ['before', NOTE, 'after']) {
        await client.post(`/stock/${item_id}/movements`, { delta: -1, reason: 'sale', note }).expect(201);
      }
      await other.app.close();
      const file = other.databaseUrl.slice('sqlite:///'.length);
      // What is in the write-ahead log yet.
      const connection = new BetterSqlite3(file);
      connection.pragma('wal_checkpoint(truncate)');
      connection.close();
      const bytes = await readFile(file);
      const place = bytes.indexOf(NOTE);
      bytes.writeUInt8(bytes.readUInt8(place) ^ 1, place);
      await writeFile(file, bytes);
      const outcome = await run(other.databaseUrl);
      await other.close();
      expect(outcome).toEqual({
        code: 1,
        stderr: '',
        stdout: expect.stringContaining(
          `Not valid: 1 problem at movement 3 of item ${item_id}: ${CHANGED}.\n`,
        ),
      });
    });

    it('refuses a database of another version or program, and changes nothing', async () => {
      const other = await Shop.open();
      const dataSource = other.app.get(DataSource);
      const steps = [
        [
          'delete from migrations where id = (select max(id) from migrations)',
          /is not up to date: start the program on it once\.\n$/,
        ],
        [
          `insert into migrations (timestamp, name) values (1, 'Later1')`,
          /comes from a newer version .* Later1\.\n$/,
        ],
        ['drop table migrations', /holds no data of this program\.\n$/],
      ] as const;
      for (const [statement, message] of steps) {
        await dataSource.query(statement);
        const schema = await schemaOf(dataSource);
        const stderr: unknown = expect.stringMatching(message);
        expect(await run(other.databaseUrl)).toEqual({ code: 1, stdout: '', stderr });
        expect(await schemaOf(dataSource)).toEqual(schema);
      }
      await other.close();
    });

    onSqlite('refuses a file that is not there, and makes none', async () => {
      const nowhere = await createTemporaryDatabase();
      for (let time = 1; time <= 2; time++) {
        expect(await run(nowhere.url)).toMatchObject({
          code: 1,
          stderr: expect.stringMatching(/^There is no file .*\n$/),
        });
      }
      await nowhere.drop();
    });

    it('says how it is used', async () => {
      expect(await run(shop.databaseUrl, '--until', 'yesterday')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('Expected the id of a movement.'),
      });
    });
  });

  describe('refused by the database itself', () => {
    const statements = [
      `update stock_movements set note = 'x'`,
      'update stock_movements set id = id + 1',
      'delete from stock_movements',
      `insert into stock_movements select * from stock_movements limit 1 on conflict (id) do update set note = 'x'`,
      ...(process.env.TEST_DATABASE_URL
        ? ['truncate stock_movements cascade', 'truncate users cascade']
        : []),
    ];

    it.each(statements)('%s', async (statement) => {
      const before = await movements();
      expect(before.length).toBeGreaterThan(0);
      const refusal = shop.app.get(DataSource).query(statement);
      await expect(refusal).rejects.toThrow('Movements are neither changed nor deleted');
      expect(await movements()).toEqual(before);
    });
  });

  /** By someone who has the database, and has taken away what keeps its rows. */
  describe('that was tampered with', () => {
    let apples: MovementResponse[];
    let kept: { movements: StockMovement[]; entries: StockEntry[] };
    let noted: LedgerVerificationResponse;

    beforeAll(async () => {
      apples = await aDayOfApples();
      await aDayOfOthers();
      await disarm(shop.app.get(DataSource));
      const entries = await database.read<StockEntry>`select * from stock_entries`;
      kept = { movements: await movements(), entries };
      noted = await verify();
      expect(noted.is_valid).toBe(true);
    });

    afterEach(async () => {
      await database.transaction(async () => {
        await database.write`delete from stock_movements`;
        await database.write`delete from stock_entries`;
        for (const movement of kept.movements) await database.insert(StockMovement, movement);
        for (const entry of kept.entries) await database.insert(StockEntry, entry);
      });
      expect(await verify()).toEqual(noted);
    });

    async function change(
      id: number,
      changes: Partial<Record<keyof StockMovement, SqlValue>>,
    ): Promise<void> {
      const assignments = Object.entries(changes).map(
        ([column, value]) => sql`${identifier(column)} = ${value}`,
      );
      await database.write`update stock_movements set ${commaSeparated(assignments)} where id = ${id}`;
    }

    async function expectFirst(
      movement_id: number | null,
      item_id: number | undefined,
      problem: string,
    ): Promise<void> {
      const { is_valid, problems, first_problem } = await verify();
      expect({ is_valid, first_problem }).toEqual({
        is_valid: false,
        first_problem: { movement_id, item_id, problem },
      });
      expect(problems).toBeGreaterThanOrEqual(1);
    }

    const CHANGES: Record<keyof StockMovement, SqlValue> = {
      id: sql`id + 1000000`,
      item_id: sql`(select min(item_id) from stock_movements)`,
      stock_entry_id: sql`stock_entry_id + 1`,
      item_name: 'Red Apfel 🍎',
      sku: null,
      delta: sql`delta - 1`,
      quantity_before: sql`quantity_before + 1`,
      quantity_after: sql`quantity_after - 1`,
      reason: 'waste',
      note: `${NOTE} `,
      reference: '',
      occurred_at: '2020-01-01T00:00:00.000Z',
      recorded_at: '2020-01-01T00:00:00.000Z',
      created_by: 1,
      reverses_id: sql`(select min(id) from stock_movements)`,
      counted_quantity: 7,
      compensates_id: sql`(select min(id) from stock_movements)`,
      unit_price: sql`unit_price + 1`,
      unit_cost: 1,
      cart_id: 1,
      hash_version: 1,
      hash: sql`replace(hash, substr(hash, 1, 1), 'g')`,
    };

    it('has every column in its hash', () => {
      const { columns } = shop.app.get(DataSource).getMetadata(StockMovement);
      expect(Object.keys(CHANGES).sort()).toEqual(columns.map(({ propertyName }) => propertyName).sort());
    });

    it.each(Object.entries(CHANGES))('is found by a change of %s', async (column, value) => {
      const [, sold, undone] = apples as [MovementResponse, MovementResponse, MovementResponse];
      await change(sold.id, { [column]: value });
      const itemId = column === 'item_id' ? kept.movements[0]?.item_id : sold.item_id;
      // A row that has become a later one is missing where it was.
      await expectFirst(column === 'id' ? undone.id : sold.id, itemId, CHANGED);
    });

    it('is found by what follows a row that got a hash to fit', async () => {
      const [delivered, sold, undone] = apples as [MovementResponse, MovementResponse, MovementResponse];
      const row = kept.movements.find(({ id }) => id === sold.id) as StockMovement;
      const forged = { ...row, note: 'Nothing happened' };
      await change(sold.id, { note: forged.note, hash: movementHash(forged, delivered.hash) });
      await expectFirst(undone.id, sold.item_id, CHANGED);
    });

    it('is found by two changes of one row that keep it within the constraints', async () => {
      const [, sold] = apples as [MovementResponse, MovementResponse];
      await change(sold.id, { delta: sql`delta - 1`, quantity_after: sql`quantity_after - 1` });
      await expectFirst(sold.id, sold.item_id, CHANGED);
    });

    it('is found by a row that is missing', async () => {
      const [, sold, undone] = apples as [MovementResponse, MovementResponse, MovementResponse];
      await change(undone.id, { reverses_id: null });
      await database.write`delete from stock_movements where id = ${sold.id}`;
      await expectFirst(undone.id, sold.item_id, CHANGED);
    });

    it('is found by the first row that is missing, of an item', async () => {
      const { id, item_id } = kept.movements.find(
        (row) => row.item_id === apples[0]?.item_id,
      ) as StockMovement;
      await database.write`delete from stock_movements where id = ${id}`;
      await expectFirst(apples[0]?.id as number, item_id, CHANGED);
    });

    it('is found by the last row that is missing: the stock is not what is left', async () => {
      const counted = apples.at(-1) as MovementResponse;
      await database.write`delete from stock_movements where id = ${counted.id}`;
      await expectFirst(null, counted.item_id, 'There is 40 in stock, and its movements add up to 44.125');
    });

    it('is found by two rows that have changed places', async () => {
      const [, sold, undone] = apples as [MovementResponse, MovementResponse, MovementResponse];
      await change(undone.id, { reverses_id: null, id: 1_000_000 });
      await change(sold.id, { id: undone.id });
      await change(1_000_000, { id: sold.id });
      await expectFirst(sold.id, sold.item_id, CHANGED);
    });

    it('is found by a row that was added, by its hash', async () => {
      const last = kept.movements.at(-1) as StockMovement;
      const forged = { ...last, id: last.id + 1, reverses_id: null };
      await database.insert(StockMovement, forged);
      await expectFirst(forged.id, last.item_id, CHANGED);
    });

    it('is found by a row that was added with a hash to fit, by the stock', async () => {
      const counted = kept.movements.find(({ id }) => id === apples.at(-1)?.id) as StockMovement;
      const added = {
        ...counted,
        id: (noted.head_id as number) + 1,
        delta: thousandths(0),
        quantity_before: thousandths(40_000),
        reverses_id: null,
      };
      const taken = { ...added, delta: thousandths(-1), quantity_after: thousandths(39_999) };
      await database.insert(StockMovement, { ...taken, hash: movementHash(taken, counted.hash) });
      await expectFirst(null, counted.item_id, 'There is 40 in stock, and its movements add up to 39.999');
    });

    it.each<[string, (entry: StockEntry) => Promise<unknown>, (entry: StockEntry) => string]>([
      [
        'a quantity that was changed by hand',
        ({ id }) => database.write`update stock_entries set quantity = quantity + 1 where id = ${id}`,
        () => 'There is 40.001 in stock, and its movements add up to 40',
      ],
      [
        'an entry that was deleted by hand',
        ({ id }) => database.write`delete from stock_entries where id = ${id}`,
        () => 'It is not in stock, and its movements leave 40',
      ],
      [
        'an entry that was replaced by hand',
        ({ id }) => database.write`update stock_entries set id = id + 1000 where id = ${id}`,
        () => 'Its stock entry is not the one that its movements belong to',
      ],
      [
        'an entry of an item whose movements are missing',
        ({ item_id }) => database.write`delete from stock_movements where item_id = ${item_id}`,
        () => 'There is 40 in stock, and no movement says so',
      ],
    ])('is found by %s', async (_, tamper, problem) => {
      const entry = kept.entries.find(({ item_id }) => item_id === apples[0]?.item_id) as StockEntry;
      await tamper(entry);
      await expectFirst(null, entry.item_id, problem(entry));
      expect(await verify()).toMatchObject({ problems: 1 });
    });

    it('is found by an entry that nobody put there', async () => {
      const { id: item_id } = await createItem(employee);
      const [entry] = kept.entries as [StockEntry];
      await database.insert(StockEntry, { ...entry, id: 1_000_000, item_id, quantity: thousandths(500) });
      await expectFirst(null, item_id, 'There is 0.5 in stock, and no movement says so');
    });

    it('is found by an entry of an item that was taken out of stock', async () => {
      const { item_id } = await createStock(employee);
      await employee.delete(`/stock/${item_id}`).expect(204);
      const [entry] = kept.entries as [StockEntry];
      await database.insert(StockEntry, { ...entry, id: 1_000_000, item_id, quantity: thousandths(500) });
      await expectFirst(null, item_id, 'There is 0.5 in stock, and its last movement took it out');
    });

    it('goes on behind the first problem, and counts them all', async () => {
      const [delivered, , , counted] = apples as [MovementResponse, unknown, unknown, MovementResponse];
      await change(counted.id, { note: null });
      await change(delivered.id, { reference: 'INV-2026-0816' });
      await database.write`update stock_entries set quantity = 1 where item_id = ${delivered.item_id}`;
      const { movements, problems, head_id, first_problem } = await verify();
      expect({ movements, problems, head_id }).toEqual({ ...pick(noted), problems: 3 });
      expect(first_problem?.movement_id).toBe(delivered.id);
    });

    it('is found by a head that was noted, when the end is missing and the stock was made to fit', async () => {
      const [, , undone, counted] = apples as [unknown, unknown, MovementResponse, MovementResponse];
      const head = await verify(`?until_id=${counted.id}`);
      await database.write`delete from stock_movements where id = ${counted.id}`;
      await database.write`update stock_entries set quantity = 44125 where item_id = ${undone.item_id}`;
      const found = await verify(`?until_id=${counted.id}`);
      expect(found.is_valid).toBe(true);
      expect([found.head_id, found.head_hash]).not.toEqual([head.head_id, head.head_hash]);
    });
  });
});

function pick({ movements, head_id }: LedgerVerificationResponse): object {
  return { movements, head_id };
}

/** The names of all that there is, and the migrations that have run. */
async function schemaOf(dataSource: DataSource): Promise<unknown[]> {
  const names =
    dataSource.options.type === 'postgres'
      ? await dataSource.query<{ name: string }[]>('select relname as name from pg_class order by 1')
      : await dataSource.query<{ name: string }[]>('select name from sqlite_master order by 1');
  const hasRun = names.some(({ name }) => name === 'migrations');
  return [names, hasRun && (await dataSource.query('select * from migrations order by id'))];
}

/** Takes the triggers and constraints away that keep the movements as they are. */
async function disarm(dataSource: DataSource): Promise<void> {
  if (dataSource.options.type === 'postgres') {
    await dataSource.query('alter table stock_movements disable trigger user');
    for (const name of ['ck_stock_movements_delta', 'fk_stock_movements_reverses']) {
      await dataSource.query(`alter table stock_movements drop constraint "${name}"`);
    }
    return;
  }
  for (const change of ['update', 'delete'])
    await dataSource.query(`drop trigger tr_stock_movements_refuse_${change}`);
  await dataSource.query('pragma ignore_check_constraints = on');
  await dataSource.query('pragma foreign_keys = off');
}
