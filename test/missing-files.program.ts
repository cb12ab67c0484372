import { cp, mkdir, readdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from './support/client.js';
import { findFreePort } from './support/free-port.js';
import { Program } from './support/program.js';
import { ADMIN } from './support/shop.js';
import { describeWithSqlite } from './support/sqlite.js';
import { createTemporaryFolder } from './support/temporary-folder.js';
import { until } from './support/until.js';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));
const { SECRET_KEY = '' } = process.env;

/** What an installation or a build does to a program that serves: files are gone for a while, or are broken. */
describeWithSqlite('A program whose files are being replaced', () => {
  let copy: string;
  let worker: string;
  let folder: string;
  let program: Program;
  let client: Client;

  beforeAll(async () => {
    copy = await createTemporaryFolder();
    worker = join(copy, 'dist/platform/passwords/bcrypt.worker.js');
    await cp(join(PROJECT, 'dist'), join(copy, 'dist'), { recursive: true });
    await cp(join(PROJECT, 'package.json'), join(copy, 'package.json'));
    await mkdir(join(copy, 'node_modules'));
    for (const name of await readdir(join(PROJECT, 'node_modules'))) {
      if (name !== 'redoc')
        await symlink(join(PROJECT, 'node_modules', name), join(copy, 'node_modules', name));
    }
    await cp(join(PROJECT, 'node_modules/redoc'), join(copy, 'node_modules/redoc'), { recursive: true });
    folder = await createTemporaryFolder();
    const first = new Program(folder, { SECRET_KEY });
    await first.ready;
    await first.end();
  });

  beforeEach(async () => {
    await cp(join(PROJECT, 'dist/platform/passwords/bcrypt.worker.js'), worker);
    // No worker runs yet: the admin is there.
    program = start('exec "$1" "$0/dist/main.js"');
    client = new Client((await program.ready).origin);
  });

  afterEach(() => Program.endAll());

  /** Starts the copy, as the second argument of the script, in place of the program itself. */
  function start(script: string, environment: Record<string, string> = {}): Program {
    return new Program(folder, { SECRET_KEY, ...environment }, ['/bin/sh', '-c', script, copy]);
  }

  async function logIn(): Promise<{ status: number; detail?: string; after?: string }> {
    const { status, body, headers } = await client.post('/auth/login', ADMIN);
    return status === 200 ? { status } : { status, detail: body.detail, after: headers['retry-after'] };
  }

  const UNAVAILABLE = { status: 503, detail: expect.any(String), after: expect.any(String) };

  it('answers logins with 503 while the file of its workers is gone, and with 200 once it is back', async () => {
    await rename(worker, `${worker}.away`);
    expect(await Promise.all([logIn(), logIn(), logIn(), logIn()])).toEqual(Array(4).fill(UNAVAILABLE));
    expect(await logIn()).toEqual(UNAVAILABLE);
    await rename(`${worker}.away`, worker);
    expect(await Promise.all([logIn(), logIn(), logIn()])).toEqual(Array(3).fill({ status: 200 }));
    await until(() => Promise.resolve(/"level":50.*bcrypt\.worker/.test(program.stdout)));
    expect(program.stderr).toBe('');
  });

  it.each([
    ['ends its thread', 'export const verify = () => process.exit(7);'],
    ['needs a file that is missing', "import './missing.js';"],
    ['is no code', 'export const verify = ('],
  ])('answers 503 when a worker %s', async (_how, code) => {
    await writeFile(worker, code);
    expect(await Promise.all([logIn(), logIn(), logIn()])).toEqual(Array(3).fill(UNAVAILABLE));
    await cp(join(PROJECT, 'dist/platform/passwords/bcrypt.worker.js'), worker);
    expect(await logIn()).toEqual({ status: 200 });
  });

  it('answers 503 for the stock of an earlier time while the file of its thread is gone, and 200 once it is back', async () => {
    const thread = join(copy, 'dist/platform/database/sqlite-reading.worker.js');
    const admin = await client.login(ADMIN.username, ADMIN.password);
    const statusOf = async () => (await admin.get(`/stock?as_of=${new Date().toISOString()}`)).status;
    await rename(thread, `${thread}.away`);
    expect(await Promise.all([statusOf(), statusOf()])).toEqual([503, 503]);
    expect((await admin.get('/stock')).status).toBe(200);
    await rename(`${thread}.away`, thread);
    expect(await statusOf()).toBe(200);
  });

  it('answers 503 for the script of /redoc while that is gone', async () => {
    const script = join(copy, 'node_modules/redoc/bundles/redoc.standalone.js');
    const statusOf = async () => (await fetch(new URL('/redoc/redoc.standalone.js', client.url))).status;
    await rename(script, `${script}.away`);
    expect(await statusOf()).toBe(503);
    await rename(`${script}.away`, script);
    expect(await statusOf()).toBe(200);
  });

  it('serves, and ends, while its log can not be written', async () => {
    const port = await findFreePort();
    const silent = start('exec "$1" "$0/dist/main.js" >/dev/full', { PORT: String(port) });
    const url = `http://127.0.0.1:${port}`;
    const isUp = () =>
      fetch(new URL('/health/ready', url)).then(
        ({ ok }) => ok,
        () => false,
      );
    await until(isUp);
    // Lines are written in batches: each of these comes after some have failed.
    for (let count = 0; count < 3; count++) {
      await new Client(url).post('/auth/login', ADMIN).expect(200);
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    expect(await silent.end()).toBe(0);
    expect(silent.stderr).toBe('');
  });
});
