import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { VERSION } from '../src/platform/config/version.js';
import type { Outcome } from './support/command.js';
import { describeWithSqlite } from './support/sqlite.js';
import { createTemporaryFolder } from './support/temporary-folder.js';
import { until } from './support/until.js';

const ENTRY = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const READY = /is ready at (http:\/\/[^\s,]+)/;
const CTRL_C = '\x03';

describe('The program on the command line', () => {
  it.each(['--help', '-h'])('says with %s what it takes', async (argument) => {
    const { code, stdout, stderr } = await run(argument);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('Usage: node dist/main.js [--help | --version]');
  });

  it.each(['--version', '-v'])('says its version with %s', async (argument) => {
    expect(await run(argument)).toEqual({ code: 0, stdout: `${VERSION}\n`, stderr: '' });
  });

  it.each(['--port=80', 'serve', ''])('refuses %j in one line', async (argument) => {
    expect(await run(argument)).toEqual({
      code: 2,
      stdout: '',
      stderr: `Unknown argument "${argument}": node dist/main.js takes --help and --version.\n`,
    });
  });
});

describeWithSqlite('The program in a terminal', () => {
  let folder: string;
  let terminal: ChildProcess | undefined;
  let shown = '';

  beforeEach(async () => {
    folder = await createTemporaryFolder();
  });

  afterEach(() => {
    terminal?.kill('SIGKILL');
  });

  /** `script` (util-linux) gives a program a terminal, and types what it is sent. */
  async function start(): Promise<{ origin: string; type: (keys: string) => void; ended: Promise<unknown> }> {
    const child = spawn('script', ['-qefc', `exec "${process.execPath}" "${ENTRY}"`, '/dev/null'], {
      cwd: folder,
      env: { PATH: process.env.PATH, PORT: '0', BCRYPT_COST: '4', SEED_MOCK_DATA: 'false' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    terminal = child;
    const ended = once(child, 'close').then(([code]) => code as unknown);
    child.stdout.setEncoding('utf8').on('data', (part: string) => (shown += stripVTControlCharacters(part)));
    await until(() => READY.test(shown));
    return { origin: READY.exec(shown)?.[1] ?? '', type: (keys) => child.stdin.write(keys), ended };
  }

  it('shows one line for a request, and says goodbye after Ctrl-C', async () => {
    const { origin, type, ended } = await start();
    await fetch(`${origin}/api/v1/items`, { headers: { 'X-Request-Id': 'of-the-list' } });
    await fetch(`${origin}/nowhere`, { headers: { 'X-Request-Id': 'of-nothing' } });
    await until(() => shown.includes('of-nothing'));
    const lines = shown.slice(shown.search(READY)).split(/\r?\n/).slice(1, -1);
    expect(lines).toEqual([
      expect.stringMatching(/^\[[\d:]{8}\] INFO: GET \/api\/v1\/items 401 in [\d.]+ ms \(of-the-list\)$/),
      expect.stringMatching(/^\[[\d:]{8}\] INFO: GET unknown 404 in [\d.]+ ms \(of-nothing\)$/),
    ]);

    type(CTRL_C);
    expect(await ended).toBe(0);
    expect(shown.trimEnd().split(/\r?\n/).at(-1)).toBe('Stock tracker has stopped. Goodbye.');
  });
});

async function run(...parts: string[]): Promise<Outcome> {
  const child = spawn(process.execPath, [ENTRY, ...parts], { env: {}, stdio: ['ignore', 'pipe', 'pipe'] });
  const [[code], stdout, stderr] = await Promise.all([
    once(child, 'close'),
    text(child.stdout),
    text(child.stderr),
  ]);
  return { code: code as number, stdout, stderr };
}
