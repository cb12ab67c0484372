import { availableParallelism, cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { load, LOADER } from './load.js';
import { longestWait } from './measurements/pauses.js';
import { startProgram } from './program.js';
import { withShop } from './shop.js';
import { median, round } from './statistics.js';

/**
 * What grows with a shop: every kind of route in a small shop and in a large one, side by side, in turns. A request of a few rows
 * should take as long in both; one of all rows should let others through, and begin soon.
 *
 *   npm run bench:growth -- [--items 100000] [--movements 1000000] [--seconds 1] [--only as_of] [--postgres postgresql://user@host/name]
 */
const { values: options } = parseArgs({
  options: {
    items: { type: 'string', default: '100000' },
    movements: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    postgres: { type: 'string' },
  },
});
const seconds = Number(options.seconds);
const { only, postgres } = options;
const LARGE = { items: Number(options.items), movements: Number(options.movements) };
const SMALL = { items: Math.min(1_000, LARGE.items), movements: Math.min(10_000, LARGE.movements) };

/** Pages under more URLs than the program remembers lists. */
const PAGES = Array.from({ length: 900 }, (_, offset) => `limit=50&offset=${offset}`);

/** How long nobody reads, to compare with. */
const QUIET_MS = 5_000;

/** How often a list of all rows is read. */
const READINGS = 3;

const daysAgo = (/** @type {number} */ days) =>
  new Date(Date.now() - days * 24 * 60 * 60 * 1000).toISOString();
const [YESTERDAY, LAST_MONTH, HALF_A_YEAR_AGO] = [daysAgo(1), daysAgo(30), daysAgo(180)];
const MONTH = `from=${LAST_MONTH.slice(0, 10)}&to=${YESTERDAY.slice(0, 10)}`;

/**
 * Requests whose answer is as long in both shops.
 *
 * @type {import('./load.js').LoadRequest[]}
 */
const SOME_ROWS = [
  { path: '/items/40' },
  { path: '/items?limit=50' },
  { path: '/items?limit=50&sort=-updated_at' },
  { path: '/items?limit=50&category_id=3' },
  { path: '/items/search?q=rambutan' },
  { path: '/items/search?q=rambutan&limit=20' },
  { path: '/stock/40' },
  { path: '/stock?limit=50' },
  { path: '/stock?limit=50&sort=quantity' },
  { path: `/stock?limit=50&as_of=${YESTERDAY}` },
  { path: `/stock?limit=50&as_of=${HALF_A_YEAR_AGO}` },
  { path: '/stock/40/movements?limit=50' },
  { path: '/stock/movements?limit=50' },
  { path: '/stock/movements?limit=50&reason=sale' },
  { path: `/stock/movements?limit=50&from=${HALF_A_YEAR_AGO}&to=${LAST_MONTH}` },
  { path: '/carts?limit=50' },
  { path: '/categories' },
  { path: '/users?limit=50' },
  { method: 'PATCH', path: '/items/40', body: JSON.stringify({ unit_price: 3.99 }) },
  { method: 'PATCH', path: '/stock/41', body: JSON.stringify({ quantity: 12.5 }) },
  { method: 'POST', path: '/stock/42/movements', body: JSON.stringify({ delta: 0.001, reason: 'delivery' }) },
  { method: 'POST', path: '/carts', body: JSON.stringify({ items: [{ item_id: 42, quantity: 0.001 }] }) },
];

/** Requests whose answer, or the work for it, is as long as the shop is large. */
const ALL_ROWS = [
  '/items',
  '/items/search?q=apples',
  '/stock',
  '/stock?sort=quantity',
  '/stock/by-category',
  '/stock/low',
  `/stock?as_of=${YESTERDAY}`,
  `/stock?as_of=${HALF_A_YEAR_AGO}`,
  `/stock?sort=quantity&limit=50&as_of=${HALF_A_YEAR_AGO}`,
  `/stock?limit=50&updated_since=${LAST_MONTH}&as_of=${YESTERDAY}`,
  `/stock/by-category?as_of=${HALF_A_YEAR_AGO}`,
  `/stock?limit=50&offset=${Math.floor(LARGE.items / 2)}&as_of=${HALF_A_YEAR_AGO}`,
  '/items/export',
  '/stock/movements/export',
  '/reports/stock-value',
  `/reports/stock-value?as_of=${HALF_A_YEAR_AGO}`,
  `/reports/movements?${MONTH}&group_by=reason`,
  `/reports/movements?${MONTH}&group_by=item`,
  `/reports/sales?${MONTH}&group_by=day,category`,
  '/stock/ledger/verify',
];

console.log(
  `${cpus()[0]?.model}, ${availableParallelism()} cores, Node ${process.version}, ${LOADER}, ${new Date().toISOString()}
${JSON.stringify(SMALL)} beside ${JSON.stringify(LARGE)}\n`,
);
for (const engine of /** @type {const} */ (['SQLite', 'PostgreSQL'])) {
  if (engine === 'PostgreSQL' && postgres === undefined) continue;
  await withShop({ engine, ...SMALL }, { seconds, postgres }, (small) =>
    withShop({ engine, ...LARGE }, { seconds, postgres }, async (large) => {
      console.log(engine);
      await printSomeRows(small, large);
      await printAllRows(small, large);
      await printStart(small, large);
    }),
  );
}

/** @typedef {import('./shop.js').Shop} Shop */

/**
 * @param {Shop} small
 * @param {Shop} large
 */
async function printSomeRows(small, large) {
  /** @type {Record<string, object>} */
  const rows = {};
  for (const request of SOME_ROWS) {
    const { method = 'GET', path } = request;
    const name = `${method} ${path}`;
    if (!name.includes(only)) continue;
    const [few, many] = [await millisecondsOf(small, request), await millisecondsOf(large, request)];
    rows[name] = { 'small ms': round(few, 2), 'large ms': round(many, 2), times: round(many / few, 2) };
  }
  if (Object.keys(rows).length > 0) console.table(rows);
}

/**
 * On one connection, so that nobody waits for another.
 *
 * @param {Shop} shop
 * @param {import('./load.js').LoadRequest} request
 */
async function millisecondsOf({ program, token }, request) {
  const requests = request.path.includes('limit=50')
    ? PAGES.map((page) => ({ ...request, path: request.path.replace('limit=50', page) }))
    : [request];
  const { perSecond, failed } = await load(program.url, token, requests, seconds, 1);
  if (failed > 0) throw new Error(`${failed} requests failed: ${request.path}`);
  return 1000 / perSecond;
}

/**
 * @param {Shop} small
 * @param {Shop} large
 */
async function printAllRows(small, large) {
  /** @type {Record<string, object>} */
  const rows = {};
  const paths = ALL_ROWS.filter((path) => path.includes(only));
  if (paths.length === 0) return;
  for (const path of paths) {
    const [few, many] = [await readAll(small, path), await readAll(large, path)];
    rows[path] = {
      'small ms': round(few.took, 1),
      'large ms': round(many.took),
      'first byte ms': round(many.begun, 1),
      'others wait ms': round(many.wait, 1),
      'in the small shop': round(few.wait, 1),
    };
  }
  // The machine has pauses of its own.
  const nobody = async (/** @type {Shop} */ { program }) =>
    round(await longestWait(program.url, () => sleep(QUIET_MS)), 1);
  rows.nothing = { 'others wait ms': await nobody(large), 'in the small shop': await nobody(small) };
  console.table(rows);
}

/**
 * @param {Shop} shop
 * @param {string} path
 */
async function readAll({ program, token }, path) {
  const headers = { Authorization: `Bearer ${token}`, 'Accept-Encoding': 'identity' };
  /** @type {Record<'begun' | 'took' | 'wait', number[]>} */
  const times = { begun: [], took: [], wait: [] };
  for (let reading = 0; reading < READINGS; reading++) {
    const wait = await longestWait(program.url, async () => {
      const sent = performance.now();
      // Another page each time, as pages are remembered.
      const url = `${program.url}/api/v1${path.replace('limit=50', `limit=${50 + reading}`)}`;
      const response = await fetch(url, { headers });
      const reader = response.body?.getReader();
      await reader?.read();
      times.begun.push(performance.now() - sent);
      while (!(await reader?.read())?.done);
      times.took.push(performance.now() - sent);
      if (!response.ok) throw new Error(`${response.status} for ${path}`);
    });
    times.wait.push(wait);
  }
  return { begun: median(times.begun), took: median(times.took), wait: median(times.wait) };
}

/**
 * @param {Shop} small
 * @param {Shop} large
 */
async function printStart(small, large) {
  if (!'start'.includes(only)) return;
  const milliseconds = [];
  for (const { program, databaseUrl } of [small, large]) {
    await program.stop();
    const begin = performance.now();
    const { url, stop } = await startProgram(databaseUrl);
    const { ok } = await fetch(`${url}/health/ready`);
    if (!ok) throw new Error('The program is not ready');
    milliseconds.push(performance.now() - begin);
    await stop();
  }
  const [few = NaN, many = NaN] = milliseconds;
  console.table({ start: { 'small ms': round(few), 'large ms': round(many), times: round(many / few, 2) } });
}
