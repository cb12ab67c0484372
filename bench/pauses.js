import { setTimeout as sleep } from 'node:timers/promises';

/** As long as a quiet machine is looked at, to tell its own pauses from the program's. In milliseconds. */
const QUIET = 500;

/**
 * How long other requests wait at the longest while something is going on, in milliseconds: a light one is sent a
 * millisecond after the last one is answered.
 *
 * @param {string} url
 * @param {() => Promise<unknown>} work
 */
async function longestWait(url, work) {
  let longest = 0;
  let isOver = false;
  const probe = async () => {
    while (!isOver) {
      const begin = performance.now();
      await (await fetch(`${url}/health/live`)).arrayBuffer();
      longest = Math.max(longest, performance.now() - begin);
      await sleep(1);
    }
  };
  const probing = probe();
  await work();
  isOver = true;
  await probing;
  return longest;
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
  const read = async () => {
    const response = await fetch(`${url}/api/v1${path}`, {
      headers: { Authorization: `Bearer ${token}`, 'Accept-Encoding': 'identity' },
    });
    // As it comes, and thrown away: this process shares the machine with the program.
    await response.body?.pipeTo(new WritableStream());
  };
  const quiet = await longestWait(url, () => sleep(QUIET));
  const begin = performance.now();
  const longest = await longestWait(url, () => Promise.all(Array.from({ length: clients }, read)));
  return { quiet, longest, took: performance.now() - begin };
}
