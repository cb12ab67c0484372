import { once } from 'node:events';
import { chmod, copyFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { openReader } from '../src/platform/database/sqlite-reader.js';
import { Client } from './support/client.js';
import { startCommand } from './support/command.js';
import { describeOnSqlite } from './support/engines.js';
import { Program } from './support/program.js';
import { ADMIN } from './support/shop.js';
import { createTemporaryFolder } from './support/temporary-folder.js';

const { SECRET_KEY = '' } = process.env;

/** Lets everybody read and write what a process creates, unless it sees to that itself. */
const WITHOUT_UMASK = ['/bin/sh', '-c', 'umask 0 && exec "$@"', 'sh'];

describeOnSqlite('The SQLite file', () => {
  let folder: string;
  let file: string;
  let shelves = 0;

  beforeEach(async () => {
    folder = await createTemporaryFolder();
    file = join(folder, 'stock_tracker.db');
  });

  afterEach(async () => {
    await Program.endAll();
  });

  const start = (environment: Record<string, string> = {}): Program =>
    new Program(folder, { SECRET_KEY, ...environment }, WITHOUT_UMASK);

  const run = async (name: Parameters<typeof startCommand>[0], ...options: string[]): Promise<void> => {
    const outcome = await startCommand(name, options, { DATABASE_URL: `sqlite:///${file}` }).ended;
    expect(outcome).toMatchObject({ code: 0 });
  };

  /** Serves, with every kind of connection to the file that the program opens. */
  async function use(program: Program): Promise<void> {
    const admin = await new Client((await program.ready).origin).login(ADMIN.username, ADMIN.password);
    expect((await admin.get('/items').expect(200)).body).toHaveLength(32);
    await admin.get('/items?sort=-name&limit=5').expect(200);
    await admin.post('/categories', { name: `Shelf ${++shelves}` }).expect(201);
  }

  /** Nothing lies beside the file, and a copy of it alone has all there was. */
  async function expectWhole(sessions: number): Promise<void> {
    expect((await readdir(folder)).filter((name) => /-(wal|shm|journal)$/.test(name))).toEqual([]);
    const copy = join(folder, 'copy');
    await copyFile(file, copy);
    const database = new Sqlite(copy, { readonly: true });
    const count = (table: string) => database.prepare(`select count(*) from ${table}`).pluck().get();
    expect({ items: count('items'), sessions: count('sessions') }).toEqual({ items: 32, sessions });
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
    database.close();
    for (const end of ['', '-wal', '-shm']) await rm(copy + end, { force: true });
  }

  it.each(['SIGINT', 'SIGTERM'] as const)('is whole after %s', async (signal) => {
    const program = start();
    await use(program);
    expect(await program.end(signal)).toBe(0);
    await expectWhole(1);
  });

  it('is whole after a start that got no port', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    expect(await start({ PORT: String(port) }).ended).toBe(1);
    server.close();
    await expectWhole(0);
  });

  it('is whole once the last of two processes has stopped, whichever that is', async () => {
    const [first, second] = [start(), start()];
    await use(first);
    await use(second);
    expect(await first.end()).toBe(0);
    await use(second);
    const third = start();
    await use(third);
    expect(await second.end('SIGINT')).toBe(0);
    expect(await third.end('SIGINT')).toBe(0);
    await expectWhole(4);
  });

  it('is whole after whoever still reads it when the program stops', async () => {
    const program = start();
    await use(program);
    const reader = await openReader(file);
    reader.prepare('select count(*) from items').get();
    expect(await program.end()).toBe(0);
    reader.close();
    await expectWhole(1);
  });

  it('is whole after backup, verify, move and restore, and what they write is, too', async () => {
    const program = start();
    await use(program);
    await run('backup', join(folder, 'serving.backup'));
    await run('ledger:verify');
    expect(await program.end('SIGKILL')).toBeNull();

    await run('ledger:verify');
    await expectWhole(1);
    await run('backup', join(folder, 'stopped.backup'));
    await expectWhole(1);
    const moved = join(folder, 'moved.db');
    await run('move-database', '--from', `sqlite:///${file}`, '--to', `sqlite:///${moved}`);
    await expectWhole(1);
    await rename(moved, file);
    await expectWhole(1);
    await run('restore', join(folder, 'serving.backup'));
    await expectWhole(0);
  });

  it('is whole after a restore from a copy of it that was made by hand', async () => {
    // As people take backups by hand: a copy of the file.
    await use(start());
    await Program.endAll();
    await run('ledger:verify');
    await copyFile(file, join(folder, 'by-hand.db'));
    await run('restore', join(folder, 'by-hand.db'));
    await expectWhole(0);
  });

  it('is for its owner alone, and so is all that is copied from it', async () => {
    const program = start();
    await use(program);
    await run('backup', join(folder, 'shop.backup'));
    expect(await modes()).toEqual({
      'shop.backup': '600',
      'stock_tracker.db': '600',
      'stock_tracker.db-shm': '600',
      'stock_tracker.db-wal': '600',
    });
  });

  it('is taken from others by a start, with all that lies beside it, and by a restore', async () => {
    const before = start();
    await use(before);
    await before.end('SIGKILL');
    for (const name of await readdir(folder)) await chmod(join(folder, name), 0o666);
    const after = start();
    await use(after);
    expect([...new Set(Object.values(await modes()))]).toEqual(['600']);
    await run('backup', join(folder, 'shop.backup'));
    await after.end();
    await chmod(file, 0o644);
    await run('restore', join(folder, 'shop.backup'));
    expect([...new Set(Object.values(await modes()))]).toEqual(['600']);
    await run(
      'move-database',
      '--from',
      `sqlite:///${file}`,
      '--to',
      `sqlite:///${join(folder, 'moved.db')}`,
    );
    expect((await stat(join(folder, 'moved.db'))).mode & 0o777).toBe(0o600);
  });

  async function modes(): Promise<Record<string, string>> {
    const names = await readdir(folder);
    const entries = names.map(async (name) => {
      const { mode } = await stat(join(folder, name));
      return [name, (mode & 0o777).toString(8)] as const;
    });
    return Object.fromEntries(await Promise.all(entries));
  }
});
