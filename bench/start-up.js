import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * How long the built program takes from its start to its first answer that it is ready, on an SQLite file that exists,
 * in production settings; and the memory that it holds when it has had nothing to do for a second.
 *
 *   npm run bench:start-up -- [number of starts]
 */
const STARTS = Number(process.argv[2] ?? 10);

console.log(
  `${cpus()[0]?.model}, ${availableParallelism()} cores, Node ${process.version}, ${new Date().toISOString()}`,
);
const folder = await mkdtemp(join(tmpdir(), 'stock-tracker-bench-'));
try {
  const file = join(folder, 'stock.db');
  // The first start makes the file, and reads the program into the system's cache.
  await measure(file);
  const starts = [];
  for (let n = 0; n < STARTS; n++) starts.push(await measure(file));
  console.table({
    'first answer, ms': summary(starts.map(({ milliseconds }) => milliseconds)),
    'RSS idle, MB': summary(starts.map(({ megabytes }) => megabytes)),
  });
} finally {
  await rm(folder, { recursive: true });
}

/** @param {string} file */
async function measure(file) {
  const begin = performance.now();
  const child = spawn(process.execPath, ['dist/main.js'], {
    env: {
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      PORT: '0',
      SECRET_KEY: 'only for the benchmark, at least 32 characters',
      DATABASE_URL: `sqlite:///${file}`,
      SEED_ADMIN: 'true',
      SEED_MOCK_DATA: 'true',
      ADMIN_PASSWORD: 'Benchmark 1',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const { ok } = await fetch(`${await urlOf(child)}/health/ready`);
    const milliseconds = performance.now() - begin;
    if (!ok) throw new Error('The program is not ready');
    await sleep(1000);
    return { milliseconds, megabytes: await residentMegabytes(Number(child.pid)) };
  } finally {
    child.kill('SIGKILL');
  }
}

/**
 * Where the program listens, as its log tells.
 *
 * @param {import('node:child_process').ChildProcessByStdio<null, import('node:stream').Readable, null>} child
 * @returns {Promise<string>}
 */
function urlOf(child) {
  return new Promise((resolve, reject) => {
    let log = '';
    child.on('exit', () => {
      reject(new Error(`The program did not start:\n${log}`));
    });
    child.stdout.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      log += text;
      const [, url] = /is ready at (http:[^\s,]+)/.exec(log) ?? [];
      if (url) resolve(url);
    });
  });
}

/**
 * Undefined where the system has no /proc.
 *
 * @param {number} pid
 */
async function residentMegabytes(pid) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(status) ?? [];
  return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
}

/** @param {(number | undefined)[]} values */
function summary(values) {
  const known = values.filter((value) => value !== undefined).sort((a, b) => a - b);
  if (known.length === 0) return { median: 'unknown here' };
  const [least = 0] = known;
  const at = (/** @type {number} */ share) =>
    Math.round(known[Math.floor((known.length - 1) * share)] ?? least);
  return { median: at(0.5), least: at(0), most: at(1) };
}
