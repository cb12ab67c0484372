import { median } from '../statistics.js';
import { residentMegabytesOf } from '../usage.js';

/**
 * One client that reads a long list again and again.
 *
 * @type {import('../runner.js').Measurement}
 */
export async function measureWholeList({ program, token, seconds }, { requests, rows = NaN }) {
  const begin = performance.now();
  /** @type {number[]} */
  const times = [];
  while (performance.now() - begin < seconds * 1000) {
    const sent = performance.now();
    await readWhole(program.url, token, requests);
    times.push(performance.now() - sent);
  }
  const perSecond = (times.length / (performance.now() - begin)) * 1000;
  return {
    perSecond,
    rowsPerSecond: perSecond * rows,
    p50: median(times),
    p99: Math.max(...times),
    rss: await residentMegabytesOf(program.pid),
  };
}

/**
 * Reads lists as they come, and discards them at once: this process shares the machine with the program.
 *
 * @param {string} url
 * @param {string} token
 * @param {import('../load.js').LoadRequest[]} requests
 */
export async function readWhole(url, token, requests) {
  for (const { path } of requests) {
    const response = await fetch(`${url}/api/v1${path}`, {
      headers: { Authorization: `Bearer ${token}`, 'Accept-Encoding': 'identity' },
    });
    await response.body?.pipeTo(new WritableStream());
  }
}
