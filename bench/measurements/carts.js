import { sendEach } from '../load.js';
import { cartOf, LINES } from '../requests.js';
import { cpuSecondsOf, residentMegabytesOf } from '../usage.js';

/**
 * A line can be added once, and a cart completed once. So each measurement makes its carts first, and then sends each request
 * once: so many for each second that it should last.
 */
const REQUESTS_PER_SECOND = 2_000;

/**
 * The scenario's requests, in turn.
 *
 * @type {import('../runner.js').Measurement}
 */
export function measureEach(shop, { requests }) {
  const count = shop.seconds * REQUESTS_PER_SECOND;
  return measureOnce(
    shop,
    Array.from(
      { length: count },
      (_, index) => /** @type {LoadRequest} */ (requests[index % requests.length]),
    ),
  );
}

/**
 * Adding lines to carts that are empty at first.
 *
 * @type {import('../runner.js').Measurement}
 */
export async function measureAddedLines(shop) {
  const carts = await makeCarts(shop, Math.ceil((shop.seconds * REQUESTS_PER_SECOND) / LINES.length), 0);
  // One after the other on different carts and items, as in a shop: writes to the same row wait for each other.
  const requests = LINES.flatMap((_, round) =>
    carts.map((id, index) =>
      post(`/carts/${id}/items`, JSON.stringify(LINES[(index + round) % LINES.length])),
    ),
  );
  return measureOnce(shop, requests);
}

/**
 * Completing carts of so many lines.
 *
 * @param {number} lines
 * @returns {import('../runner.js').Measurement}
 */
export function measureCompletions(lines) {
  return async (shop) => {
    const carts = await makeCarts(shop, shop.seconds * REQUESTS_PER_SECOND, lines);
    return measureOnce(
      shop,
      carts.map((id) => post(`/carts/${id}/complete`)),
    );
  };
}

/**
 * Makes a cart of so many lines, and reads it.
 *
 * @param {number} lines
 * @returns {NonNullable<import('../runner.js').Scenario['prepare']>}
 */
export function readCart(lines) {
  return async (shop) => {
    const [id] = await makeCarts(shop, 1, lines);
    return { requests: [{ path: `/carts/${id}` }] };
  };
}

/** @typedef {import('../load.js').LoadRequest} LoadRequest */

/**
 * @param {import('../shop.js').Shop} shop
 * @param {LoadRequest[]} requests
 */
async function measureOnce({ program: { url, pid }, token }, requests) {
  const before = await cpuSecondsOf(pid);
  const { perSecond, p50, p99, failed } = await sendEach(url, token, requests);
  if (failed > 0) throw new Error(`${failed} requests to ${url} failed`);
  const cpu = (((await cpuSecondsOf(pid)) - before) * perSecond) / requests.length;
  return { perSecond, p50, p99, cpu, rss: await residentMegabytesOf(pid) };
}

/**
 * @param {import('../shop.js').Shop} shop
 * @param {number} count
 * @param {number} lines of each cart
 * @returns {Promise<number[]>} their ids
 */
async function makeCarts({ program, token }, count, lines) {
  /**
   * @param {string} method
   * @param {string} path
   * @param {object} body
   */
  const send = async (method, path, body) => {
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
    const response = await fetch(`${program.url}/api/v1${path}`, {
      method,
      headers,
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return /** @type {{ id: number }} */ (await response.json()).id;
  };
  // Enough for all rounds.
  for (const { item_id } of LINES) await send('PATCH', `/stock/${item_id}`, { quantity: 1_000_000 });
  /** @type {number[]} */
  const ids = [];
  for (let index = 0; index < count; index++) ids.push(await send('POST', '/carts', cartOf(lines)));
  return ids;
}

/**
 * @param {string} path
 * @param {string} [body]
 * @returns {LoadRequest}
 */
function post(path, body) {
  return { method: 'POST', path, body };
}
