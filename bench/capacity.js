import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import autocannon from 'autocannon';
import { logIn, startProgram } from './program.js';
import { withTemporaryDatabase } from './temporary-database.js';

/**
 * What a machine carries: requests a second of a shop day (nine reads, one write) on SQLite with one process, and on
 * PostgreSQL with 1, 2 and 4 replicas. Everything runs on this one machine, the load and the database included.
 *
 *   npm run bench:capacity -- [postgresql://user:password@host:port/database]
 */
const SECONDS = Number(process.env.BENCH_SECONDS ?? 10);
const CONNECTIONS = 32;
const serverUrl = process.argv[2];

console.log(
  `${cpus()[0]?.model}, ${availableParallelism()} cores, Node ${process.version}, ${new Date().toISOString()}`,
);
const results = [await measureOnSqlite()];
if (serverUrl) for (const replicas of [1, 2, 4]) results.push(await measureOnPostgres(serverUrl, replicas));
console.table(results);

async function measureOnSqlite() {
  const folder = await mkdtemp(join(tmpdir(), 'stock-tracker-bench-'));
  try {
    return { database: 'SQLite', ...(await measure(`sqlite:///${join(folder, 'stock.db')}`, 1)) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * @param {string} server
 * @param {number} replicas
 */
function measureOnPostgres(server, replicas) {
  return withTemporaryDatabase(server, async (url) => ({
    database: 'PostgreSQL',
    ...(await measure(url, replicas)),
  }));
}

/**
 * @param {string} databaseUrl
 * @param {number} replicas
 */
async function measure(databaseUrl, replicas) {
  const programs = await Promise.all(Array.from({ length: replicas }, () => startProgram(databaseUrl)));
  try {
    const token = await logIn(programs[0]?.url ?? '');
    const loads = await Promise.all(programs.map(({ url }) => load(url, token, CONNECTIONS / replicas)));
    const failed = loads.reduce((sum, { errors, non2xx }) => sum + errors + non2xx, 0);
    if (failed > 0) throw new Error(`${failed} requests failed`);
    return {
      replicas,
      'requests/s': Math.round(loads.reduce((sum, { requests }) => sum + requests.average, 0)),
      'p50 ms': Math.max(...loads.map(({ latency }) => latency.p50)),
      'p99 ms': Math.max(...loads.map(({ latency }) => latency.p99)),
    };
  } finally {
    await Promise.all(programs.map(({ stop }) => stop()));
  }
}

/**
 * @param {string} url
 * @param {string} token
 * @param {number} connections
 */
function load(url, token, connections) {
  const read = (/** @type {string} */ path) => ({ path: `/api/v1${path}` });
  const write = {
    method: /** @type {const} */ ('PATCH'),
    path: '/api/v1/stock/7',
    body: JSON.stringify({ quantity: 12.5 }),
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
  };
  return autocannon({
    url,
    connections,
    duration: SECONDS,
    headers: { Authorization: `Bearer ${token}` },
    requests: [
      read('/items'),
      read('/items/1'),
      read('/stock/1'),
      read('/items/search?q=milk'),
      read('/stock/by-category'),
      write,
      read('/items/12'),
      read('/stock/12'),
      read('/categories'),
      read('/items?category_id=1'),
    ],
  });
}
