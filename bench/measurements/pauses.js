import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { residentMegabytesOf } from '../usage.js';
import { readWhole } from './whole-lists.js';

/** How long the program is observed while nobody reads, to tell the machine's own pauses from the program's. */
const QUIET_MS = 500;

/**
 * The longest wait of a light request while so many clients read long lists once, all at the same time; without clients,
 * while nobody does.
 *
 * @type {import('../runner.js').Measurement}
 */
export async function measurePause({ program, token }, { requests, clients = 0 }) {
  const begin = performance.now();
  const longest = await longestWait(program.url, () =>
    clients === 0
      ? sleep(QUIET_MS)
      : Promise.all(Array.from({ length: clients }, () => readWhole(program.url, token, requests))),
  );
  return { longest, took: performance.now() - begin, rss: await residentMegabytesOf(program.pid) };
}

/**
 * The longest wait of a request that is sent again and again while the work is done.
 *
 * @param {string} url
 * @param {() => Promise<unknown>} work
 * @param {string[]} [request] path, method, access token and body; a light one unless it is given
 * @returns {Promise<number>} milliseconds
 */
export async function longestWait(url, work, [path = '', ...rest] = ['/health/live']) {
  const probe = new Worker(new URL('./pause-probe.js', import.meta.url), { argv: [url + path, ...rest] });
  await once(probe, 'message');
  await work().finally(() => {
    probe.postMessage('stop');
  });
  return Number((await once(probe, 'message')).at(0));
}
