import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

/** As long as a quiet machine is looked at, to tell its own pauses from the program's. In milliseconds. */
const QUIET = 500;

/**
 * How long other requests wait at the longest while something is going on, in milliseconds.
 *
 * @param {string} url
 * @param {() => Promise<unknown>} work
 */
async function longestWait(url, work) {
  const probe = new Worker(new URL('./pause-probe.js', import.meta.url), { workerData: url });
  await once(probe, 'message');
  await work();
  probe.postMessage('stop');
  return Number((await once(probe, 'message')).at(0));
}

/**
 * Reads a list as it comes, and throws it away: this process shares the machine with the program.
 *
 * @param {string} url
 * @param {string} token
 * @param {string} path below /api/v1
 */
export async function readWhole(url, token, path) {
  const response = await fetch(`${url}/api/v1${path}`, {
    headers: { Authorization: `Bearer ${token}`, 'Accept-Encoding': 'identity' },
  });
  await response.body?.pipeTo(new WritableStream());
}

/**
 * The longest wait of other requests while so many clients read a whole list at once, and while nobody does.
 *
 * @param {string} url
 * @param {string} token
 * @param {string} path below /api/v1
 * @param {number} clients
 */
export async function pausesOf(url, token, path, clients) {
  const quiet = await longestWait(url, () => sleep(QUIET));
  const begin = performance.now();
  const longest = await longestWait(url, () =>
    Promise.all(Array.from({ length: clients }, () => readWhole(url, token, path))),
  );
  return { quiet, longest, took: performance.now() - begin };
}
