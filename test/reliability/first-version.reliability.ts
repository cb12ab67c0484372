import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, statSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import Sqlite from 'better-sqlite3';
import { startCommand } from '../support/command.js';
import { describeOnSqlite } from '../support/engines.js';
import { Program } from '../support/program.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';
import { until } from '../support/until.js';

const { SECRET_KEY = '', PATH = '' } = process.env;
const FIXTURE = fileURLToPath(new URL('../../../shared/first-version/stock_tracker.db', import.meta.url));

/** Enough that an adoption takes a while. */
const ITEMS = 5_000;
const ROUNDS = 10;
const NAMESPACE = ['unshare', ...(process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']), '--mount'];
/** Runs the program on a copy of the file, on a small disk of which it keeps what the program has left there. */
const SMALL_DISK = `
  mount -t tmpfs -o size="$1" none "$0/disk" && cp "$0/shop.db" "$0/disk/" && shift
  "$@"; code=$?; cp -r "$0/disk" "$0/left"; exit $code`;
const canMount =
  spawnSync('unshare', [...NAMESPACE.slice(1), 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;
const withDisk = canMount ? it : it.skip;
if (!canMount) process.stderr.write('A full disk is not tested: this system lets nobody mount one.\n');

// Such a database is an SQLite file.
describeOnSqlite('A database of the first version', () => {
  let folder: string;
  let file: string;
  let original: string;
  let rows: unknown;

  beforeAll(async () => {
    folder = await createTemporaryFolder();
    original = join(folder, 'shop.db');
    copyFileSync(FIXTURE, original);
    const database = new Sqlite(original);
    database.exec(`
      with recursive n (i) as (select 1 union all select i + 1 from n where i < ${ITEMS})
      insert into items (category_id, name, sku, unit_price, created_by, updated_by)
      select 1, 'Item ' || i, 'SKU-' || i, i / 100.0, 1, 1 from n;
      insert into stock_entries (item_id, quantity, created_by, updated_by)
      select id, id / 1000.0, 1, 1 from items where sku like 'SKU-%'`);
    database.close();
    rows = contentOf(original);
  });

  beforeEach(async () => {
    await mkdir(join(folder, 'disk'));
    file = join(folder, 'disk', 'shop.db');
  });

  afterEach(async () => {
    await Program.endAll();
    await rm(join(folder, 'disk'), { recursive: true });
  });

  const start = (wrapper: string[] = []) =>
    new Program(folder, { SECRET_KEY, PATH, DATABASE_URL: `sqlite:///${file}` }, wrapper);

  it(`whose adoption is killed is the old one or the new one, ${ROUNDS} times`, async () => {
    const duration = await measureAdoption();
    const found = { old: 0, new: 0 };
    for (let round = 0; round < ROUNDS; round++) {
      await placeOriginal();
      const program = start();
      await untilAdopting(program);
      await sleep((duration * round) / (ROUNDS - 2));
      await program.end('SIGKILL');

      const copy = join(folder, 'killed.db');
      for (const end of ['', '-wal', '-journal']) {
        await rm(copy + end, { force: true });
        if (existsSync(file + end)) copyFileSync(file + end, copy + end);
      }
      const isOld = tablesOf(copy).includes('refresh_tokens') && !tablesOf(copy).includes('migrations');
      found[isOld ? 'old' : 'new']++;
      if (isOld) expect(contentOf(copy)).toEqual(rows);

      const next = start();
      await next.ready;
      expect(next.stdout.includes('Imported')).toBe(isOld);
      expect(await next.end()).toBe(0);
      const kept = readdirSync(join(folder, 'disk')).filter((name) => name.includes('.first-version-'));
      for (const name of kept) expect(contentOf(join(folder, 'disk', name))).toEqual(rows);
      expect(kept.length).toBeGreaterThan(0);
      const verified = await startCommand('ledger:verify', [], {
        DATABASE_URL: `sqlite:///${file}`,
      }).ended;
      expect(verified).toMatchObject({
        code: 0,
        stdout: expect.stringContaining(`${ITEMS + 34} movements of ${ITEMS + 34} items`),
      });
    }
    process.stdout.write(
      `| kill -9 while a database of the first version is adopted | ${ROUNDS} rounds | ${found.old} left the old one whole, ${found.new} the new one |\n`,
    );
    expect(Object.values(found)).not.toContain(0);
  });

  async function placeOriginal(): Promise<void> {
    await rm(join(folder, 'disk'), { recursive: true });
    await mkdir(join(folder, 'disk'));
    copyFileSync(original, file);
  }

  const untilAdopting = (program: Program) =>
    until(() => existsSync(`${file}.adopting`) || program.stdout.includes('Imported'));

  /** How long an adoption takes on this machine, in milliseconds. */
  async function measureAdoption(): Promise<number> {
    await placeOriginal();
    const program = start();
    await untilAdopting(program);
    const begun = performance.now();
    await until(() => program.stdout.includes('Imported'));
    const duration = performance.now() - begun;
    await program.end();
    return duration;
  }

  // Room for the file; for the file and its copy.
  withDisk.each([1.5, 2.5])(
    'on a disk of %d times its size is refused in one line, and stays as it is',
    async (times) => {
      const size = String(Math.ceil(statSync(original).size * times));
      const program = start([...NAMESPACE, 'sh', '-c', SMALL_DISK, folder, size]);
      expect(await program.ended).toBe(1);
      expect(program.stderr).toMatch(/^DATABASE_URL names a database that can't be used: [^\n]+\n$/);
      expect(program.stderr).toMatch(/full|no space/i);
      expect(program.stdout).not.toContain('Imported');
      expect(readdirSync(join(folder, 'left'))).toEqual(['shop.db']);
      expect(contentOf(join(folder, 'left', 'shop.db'))).toEqual(rows);
      expect(tablesOf(join(folder, 'left', 'shop.db'))).not.toContain('migrations');
      await rm(join(folder, 'left'), { recursive: true });
    },
  );
});

function tablesOf(file: string): string[] {
  const database = new Sqlite(file);
  const names = database.prepare(`select name from sqlite_master where type = 'table'`).pluck().all();
  database.close();
  return names as string[];
}

/** Every row of the first version's tables. */
function contentOf(file: string): unknown {
  const database = new Sqlite(file);
  try {
    expect(database.pragma('integrity_check')).toEqual([{ integrity_check: 'ok' }]);
    return ['users', 'refresh_tokens', 'categories', 'items', 'stock_entries'].map((table) =>
      database.prepare(`select * from ${table} order by id`).raw().all(),
    );
  } finally {
    database.close();
  }
}
