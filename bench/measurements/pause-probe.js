import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort } from 'node:worker_threads';

const WARM_UP = 200;

/**
 * Sends a request a millisecond after the last one is answered, until a message stops it, and reports how long the
 * longest took, in milliseconds. It runs in a thread of its own, as the one that reads long lists is too busy to measure.
 */
const [url = '', method = 'GET', token = '', body] = process.argv.slice(2);
const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
const state = { longest: 0, isOver: false };
const sendRequest = async () => {
  const begin = performance.now();
  await (await fetch(url, { method, headers, body })).arrayBuffer();
  return performance.now() - begin;
};
// The first requests load the HTTP client and have it compiled, which takes longer than what is measured.
for (let count = 0; count < WARM_UP; count++) await sendRequest();
parentPort?.once('message', () => {
  state.isOver = true;
});
parentPort?.postMessage('ready');
while (!state.isOver) {
  state.longest = Math.max(state.longest, await sendRequest());
  await sleep(1);
}
parentPort?.postMessage(state.longest);
