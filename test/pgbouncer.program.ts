import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client as Postgres } from 'pg';
import { startCommand } from './support/command.js';
import { Shop } from './support/shop.js';
import {
  createPostgresDatabase,
  createSqliteFile,
  type TemporaryDatabase,
} from './support/temporary-database.js';
import { createTemporaryFolder } from './support/temporary-folder.js';

const { PGBOUNCER_URL } = process.env;
const describeBehindPgbouncer = PGBOUNCER_URL ? describe : describe.skip;

/** What holds behind it is in the other tests, which .ci/run has connect to it as well. */
describeBehindPgbouncer('pgbouncer (with PGBOUNCER_URL)', () => {
  const refusal = 'The URL leads to a connection pooler: give this command the URL of PostgreSQL itself.\n';
  let database: TemporaryDatabase;
  let folder: string;

  beforeAll(async () => {
    database = await createPostgresDatabase(PGBOUNCER_URL as string);
    folder = await createTemporaryFolder();
  });

  afterAll(() => database.drop());

  it('is refused for a backup', async () => {
    const file = join(folder, 'backup');
    const { code, stderr } = await startCommand('backup', [file], { DATABASE_URL: database.url }).ended;
    expect({ code, stderr }).toEqual({ code: 1, stderr: refusal });
    expect(existsSync(file)).toBe(false);
  });

  it('is refused for a restore', async () => {
    const file = join(folder, 'dump');
    await writeFile(file, 'PGDMP');
    const { code, stderr } = await startCommand('restore', [file], { DATABASE_URL: database.url }).ended;
    expect({ code, stderr }).toEqual({ code: 1, stderr: refusal });
  });

  it('is refused as the source and as the target of a move', async () => {
    const file = await createSqliteFile();
    const shop = await Shop.open({}, file);
    await shop.app.close();
    for (const [from, to] of [
      [database.url, file.url],
      [file.url, database.url],
    ] as const) {
      const { code, stderr } = await startCommand('move-database', ['--from', from, '--to', to], {}).ended;
      expect({ code, stderr }).toEqual({ code: 1, stderr: refusal });
    }
  });

  it('sets the timeouts that the program asks for', async () => {
    const client = new Postgres({ connectionString: database.url });
    await client.connect();
    for (const [setting, value] of [
      ['statement_timeout', '6s'],
      ['lock_timeout', '5s'],
      ['idle_in_transaction_session_timeout', '30s'],
    ]) {
      const { rows } = await client.query(`show ${setting}`);
      expect(rows).toEqual([{ [setting as string]: value }]);
    }
    await client.end();
  });
});
