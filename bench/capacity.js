import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { CONNECTIONS, load, LOADER } from './load.js';
import { logIn, startProgram } from './program.js';
import { PATCH_STOCK, READS } from './requests.js';
import { round } from './statistics.js';
import { withTemporaryDatabase } from './temporary-database.js';

/**
 * What a machine can handle: requests per second of a shop day (nine reads, one write) on SQLite with one process, and on
 * PostgreSQL with 1, 2 and 4 replicas. Everything runs on this one machine, the load and the database included.
 *
 *   npm run bench:capacity -- [postgresql://user:password@host:port/database]
 */
const SECONDS = Number(process.env.BENCH_SECONDS ?? 10);
const SHOP_DAY = [...READS, PATCH_STOCK];
const serverUrl = process.argv[2];

console.log(
  `${cpus()[0]?.model}, ${availableParallelism()} cores, Node ${process.version}, ${LOADER}, ${new Date().toISOString()}`,
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
    const loads = await Promise.all(
      programs.map(({ url }) => load(url, token, SHOP_DAY, SECONDS, CONNECTIONS / replicas)),
    );
    const failed = loads.reduce((sum, result) => sum + result.failed, 0);
    if (failed > 0) throw new Error(`${failed} requests failed`);
    return {
      replicas,
      'requests/s': Math.round(loads.reduce((sum, result) => sum + result.perSecond, 0)),
      'p50 ms': round(Math.max(...loads.map(({ p50 }) => p50)), 1),
      'p99 ms': round(Math.max(...loads.map(({ p99 }) => p99)), 1),
    };
  } finally {
    await Promise.all(programs.map(({ stop }) => stop()));
  }
}
