import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { Client } from './support/client.js';
import { Program } from './support/program.js';
import { ADMIN } from './support/shop.js';
import { createTemporaryDatabase, type TemporaryDatabase } from './support/temporary-database.js';
import { createTemporaryFolder } from './support/temporary-folder.js';

/** A command that the API refuses fails. */
const STRICT = 'curl() { command curl --fail-with-body --show-error "$@"; }';

/** As a reader pastes them into a terminal. */
describe('The commands of the documentation', () => {
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

  it.each([
    ['the first session of the README', '../README.md', 'true'],
    ['a morning in the shop', './../docs/a-morning.md', 'false'],
  ])('all succeed: %s', async (_, page, SEED_MOCK_DATA) => {
    const origin = await new Program(folder, { DATABASE_URL: database.url, SEED_MOCK_DATA }).ready;
    const text = readFileSync(new URL(page, import.meta.url), 'utf8');
    const script = /```bash\n(API=.*?)```/s.exec(text)?.[1] ?? '';
    const commands = script.replace('http://127.0.0.1:8000', origin.origin);
    expect(commands).toContain(origin.origin);
    await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', `${STRICT}\n${commands}`], { cwd: folder });

    const { accessToken } = await new Client(origin.origin).login(ADMIN.username, ADMIN.password);
    const admin = new Client(origin.origin, accessToken);
    const { body } = await admin.get('/stock/ledger/verify').expect(200);
    expect(body).toMatchObject({ is_valid: true });
    const { body: accounts } = await admin.get('/daily-accounts').expect(200);
    expect(accounts).toMatchObject([{ is_closed: true, cash_difference: 0 }]);
  });
});
