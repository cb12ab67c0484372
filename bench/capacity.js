import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { CONNECTIONS, load, LOADER } from './load.js';
import { logIn, startProgram } from './program.js';
import { PATCH_STOCK, READS } from './requests.js';
import { round } from './statistics.js';
import { withTemporaryDatabase } from './temporary-database.js';
import { cpuSecondsOf } from './usage.js';

/**
 * What a machine can handle: requests per second of a shop day (nine reads, one write), and of its reads alone, with 1, 2 and 4
 * programs on one database, on SQLite and on PostgreSQL. Everything runs on this one machine, the load and the database included; so
 * the processor's time of a request says what more cores would bring.
 *
 *   npm run bench:capacity -- [postgresql://user:password@host:port/database]
 */
const SECONDS = Number(process.env.BENCH_SECONDS ?? 10);
const LOADS = { reads: READS, 'shop day': [...READS, PATCH_STOCK] };
const PROGRAMS = [1, 2, 4];
const serverUrl = process.argv[2];

console.log(
  `${cpus()[0]?.model}, ${availableParallelism()} cores, Node ${process.version}, ${LOADER}, ${new Date().toISOString()}`,
);
const results = [];
for (const programs of PROGRAMS) results.push(...(await measureOnSqlite(programs)));
if (serverUrl)
  for (const programs of PROGRAMS) results.push(...(await measureOnPostgres(serverUrl, programs)));
console.table(results);

/** @param {number} programs */
async function measureOnSqlite(programs) {
  const folder = await mkdtemp(join(tmpdir(), 'stock-tracker-bench-'));
  try {
    return await measure('SQLite', `sqlite:///${join(folder, 'stock.db')}`, programs);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * @param {string} server
 * @param {number} programs
 */
function measureOnPostgres(server, programs) {
  return withTemporaryDatabase(server, (url) => measure('PostgreSQL', url, programs));
}

/**
 * @param {string} database
 * @param {string} databaseUrl
 * @param {number} count
 */
async function measure(database, databaseUrl, count) {
  const programs = [];
  try {
    for (let number = 0; number < count; number++) programs.push(await startProgram(databaseUrl));
    const token = await logIn(programs[0]?.url ?? '');
    const rows = [];
    for (const [name, requests] of Object.entries(LOADS)) {
      const before = await cpuSecondsOfAll(programs);
      const loads = await Promise.all(
        programs.map(({ url }) => load(url, token, requests, SECONDS, CONNECTIONS / count)),
      );
      const cpu = (await cpuSecondsOfAll(programs)) - before;
      const failed = loads.reduce((sum, result) => sum + result.failed, 0);
      if (failed > 0) throw new Error(`${failed} requests failed`);
      const perSecond = loads.reduce((sum, result) => sum + result.perSecond, 0);
      rows.push({
        database,
        load: name,
        programs: count,
        'requests/s': Math.round(perSecond),
        'CPU µs a request': Math.round((cpu / SECONDS / perSecond) * 1_000_000),
        'p50 ms': round(Math.max(...loads.map(({ p50 }) => p50)), 1),
        'p99 ms': round(Math.max(...loads.map(({ p99 }) => p99)), 1),
      });
    }
    return rows;
  } finally {
    await Promise.all(programs.map(({ stop }) => stop()));
  }
}

/** @param {import('./program.js').Server[]} programs */
async function cpuSecondsOfAll(programs) {
  const seconds = await Promise.all(programs.map(({ pid }) => cpuSecondsOf(pid)));
  return seconds.reduce((sum, one) => sum + one, 0);
}
