import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { fillUp } from './catalogue.js';
import { load, LOADER } from './load.js';
import { pausesOf, readWhole } from './measurements/pauses.js';
import { logIn, startProgram, startServer } from './program.js';
import {
  BESIDE_FLOOR,
  BY_ROW,
  BY_SIZE,
  LEDGER_WRITES,
  PLAIN_WRITE,
  READS,
  SIZES,
  UNCHANGED,
  UNCHANGED_OF_1000,
  WHOLE_LISTS,
} from './scenarios.js';
import { withTemporaryDatabase } from './temporary-database.js';
import { cpuSecondsOf, residentMegabytesOf } from './usage.js';

/**
 * Measures this program, with production settings, beside the floor (floor.js): on the same SQLite file, in turns, as
 * medians. What was measured in one run can be compared; figures of different runs can't, as machines are never quiet.
 *
 *   npm run bench -- [--seconds 3] [--rounds 5] [--only "one item"] [--json FILE] [--postgres postgresql://user@host/name]
 *
 * @typedef {import('./load.js').LoadRequest} LoadRequest
 * @typedef {import('./load.js').LoadResult} LoadResult
 * @typedef {import('./program.js').Server} Server
 * @typedef {Record<string, string | number>} Row what was measured, and its figures
 */
const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string' },
    json: { type: 'string' },
    postgres: { type: 'string' },
  },
});
const seconds = Number(options.seconds);
const rounds = Number(options.rounds);
const LOGINS_A_SECOND = 10;
/** Milliseconds until a program that nobody uses has given back what its start took: V8 collects garbage once it is idle. */
const IDLE = 12_000;
/** As many as wait for each other when a shop opens. */
const LOGINS_AT_ONCE = 4;

const machine = `${cpus()[0]?.model}, ${availableParallelism()} cores, Node ${process.version}, ${LOADER}`;
const date = new Date().toISOString();
console.log(`${machine}\n${date}, medians of ${rounds} rounds of ${seconds} s\n`);

const folder = await mkdtemp(join(tmpdir(), 'stock-tracker-bench-'));
try {
  const rows = [
    ...(await report('Beside the floor', measureBesideFloor)),
    ...(await report('Unchanged since it was read', measureUnchanged)),
    ...(await report('With the ledger', measureLedger)),
    ...(await report('Logging in, and reads meanwhile', measureLogins)),
    ...(await report('By size of the catalogue', measureBySize)),
    ...(await report('Others, while whole lists are read', measurePauses)),
    ...(await report('Starting', measureStarts)),
  ];
  if (options.json) await writeFile(options.json, `${JSON.stringify({ machine, date, rows }, null, 2)}\n`);
} finally {
  await rm(folder, { recursive: true });
}

/**
 * @param {string} title
 * @param {() => Promise<Row[]>} measure
 */
async function report(title, measure) {
  const rows = await measure();
  if (rows.length > 0) {
    console.log(title);
    console.table(Object.fromEntries(rows.map(({ what, ...figures }) => [what, figures])));
  }
  return rows;
}

async function measureBesideFloor() {
  const { file, program, token } = await open('beside-floor.db');
  const floor = await startServer('bench/floor.js', [file, token, '1'], {});
  try {
    /** @type {Row[]} */
    const rows = [];
    for (const [what, requests] of chosen(BESIDE_FLOOR)) {
      await expectEqualAnswers(program.url, floor.url, token, requests);
      const { own, lowest } = await inTurns({
        own: () => loadOn(program, token, requests),
        lowest: () => loadOn(floor, token, requests),
      });
      rows.push({
        what,
        'requests/s': round(own.perSecond),
        'floor requests/s': round(lowest.perSecond),
        'ratio to floor': round(own.perSecond / lowest.perSecond, 2),
        'p50 ms': round(own.p50, 1),
        'p99 ms': round(own.p99, 1),
        'CPU, cores': round(own.cpu, 2),
        'RSS MB': await residentMegabytesOf(program.pid),
      });
    }
    return rows;
  } finally {
    await Promise.all([program.stop(), floor.stop()]);
  }
}

async function measureUnchanged() {
  return [
    ...(await measureUnchangedOf('unchanged.db', undefined, UNCHANGED)),
    ...(await measureUnchangedOf('unchanged-1000.db', 1_000, UNCHANGED_OF_1000)),
  ];
}

/**
 * How much more of the same there is when the client has it already, and hears 304.
 *
 * @param {string} name
 * @param {number | undefined} size of the catalogue
 * @param {Record<string, LoadRequest[]>} scenarios
 */
async function measureUnchangedOf(name, size, scenarios) {
  /** @type {Row[]} */
  const rows = [];
  const wanted = chosen(scenarios);
  if (wanted.length === 0) return rows;
  const { program, token } = await open(name, size);
  try {
    for (const [what, requests] of wanted) {
      const conditional = await Promise.all(
        requests.map(async (request) => ({
          ...request,
          headers: { 'If-None-Match': await tagOf(program.url, token, request) },
        })),
      );
      const { whole, unchanged } = await inTurns({
        whole: () => loadOn(program, token, requests),
        unchanged: () => loadOn(program, token, conditional),
      });
      rows.push({
        what,
        '304/s': round(unchanged.perSecond),
        '200/s': round(whole.perSecond),
        ratio: round(unchanged.perSecond / whole.perSecond, 2),
        'p99 ms': round(unchanged.p99, 1),
      });
    }
    return rows;
  } finally {
    await program.stop();
  }
}

/**
 * @param {string} url
 * @param {string} token
 * @param {LoadRequest} request
 */
async function tagOf(url, token, { path }) {
  const { headers } = await fetch(`${url}/api/v1${path}`, { headers: { Authorization: `Bearer ${token}` } });
  return String(headers.get('ETag'));
}

/** What it costs to write a change of stock down: beside a PATCH of an item's price, of which the ledger knows nothing. */
async function measureLedger() {
  const writes = chosen(LEDGER_WRITES);
  if (writes.length === 0) return [];
  const rows = await measureLedgerOn('SQLite', await open('ledger.db'), writes);
  if (options.postgres === undefined) return rows;
  return withTemporaryDatabase(options.postgres, async (url) => [
    ...rows,
    ...(await measureLedgerOn('PostgreSQL', await openDatabase(url), writes)),
  ]);
}

/**
 * @param {string} engine
 * @param {{ program: Server, token: string }} opened
 * @param {[what: string, requests: LoadRequest[]][]} writes
 */
async function measureLedgerOn(engine, { program, token }, writes) {
  try {
    /** @type {Row[]} */
    const rows = [];
    for (const [what, requests] of writes) {
      const { plain, ledger } = await inTurns({
        plain: () => loadOn(program, token, PLAIN_WRITE),
        ledger: () => loadOn(program, token, requests),
      });
      rows.push({
        what: `${what}, ${engine}`,
        'requests/s': round(ledger.perSecond),
        'plain PATCH/s': round(plain.perSecond),
        'times the cost': round(plain.perSecond / ledger.perSecond, 2),
        'times the CPU': round(ledger.cpu / ledger.perSecond / (plain.cpu / plain.perSecond), 2),
        'p99 ms': round(ledger.p99, 1),
      });
    }
    return rows;
  } finally {
    await program.stop();
  }
}

/** How many logins a second there can be, and how much slower reads get while there are {@link LOGINS_A_SECOND}. */
async function measureLogins() {
  /** @type {Row[]} */
  const rows = [];
  const { program, token } = await open('logins.db');
  try {
    for (const [what, requests] of chosen({ 'reads under logins': READS })) {
      const { quiet, busy } = await inTurns({
        quiet: () => loadOn(program, token, requests),
        busy: () => whileLoggingIn(program.url, () => loadOn(program, token, requests)),
      });
      rows.push({
        what,
        'requests/s': round(busy.perSecond),
        'p99 ms': round(busy.p99, 1),
        'quiet p99 ms': round(quiet.p99, 1),
        'ratio to quiet p99': round(busy.p99 / quiet.p99, 2),
      });
    }
    for (const [what] of chosen({ logins: [] })) {
      const { logins } = await inTurns({ logins: () => countLogins(program.url) });
      rows.push({ what, 'requests/s': round(logins.perSecond, 1) });
    }
    return rows;
  } finally {
    await program.stop();
  }
}

/** @param {string} url */
async function countLogins(url) {
  const end = performance.now() + seconds * 1000;
  let count = 0;
  const logInAgain = async () => {
    for (; performance.now() < end; count++) await logIn(url);
  };
  await Promise.all(Array.from({ length: LOGINS_AT_ONCE }, logInAgain));
  return { perSecond: count / seconds };
}

async function measureBySize() {
  /** @type {Row[]} */
  const rows = [];
  /** @type {Map<string, number>} */
  const smallest = new Map();
  const pages = chosen(BY_SIZE);
  const lists = chosen(BY_ROW);
  if (pages.length + lists.length === 0) return rows;
  for (const size of SIZES) {
    const { program, token } = await open(`${size}.db`, size);
    /**
     * @param {string} what
     * @param {{ perSecond: number, p50: number, p99: number }} own
     * @param {number} rowsPerSecond up to a factor that is the same for all sizes
     */
    const add = async (what, own, rowsPerSecond) => {
      if (!smallest.has(what)) smallest.set(what, rowsPerSecond);
      rows.push({
        what: `${what} of ${size.toLocaleString('en')}`,
        'requests/s': round(own.perSecond, 1),
        'cost of a row to the smallest': round((smallest.get(what) ?? NaN) / rowsPerSecond, 2),
        'p50 ms': round(own.p50, 1),
        'p99 ms': round(own.p99, 1),
        'RSS MB': await residentMegabytesOf(program.pid),
      });
    };
    try {
      for (const [what, requests] of pages) {
        const { own } = await inTurns({ own: () => loadOn(program, token, requests) });
        await add(what, own, own.perSecond);
      }
      for (const [what, path] of lists) {
        const { own } = await inTurns({ own: () => readInTurn(program.url, token, path) });
        await add(what, own, own.perSecond * size);
      }
    } finally {
      await program.stop();
    }
  }
  return rows;
}

/**
 * One client that reads a long list over and over, and throws it away.
 *
 * @param {string} url
 * @param {string} token
 * @param {string} path
 */
async function readInTurn(url, token, path) {
  const begin = performance.now();
  /** @type {number[]} */
  const times = [];
  while (performance.now() - begin < seconds * 1000) {
    const sent = performance.now();
    await readWhole(url, token, path);
    times.push(performance.now() - sent);
  }
  return {
    perSecond: (times.length / (performance.now() - begin)) * 1000,
    p50: median(times),
    p99: Math.max(...times),
  };
}

/** How long a light request waits at the longest while the longest lists are read. */
async function measurePauses() {
  const wanted = chosen(WHOLE_LISTS);
  if (wanted.length === 0) return [];
  const { program, token } = await open('pauses.db', SIZES.at(-1));
  try {
    /** @type {Row[]} */
    const rows = [];
    for (const [what, { path, clients }] of wanted) {
      const { pauses } = await inTurns({ pauses: () => pausesOf(program.url, token, path, clients) });
      rows.push({
        what,
        'longest wait ms': round(pauses.longest, 1),
        'quiet longest wait ms': round(pauses.quiet, 1),
        'took ms': round(pauses.took),
        'RSS MB': await residentMegabytesOf(program.pid),
      });
    }
    return rows;
  } finally {
    await program.stop();
  }
}

/** From the start of the process on an existing file to its first answer; and the memory of a program that is idle. */
async function measureStarts() {
  const what = 'start';
  if (chosen({ [what]: [] }).length === 0) return [];
  const { program, databaseUrl } = await open('start.db');
  await program.stop();
  const { start } = await inTurns({
    start: async () => {
      const begin = performance.now();
      const started = await startProgram(databaseUrl);
      const { ok } = await fetch(`${started.url}/health/ready`);
      const milliseconds = performance.now() - begin;
      if (!ok) throw new Error('The program is not ready');
      const cpu = await cpuSecondsOf(started.pid);
      await sleep(IDLE);
      const megabytes = await residentMegabytesOf(started.pid);
      await started.stop();
      return { milliseconds, cpu, megabytes };
    },
  });
  return [
    {
      what,
      'first answer ms': round(start.milliseconds),
      'CPU ms': round(start.cpu * 1000),
      'RSS idle MB': start.megabytes,
    },
  ];
}

/**
 * A program on an SQLite file of its own.
 *
 * @param {string} name
 * @param {number} [size] of the catalogue; without it, the mock catalogue
 */
async function open(name, size) {
  const file = join(folder, name);
  const databaseUrl = `sqlite:///${file}`;
  if (size !== undefined) {
    await (await startProgram(databaseUrl)).stop();
    fillUp(file, size);
  }
  return { file, databaseUrl, ...(await openDatabase(databaseUrl)) };
}

/** @param {string} databaseUrl */
async function openDatabase(databaseUrl) {
  // One address sends everything here, far more than any shop.
  const program = await startProgram(databaseUrl, { RATE_LIMIT_ENABLED: 'false' });
  return { program, token: await logIn(program.url) };
}

/**
 * @param {Server} server
 * @param {string} token
 * @param {LoadRequest[]} requests
 */
async function loadOn({ url, pid }, token, requests) {
  const before = await cpuSecondsOf(pid);
  const result = await load(url, token, requests, seconds);
  if (result.failed > 0) throw new Error(`${result.failed} requests to ${url} failed`);
  return { ...result, cpu: ((await cpuSecondsOf(pid)) - before) / seconds };
}

/**
 * Runs each measurement once to warm up, then in turns, and answers the medians of each one's figures.
 *
 * @template {string} Name
 * @template {Record<string, number>} Figures
 * @param {Record<Name, () => Promise<Figures>>} measurements
 */
async function inTurns(measurements) {
  const names = /** @type {Name[]} */ (Object.keys(measurements));
  const taken = /** @type {Record<Name, Figures[]>} */ ({});
  for (const name of names) taken[name] = [];
  for (let turn = 0; turn <= rounds; turn++) {
    for (const name of names) {
      const figures = await measurements[name]();
      if (turn > 0) taken[name].push(figures);
    }
  }
  return /** @type {Record<Name, Figures>} */ (
    Object.fromEntries(names.map((name) => [name, mediansOf(taken[name])]))
  );
}

/** @param {Record<string, number>[]} taken */
function mediansOf(taken) {
  return Object.fromEntries(
    Object.keys(taken[0] ?? {}).map((name) => [name, median(taken.map((figures) => figures[name] ?? NaN))]),
  );
}

/**
 * @template T
 * @param {string} url
 * @param {() => Promise<T>} work
 */
async function whileLoggingIn(url, work) {
  /** @type {Promise<unknown>[]} */
  const logins = [];
  const timer = setInterval(() => logins.push(logIn(url)), 1000 / LOGINS_A_SECOND);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    await Promise.all(logins);
  }
}

/**
 * The floor does the same work, or it is none.
 *
 * @param {string} url
 * @param {string} floorUrl
 * @param {string} token
 * @param {LoadRequest[]} requests
 */
async function expectEqualAnswers(url, floorUrl, token, requests) {
  for (const { path } of requests.filter(({ method = 'GET' }) => method === 'GET')) {
    const [own, lowest] = await Promise.all(
      [url, floorUrl].map(async (origin) => {
        const response = await fetch(`${origin}/api/v1${path}`, {
          headers: { Authorization: `Bearer ${token}` },
        });
        return response.text();
      }),
    );
    if (own !== lowest) throw new Error(`${path} is answered differently:\n${own}\n${lowest}`);
  }
}

/**
 * @template Scenario
 * @param {Record<string, Scenario>} scenarios
 */
function chosen(scenarios) {
  return Object.entries(scenarios).filter(([what]) => what.includes(options.only ?? ''));
}

/** @param {number[]} numbers */
function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN;
}

/**
 * @param {number} number
 * @param {number} [decimals]
 */
function round(number, decimals = 0) {
  return Number(number.toFixed(decimals));
}
