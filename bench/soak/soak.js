import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { PacedClients } from '../paced-clients.js';

/**
 * Minutes of a busy shop on the built program with production's settings: nine reads to a write, items that come and
 * go, logins now and then. Fails on any unexpected response, on memory that grows, and on a blocked event loop.
 *
 *   npm run soak -- [--minutes 10] [postgresql://user:password@host:port/emptydatabase]
 */
const { values, positionals } = parseArgs({
  options: { minutes: { type: 'string', default: '10' } },
  allowPositionals: true,
});
const MINUTES = Number(values.minutes);
const CLIENTS = 16;
/** Between the requests of a client: some 150 requests per second in all, more than a busy chain sends. */
const PAUSE_MS = 100;
const LOGIN_EVERY = 500;
const REPORT_SECONDS = 10;
/**
 * Memory is compared with what it was when the caches were warm: the median of the last minute with that of the second
 * one, as between two garbage collections it rises and falls by more than it may grow.
 */
const WARM_MINUTES = Math.min(2, MINUTES / 2);
const WINDOW_MINUTES = WARM_MINUTES / 2;
const [MAX_GROWTH, MAX_DELAY_MS] = [1.1, 50];
const ADMIN_PASSWORD = 'Soaked For Long 1';

const folder = await mkdtemp(join(tmpdir(), 'stock-tracker-soak-'));
const program = spawn(
  process.execPath,
  ['--import', fileURLToPath(new URL('probe.js', import.meta.url)), 'dist/main.js'],
  {
    env: {
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      PORT: '0',
      SECRET_KEY: 'only for the soak, at least 32 characters long',
      DATABASE_URL: positionals[0] ?? `sqlite:///${join(folder, 'stock.db')}`,
      SEED_ADMIN: 'true',
      SEED_MOCK_DATA: 'true',
      ADMIN_PASSWORD,
    },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  },
);
let [errors, p99, rss, warmRss] = [0, 0, 0, 0];
const clients = new PacedClients({
  pauseMs: PAUSE_MS,
  onFailure: (message) => {
    errors++;
    console.error(message);
  },
});
/** Bytes, once a second. @type {number[]} */
let samples = [];
program.on('message', (/** @type {{ p99: number; rss: number }} */ sample) => {
  ({ p99, rss } = sample);
  samples.push(rss);
});
try {
  const origin = await listening();
  const timer = setInterval(report, REPORT_SECONDS * 1000);
  const warm = sleep(WARM_MINUTES * 60_000).then(() => {
    warmRss = recentRss();
  });
  startClients(origin);
  await Promise.all([warm, sleep(MINUTES * 60_000)]);
  await clients.stop();
  clearInterval(timer);
  const endRss = recentRss();
  const growth = endRss / warmRss;
  console.table({
    requests: clients.requests,
    errors,
    [`RSS after ${WARM_MINUTES} min, MB`]: megabytes(warmRss),
    'RSS at the end, MB': megabytes(endRss),
    ratio: Number(growth.toFixed(3)),
    'event-loop delay p99, ms': Number(p99.toFixed(1)),
  });
  if (!(errors === 0 && growth <= MAX_GROWTH && p99 < MAX_DELAY_MS)) process.exitCode = 1;
} finally {
  program.kill('SIGTERM');
  if (program.exitCode === null) await once(program, 'exit');
  await rm(folder, { recursive: true });
}

/** @returns {Promise<string>} */
function listening() {
  return new Promise((resolve, reject) => {
    let log = '';
    let isReady = false;
    program.once('exit', () => {
      reject(new Error(`The program did not start:\n${log}`));
    });
    program.stdout?.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      if (isReady) return;
      log += text;
      const url = /is ready at (http:[^\s,]+)/.exec(log)?.[1];
      if (!url) return;
      isReady = true;
      resolve(url);
    });
  });
}

/** @param {string} origin */
function startClients(origin) {
  /** @type {(string | undefined)[]} */
  const tokens = [];
  /** @type {({ id: number } | undefined)[]} */
  const items = [];
  clients.start(CLIENTS, async (client, round) => {
    // Also because an access token lasts a quarter of an hour.
    if (round === 1 || round % LOGIN_EVERY === 0) tokens[client] = await logIn(origin);
    const some = ((client + round) % 32) + 1;
    const request = { origin, token: tokens[client] };
    for (const path of [
      '/items',
      `/items/${some}`,
      `/stock/${some}`,
      '/items/search?q=milk',
      '/stock/by-category',
      '/items?category_id=1',
      '/categories',
      `/items/${some}`,
      `/stock/${some}`,
    ]) {
      await clients.send({ ...request, method: 'GET', path, expected: 200 });
      await clients.pause();
    }
    const sku = `soak-${client}-${round}`;
    const item = items[client];
    if (round % 3 === 0) {
      const body = { quantity: round };
      await clients.send({ ...request, method: 'PATCH', path: `/stock/${some}`, body, expected: 200 });
    } else if (item) {
      await clients.send({ ...request, method: 'DELETE', path: `/items/${item.id}`, expected: 204 });
      items[client] = undefined;
    } else {
      const body = { category_id: 1, name: sku, sku, unit_price: 1 };
      const created = await clients.send({ ...request, method: 'POST', path: '/items', body, expected: 201 });
      items[client] = /** @type {{ id: number } | undefined} */ (created);
    }
  });
}

/** @param {string} origin */
async function logIn(origin) {
  const body = { username: 'admin', password: ADMIN_PASSWORD };
  const tokens = await clients.send({ origin, method: 'POST', path: '/auth/login', body, expected: 200 });
  return /** @type {{ access_token: string } | undefined} */ (tokens)?.access_token;
}

function report() {
  console.log(
    `${clients.requests} requests, ${errors} errors, RSS ${megabytes(rss)} MB, event-loop delay p99 ${p99.toFixed(1)} ms`,
  );
}

/** The median of the last minute. */
function recentRss() {
  samples = samples.slice(-Math.ceil(WINDOW_MINUTES * 60));
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** @param {number} bytes */
function megabytes(bytes) {
  return Math.round(bytes / 1024 / 1024);
}
