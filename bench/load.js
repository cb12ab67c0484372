import { execFile, execFileSync } from 'node:child_process';
import { Agent, request } from 'node:http';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import autocannon from 'autocannon';

export const CONNECTIONS = 32;

/**
 * A request of a load; the path is below /api/v1.
 *
 * @typedef {object} LoadRequest
 * @property {'GET' | 'PATCH' | 'POST'} [method]
 * @property {string} path
 * @property {string} [body] JSON
 * @property {Record<string, string>} [headers]
 */

/**
 * The result of a load; times in milliseconds.
 *
 * @typedef {object} LoadResult
 * @property {number} perSecond requests that got a response
 * @property {number} p50
 * @property {number} p99
 * @property {number} failed responses from 400 up, and requests without one
 */

/** wrk where it is installed, as it takes the least from the servers on the same machine; else autocannon. */
export const LOADER = hasWrk() ? 'wrk' : 'autocannon';

/**
 * Sends the requests one after the other, again and again, on all connections.
 *
 * @param {string} url
 * @param {string} token
 * @param {LoadRequest[]} requests
 * @param {number} seconds
 * @param {number} [connections]
 * @returns {Promise<LoadResult>}
 */
export function load(url, token, requests, seconds, connections = CONNECTIONS) {
  const send = LOADER === 'wrk' ? loadWithWrk : loadWithAutocannon;
  return send(url, completeAll(token, requests), seconds, connections);
}

/**
 * Sends each request once, on all connections. For requests that succeed only once: the load generators repeat theirs, and take
 * whole seconds.
 *
 * @param {string} url
 * @param {string} token
 * @param {LoadRequest[]} requests
 * @returns {Promise<LoadResult>}
 */
export async function sendEach(url, token, requests) {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const remaining = completeAll(token, requests).values();
  /** @type {number[]} */
  const latencies = [];
  let failed = 0;
  const sendOneByOne = async () => {
    for (const sent of remaining) {
      const start = performance.now();
      if ((await statusOf(url, sent, agent)) >= 400) failed++;
      latencies.push(performance.now() - start);
    }
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: CONNECTIONS }, sendOneByOne));
  const seconds = (performance.now() - start) / 1000;
  agent.destroy();
  latencies.sort((one, other) => one - other);
  const percentile = (/** @type {number} */ share) =>
    latencies[Math.ceil(latencies.length * share) - 1] ?? NaN;
  return { perSecond: requests.length / seconds, p50: percentile(0.5), p99: percentile(0.99), failed };
}

/**
 * @param {string} url
 * @param {CompleteRequest} request
 * @param {Agent} agent
 * @returns {Promise<number>}
 */
function statusOf(url, { method, path, headers, body }, agent) {
  return new Promise((resolve, reject) => {
    request(url, { method, path, headers, agent }, (response) => {
      response.resume().on('end', () => {
        resolve(Number(response.statusCode));
      });
    })
      .on('error', reject)
      .end(body);
  });
}

function hasWrk() {
  try {
    execFileSync('wrk', ['--version'], { stdio: 'ignore' });
    return true;
  } catch (error) {
    // wrk prints its version and exits with an error.
    return /** @type {NodeJS.ErrnoException} */ (error).code !== 'ENOENT';
  }
}

/** @typedef {Required<Pick<LoadRequest, 'method' | 'path' | 'headers'>> & Pick<LoadRequest, 'body'>} CompleteRequest */

/**
 * @param {string} url
 * @param {CompleteRequest[]} requests
 * @param {number} seconds
 * @param {number} connections
 * @returns {Promise<LoadResult>}
 */
async function loadWithAutocannon(url, requests, seconds, connections) {
  return loadResultOf(await autocannon({ url, connections, duration: seconds, requests }));
}

/**
 * @param {autocannon.Result} result
 * @returns {LoadResult}
 */
function loadResultOf({ requests, latency, errors, non2xx, ...counts }) {
  return {
    perSecond: requests.average,
    p50: latency.p50,
    p99: latency.p99,
    failed: errors + non2xx - counts['3xx'],
  };
}

/**
 * @param {string} token
 * @param {LoadRequest[]} requests
 * @returns {CompleteRequest[]}
 */
function completeAll(token, requests) {
  return requests.map(({ method = 'GET', path, body, headers }) => ({
    method,
    path: `/api/v1${path}`,
    body,
    headers: {
      ...headers,
      Authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    },
  }));
}

/**
 * @param {string} url
 * @param {CompleteRequest[]} requests
 * @param {number} seconds
 * @param {number} connections
 * @returns {Promise<LoadResult>}
 */
async function loadWithWrk(url, requests, seconds, connections) {
  const folder = mkdtempSync(join(tmpdir(), 'stock-tracker-bench-'));
  try {
    const script = join(folder, 'load.lua');
    writeFileSync(script, luaOf(requests));
    const options = ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', script, url];
    const { stdout } = await promisify(execFile)('wrk', options);
    const result = /** @type {unknown} */ (JSON.parse(stdout.slice(stdout.lastIndexOf('\n{'))));
    return /** @type {LoadResult} */ (result);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * The requests as a script for wrk (https://github.com/wg/wrk/blob/master/SCRIPTING), which ends with a {@link LoadResult}.
 *
 * @param {CompleteRequest[]} requests
 */
function luaOf(requests) {
  const text = (/** @type {string | undefined} */ value) =>
    value === undefined ? 'nil' : JSON.stringify(value);
  const formatted = requests.map(({ method, path, headers, body }) => {
    const pairs = Object.entries(headers).map(([name, value]) => `[${text(name)}] = ${text(value)}`);
    return `wrk.format(${text(method)}, ${text(path)}, {${pairs.join(', ')}}, ${text(body)})`;
  });
  return `
local requests, index = {}, 0
function init() requests = {${formatted.join(',\n')}} end
function request()
  index = index % #requests + 1
  return requests[index]
end
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format('\\n{"perSecond": %f, "p50": %f, "p99": %f, "failed": %d}',
    summary.requests / summary.duration * 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
`;
}
