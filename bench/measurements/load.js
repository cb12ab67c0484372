import { load } from '../load.js';
import { cpuSecondsOf, residentMegabytesOf } from '../usage.js';

/**
 * The program under the load of the scenario's requests.
 *
 * @type {import('../runner.js').Measurement}
 */
export function measureLoad({ program, token, seconds }, scenario) {
  return measureLoadOn(program, token, seconds, scenario);
}

/**
 * The floor under the same load.
 *
 * @type {import('../runner.js').Measurement}
 */
export async function measureFloor({ startFloor, token, seconds }, scenario) {
  return measureLoadOn(await startFloor(), token, seconds, scenario);
}

/**
 * Fails unless the floor returns the same bodies as the program: only the same work can be compared.
 *
 * @param {import('../shop.js').Shop} shop
 * @param {import('../runner.js').Scenario} scenario
 */
export async function assertSameBodies({ program, startFloor, token }, { requests }) {
  const floor = await startFloor();
  for (const { path } of requests.filter(({ method = 'GET' }) => method === 'GET')) {
    const [own, lowest] = await Promise.all(
      [program.url, floor.url].map(async (url) => (await get(url, token, path)).text()),
    );
    if (own !== lowest) throw new Error(`The responses to ${path} differ:\n${own}\n${lowest}`);
  }
  return {};
}

/**
 * Makes the requests conditional: the program finds that the client has each response already, and sends 304.
 *
 * @param {import('../shop.js').Shop} shop
 * @param {import('../runner.js').Scenario} scenario
 */
export async function addEntityTags({ program, token }, { requests }) {
  const conditional = requests.map(async (request) => {
    const { headers } = await get(program.url, token, request.path);
    return { ...request, headers: { 'If-None-Match': String(headers.get('ETag')) } };
  });
  return { requests: await Promise.all(conditional) };
}

/**
 * @param {import('../program.js').Server} server
 * @param {string} token
 * @param {number} seconds
 * @param {import('../runner.js').Scenario} scenario
 */
async function measureLoadOn({ url, pid }, token, seconds, { requests, rows = NaN }) {
  const before = await cpuSecondsOf(pid);
  const { perSecond, p50, p99, failed } = await load(url, token, requests, seconds);
  if (failed > 0) throw new Error(`${failed} requests to ${url} failed`);
  const cpu = ((await cpuSecondsOf(pid)) - before) / seconds;
  return { perSecond, rowsPerSecond: perSecond * rows, p50, p99, cpu, rss: await residentMegabytesOf(pid) };
}

/**
 * @param {string} url
 * @param {string} token
 * @param {string} path below /api/v1
 */
function get(url, token, path) {
  return fetch(`${url}/api/v1${path}`, { headers: { Authorization: `Bearer ${token}` } });
}
