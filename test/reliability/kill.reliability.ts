import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import BetterSqlite3 from 'better-sqlite3';
import { Client as Postgres } from 'pg';
import { Bookkeepers } from '../support/bookkeepers.js';
import { Client } from '../support/client.js';
import { startCommand } from '../support/command.js';
import { findFreePort } from '../support/free-port.js';
import { Program } from '../support/program.js';
import { salesDisagreements } from '../support/sales-agreement.js';
import { ADMIN } from '../support/shop.js';
import { createTemporaryDatabase, type TemporaryDatabase } from '../support/temporary-database.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';
import { Tills } from '../support/tills.js';
import { until } from '../support/until.js';

const ROUNDS = 20;
const WRITERS = 6;
/** Stocktakes that are approved while the program is killed, and how many items are counted in each. */
const [APPROVALS, STOCKED] = [5, 300];
/** Of a round: at least this many writes, and then as many more as come in up to these milliseconds. */
const [WRITES, MAX_DELAY_MS] = [60, 100];

/** Who writes while the program is killed, and knows what must be there afterwards. */
interface Writers {
  readonly failures: string[];
  readonly acknowledged: number;
  start(count: number): void;
  expectEnd(): void;
  ended(): Promise<void>;
  disagreements(): Promise<string[]>;
  firstProblem(): Promise<unknown>;
  stop?(): Promise<void>;
}

interface Quantity {
  item_id: number;
  quantity: number;
}

describe('A program that is killed', () => {
  let folder: string;
  let database: TemporaryDatabase;

  beforeEach(async () => {
    folder = await createTemporaryFolder();
    database = await createTemporaryDatabase();
  });

  afterEach(async () => {
    await Program.endAll();
    await database.drop();
  });

  it(`while it writes has every acknowledged write, and no half of another one, and stock and ledger agree, ${ROUNDS} times`, () =>
    killInRounds('kill -9', (origin, accessToken) => new Bookkeepers(origin, accessToken)));

  it(`while it sells has every acknowledged line, completion, refund and closing, and all agree, ${ROUNDS} times`, async () => {
    await killInRounds('kill -9 under carts', async (origin, accessToken) => {
      const tills = new Tills(origin, accessToken);
      await tills.stockUp();
      return tills;
    });
    const { stdout, code } = await startCommand('ledger:verify', [], { DATABASE_URL: database.url }).ended;
    expect({ stdout, code }).toEqual({ stdout: expect.stringContaining('Valid'), code: 0 });
  });

  it(`while it approves a stocktake goes on with it, and records each count once, ${APPROVALS} times`, async () => {
    const { SECRET_KEY = '' } = process.env;
    const PORT = String(await findFreePort());
    const environment = { PORT, SECRET_KEY, DATABASE_URL: database.url, RATE_LIMIT_ENABLED: 'false' };
    let program = new Program(folder, environment);
    const { origin } = await program.ready;
    const { accessToken = '' } = await new Client(origin).login(ADMIN.username, ADMIN.password);
    const admin = new Client(origin, accessToken);
    await stockMany(admin, STOCKED);
    for (let round = 1; round <= APPROVALS; round++) {
      const stocktake = { name: `Count ${round}`, assigned_to: [1] };
      const { body } = await admin.post('/stocktakes', stocktake).expect(201);
      const { id, items_count } = body as { id: number; items_count: number };
      for (let item = 1; item <= STOCKED; item++) {
        await admin.put(`/stocktakes/${id}/counts/${item}`, { quantity: round }).expect(200);
      }
      const approval = admin.post(`/stocktakes/${id}/approve`, { uncounted: 'zero' }).then(
        () => undefined,
        () => undefined,
      );
      const statusIs = async (...statuses: string[]) =>
        statuses.includes((await admin.get(`/stocktakes/${id}`)).body.status as string);
      await until(() => statusIs('approving', 'approved'));
      await sleep(Math.random() * MAX_DELAY_MS);
      await program.end('SIGKILL');
      await approval;

      program = new Program(folder, environment);
      await firstAnswer(program, origin);
      await until(() => statusIs('approved'), 30_000);
      const recorded: { item_id: number; counted_quantity: number }[] = [];
      for (let path = `/stock/movements?reference=stocktake/${id}&reason=count&limit=500&sort=id`; path;) {
        const page = await admin.get(path).expect(200);
        recorded.push(...(page.body as typeof recorded));
        path = /<\/api\/v1([^>]+)>; rel="next"/.exec(page.headers.link ?? '')?.[1] ?? '';
      }
      expect(new Set(recorded.map(({ item_id }) => item_id)).size).toBe(recorded.length);
      expect(recorded).toHaveLength(items_count);
      const { body: stock } = (await admin.get('/stock').expect(200)) as { body: Quantity[] };
      expect(stock.filter(({ item_id, quantity }) => quantity !== (item_id <= STOCKED ? round : 0))).toEqual(
        [],
      );
      const { body: verification } = await admin.get('/stock/ledger/verify').expect(200);
      expect(verification).toMatchObject({ is_valid: true });
    }
  });

  async function killInRounds(
    title: string,
    employ: (origin: string, accessToken: string) => Writers | Promise<Writers>,
  ): Promise<void> {
    const { SECRET_KEY = '' } = process.env;
    const PORT = String(await findFreePort());
    const environment = { PORT, SECRET_KEY, DATABASE_URL: database.url, RATE_LIMIT_ENABLED: 'false' };
    let program = new Program(folder, environment);
    const { origin } = await program.ready;
    const { accessToken = '' } = await new Client(origin).login(ADMIN.username, ADMIN.password);
    const writers = await employ(origin, accessToken);
    const restarts: number[] = [];
    const file = fileOf(database);
    for (let round = 1; round <= ROUNDS; round++) {
      const enough = writers.acknowledged + WRITES;
      writers.start(WRITERS);
      await until(() => writers.acknowledged >= enough || writers.failures.length > 0);
      await sleep(Math.random() * MAX_DELAY_MS);
      writers.expectEnd();
      await program.end('SIGKILL');
      await writers.ended();
      if (file) await expectSoundCopy(file);

      const start = performance.now();
      program = new Program(folder, environment);
      await firstAnswer(program, origin);
      restarts.push(performance.now() - start);
      if (!file) await untilNothingRuns();
      expect(await salesDisagreements(database.url)).toEqual([]);
      expect(await writers.disagreements()).toEqual([]);
      expect(await salesDisagreements(database.url)).toEqual([]);
      expect(await writers.firstProblem()).toBeNull();
      expect(writers.failures).toEqual([]);
      if (file) expectSound(file);
    }
    await writers.stop?.();
    expect(writers.failures).toEqual([]);
    const [median = 0, most = 0] = [restarts.sort((one, other) => one - other)[ROUNDS / 2], restarts.at(-1)];
    process.stdout.write(
      `| ${title} on ${file ? 'SQLite' : 'PostgreSQL'} | ${ROUNDS} rounds | ` +
        `${writers.acknowledged} writes acknowledged, 0 lost | ` +
        `restart to first answer: median ${Math.round(median)} ms, at most ${Math.round(most)} ms |\n`,
    );
  }

  /** Of the file as the killed program left it. In a copy: the program is to clean up by itself. */
  async function expectSoundCopy(file: string): Promise<void> {
    const copies = await createTemporaryFolder();
    const copy = join(copies, 'stock.db');
    await cp(file, copy);
    await cp(`${file}-wal`, `${copy}-wal`);
    expectSound(copy);
  }

  /** What the killed program had sent to PostgreSQL may still be carried out. */
  async function untilNothingRuns(): Promise<void> {
    const client = new Postgres({ connectionString: database.url });
    await client.connect();
    await until(async () => {
      const { rows } = await client.query(`
        select from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'`);
      return rows.length === 0;
    });
    await client.end();
  }
});

async function firstAnswer(program: Program, origin: string): Promise<void> {
  await Promise.race([
    // If it has ended, this says why.
    program.ended.then(() => program.ready),
    until(() =>
      fetch(`${origin}/health/ready`).then(
        ({ ok }) => ok,
        () => false,
      ),
    ),
  ]);
}

function fileOf({ url }: TemporaryDatabase): string | undefined {
  return url.startsWith('sqlite:///') ? url.slice('sqlite:///'.length) : undefined;
}

function expectSound(file: string): void {
  const connection = new BetterSqlite3(file);
  try {
    expect(connection.pragma('integrity_check')).toEqual([{ integrity_check: 'ok' }]);
    expect(connection.pragma('foreign_key_check')).toEqual([]);
    // The index of names has a check of its own; it is no writing, but asks as if it were.
    connection.exec("insert into item_names (item_names, rank) values ('integrity-check', 1)");
  } finally {
    connection.close();
  }
}

/** Puts so many items in stock, with those of the mock catalogue. */
async function stockMany(admin: Client, count: number): Promise<void> {
  for (let { length } = (await admin.get('/stock').expect(200)).body as unknown[]; length < count; length++) {
    const item = { category_id: 1, name: `Item ${length}`, unit_price: 1 };
    const { body } = await admin.post('/items', item).expect(201);
    await admin.post('/stock', { item_id: body.id, quantity: 5 }).expect(201);
  }
}
