import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import BetterSqlite3 from 'better-sqlite3';
import { Client as Postgres } from 'pg';
import { Bookkeepers } from '../support/bookkeepers.js';
import { Client } from '../support/client.js';
import { findFreePort } from '../support/free-port.js';
import { Program } from '../support/program.js';
import { ADMIN } from '../support/shop.js';
import { createTemporaryDatabase, type TemporaryDatabase } from '../support/temporary-database.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';
import { until } from '../support/until.js';

const ROUNDS = 20;
const WRITERS = 6;
/** Of a round: at least this many writes, and then as many more as come in up to these milliseconds. */
const [WRITES, MAX_DELAY_MS] = [60, 100];

describe('A program that is killed while it writes', () => {
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

  it(`has every acknowledged write, and no half of another one, and stock and ledger agree, ${ROUNDS} times`, async () => {
    const { SECRET_KEY = '' } = process.env;
    const PORT = String(await findFreePort());
    const environment = { PORT, SECRET_KEY, DATABASE_URL: database.url, RATE_LIMIT_ENABLED: 'false' };
    let program = new Program(folder, environment);
    const { origin } = await program.ready;
    const { accessToken = '' } = await new Client(origin).login(ADMIN.username, ADMIN.password);
    const bookkeepers = new Bookkeepers(origin, accessToken);
    const restarts: number[] = [];
    const file = fileOf(database);
    for (let round = 1; round <= ROUNDS; round++) {
      const enough = bookkeepers.acknowledged + WRITES;
      bookkeepers.start(WRITERS);
      await until(() => bookkeepers.acknowledged >= enough || bookkeepers.failures.length > 0);
      await sleep(Math.random() * MAX_DELAY_MS);
      bookkeepers.expectEnd();
      await program.end('SIGKILL');
      await bookkeepers.ended();
      if (file) await expectSoundCopy(file);

      const start = performance.now();
      program = new Program(folder, environment);
      await firstAnswer(program, origin);
      restarts.push(performance.now() - start);
      if (!file) await untilNothingRuns();
      expect(await bookkeepers.disagreements()).toEqual([]);
      expect(await bookkeepers.firstProblem()).toBeNull();
      expect(bookkeepers.failures).toEqual([]);
      if (file) expectSound(file);
    }
    const [median = 0, most = 0] = [restarts.sort((one, other) => one - other)[ROUNDS / 2], restarts.at(-1)];
    process.stdout.write(
      `| kill -9 on ${file ? 'SQLite' : 'PostgreSQL'} | ${ROUNDS} rounds | ` +
        `${bookkeepers.acknowledged} writes acknowledged, 0 lost | ` +
        `restart to first answer: median ${Math.round(median)} ms, at most ${Math.round(most)} ms |\n`,
    );
  });

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
    // It would have ended for a reason, which this tells.
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
