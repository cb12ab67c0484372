import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, open, readFile, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { startApp } from '../support/app.js';
import { Client } from '../support/client.js';
import { describeOnSqlite } from '../support/engines.js';
import { Program } from '../support/program.js';
import { ADMIN } from '../support/shop.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';
import { Workload } from '../support/workload.js';

const { SECRET_KEY = '', PATH = '' } = process.env;

jest.setTimeout(60_000);

/** Gives a process file systems of its own, which end with it; whoever isn't root is root in there. */
const NAMESPACE = ['unshare', ...(process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']), '--mount'];
const SMALL_DISK = 'mount -t tmpfs -o size=2m none "$0" && exec "$@"';
const READ_ONLY_DISK = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"';

const canMount =
  spawnSync('unshare', [...NAMESPACE.slice(1), 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;
const withDisk = canMount ? it : it.skip;
if (!canMount)
  process.stderr.write('A full and a read-only disk are not tested: this system lets nobody mount one.\n');

// Replicas and their database have test/replicas.program.ts.
describeOnSqlite('An SQLite file in hostile surroundings', () => {
  let folder: string;
  let file: string;

  beforeEach(async () => {
    folder = await createTemporaryFolder();
    file = join(folder, 'disk', 'stock.db');
    await mkdir(join(folder, 'disk'));
  });

  afterEach(async () => {
    await Program.endAll();
  });

  const start = (disk?: string): Program =>
    new Program(
      folder,
      { SECRET_KEY, PATH, DATABASE_URL: `sqlite:///${file}` },
      disk ? [...NAMESPACE, 'sh', '-c', disk, join(folder, 'disk')] : [],
    );

  async function createDatabase(): Promise<void> {
    const { app } = await startApp({ url: `sqlite:///${file}`, drop: () => Promise.resolve() });
    await app.close();
  }

  /** Two processes on the file, and clerks who keep both busy. */
  async function startTwo(): Promise<{ origins: string[]; accessToken: string; workload: Workload }> {
    const origins = await Promise.all([start(), start()].map(async ({ ready }) => (await ready).origin));
    const { accessToken = '' } = await new Client(origins[0] ?? '').login(ADMIN.username, ADMIN.password);
    return { origins, accessToken, workload: new Workload(origins, accessToken, [1, 2, 3, 4]) };
  }

  withDisk('on a full disk refuses writes with 503, is read, and loses nothing', async () => {
    const program = start(SMALL_DISK);
    const { origin } = await program.ready;
    const admin = await new Client(origin).login(ADMIN.username, ADMIN.password);
    const disk = `/proc/${program.pid}/root${join(folder, 'disk')}`;
    await fill(join(disk, 'filler'));

    const acknowledged: string[] = [];
    const names = async () => {
      const { body } = await admin.get('/categories').expect(200);
      return (body as { name: string }[]).map(({ name }) => name).filter((name) => name.startsWith('Shelf'));
    };
    // What is left of the log takes some.
    let status = 201;
    for (let count = 1; status === 201; count++) {
      const name = `Shelf ${count}`;
      const answer = await admin.post('/categories', { name, description: 'x'.repeat(500) });
      ({ status } = answer);
      if (status === 201) acknowledged.push(name);
      else
        expect({ status, after: answer.headers['retry-after'] }).toEqual({
          status: 503,
          after: expect.any(String),
        });
    }
    expect((await names()).sort()).toEqual(acknowledged.sort());
    await new Client(origin, admin.accessToken)
      .patch('/items/1', { description: 'y'.repeat(2000) })
      .expect(503);

    await rm(join(disk, 'filler'));
    await admin.post('/categories', { name: 'Shelf with room' }).expect(201);
    expect((await names()).sort()).toEqual([...acknowledged, 'Shelf with room'].sort());
    for (const end of ['', '-wal'])
      await copyFile(join(disk, `stock.db${end}`), join(folder, `copy.db${end}`));
    const copy = new Sqlite(join(folder, 'copy.db'));
    expect(copy.pragma('integrity_check')).toEqual([{ integrity_check: 'ok' }]);
    copy.close();
    expect(await program.end()).toBe(0);
  });

  withDisk('on a read-only disk is refused in one line', async () => {
    await createDatabase();
    const program = start(READ_ONLY_DISK);
    expect(await program.ended).toBe(1);
    expect(program.stderr).toMatch(/^DATABASE_URL names a database that can't be used: [^\n]+\n$/);
  });

  it('that is cut short is refused in one line, and left as it is', async () => {
    await createDatabase();
    const size = (await readFile(file)).length;
    await truncate(file, Math.floor(size / 2));
    const before = await readFile(file);
    const program = start();
    expect(await program.ended).toBe(1);
    expect(program.stderr).toBe(
      "DATABASE_URL names a database that can't be used: database disk image is malformed\n",
    );
    expect((await readFile(file)).equals(before)).toBe(true);
  });

  it('that another process keeps locked refuses writes with 503, and takes them again afterwards', async () => {
    const { origin } = await start().ready;
    const admin = await new Client(origin).login(ADMIN.username, ADMIN.password);
    const other = new Sqlite(file);
    other.exec('begin immediate');
    const refused = await admin.post('/categories', { name: 'Tea' });
    await admin.get('/categories').expect(200);
    other.exec('rollback');
    other.close();
    expect({ status: refused.status, after: refused.headers['retry-after'] }).toEqual({
      status: 503,
      after: expect.any(String),
    });
    await admin.post('/categories', { name: 'Tea' }).expect(201);
  });

  it('shows in one process what another one has answered, while both are busy', async () => {
    const { origins, accessToken, workload } = await startTwo();
    const [here, there] = origins.map((origin) => new Client(origin, accessToken)) as [Client, Client];
    for (let count = 1; count <= 200; count++) {
      await here.patch('/items/5', { unit_price: count }).expect(200);
      const { body } = await there.get('/items/5').expect(200);
      expect(body).toMatchObject({ unit_price: count });
    }
    await workload.stop();
    expect(workload.failures).toEqual([]);
  });

  it('is served by two processes at once, and both are right', async () => {
    const { origins, workload } = await startTwo();
    await workload.goOn(80);
    await workload.stop();
    expect(workload.failures).toEqual([]);
    for (const origin of origins) expect(await workload.losses(origin)).toEqual([]);
  });
});

/** Leaves no byte free. */
async function fill(file: string): Promise<void> {
  const handle = await open(file, 'w');
  try {
    for (;;) await handle.write(Buffer.alloc(4096));
  } catch (error) {
    expect(error).toMatchObject({ code: 'ENOSPC' });
  } finally {
    await handle.close();
  }
}
