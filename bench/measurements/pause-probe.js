import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';

/**
 * Sends a light request a millisecond after the last one is answered, until it is told to stop, and tells how long the
 * longest took, in milliseconds. In a thread of its own: whoever reads long lists has no time to look at the clock.
 */
const url = String(workerData);
const state = { longest: 0, isOver: false };
const ask = async () => {
  const begin = performance.now();
  await (await fetch(`${url}/health/live`)).arrayBuffer();
  return performance.now() - begin;
};
// The first one loads what it takes to ask.
await ask();
parentPort?.once('message', () => {
  state.isOver = true;
});
parentPort?.postMessage('ready');
while (!state.isOver) {
  state.longest = Math.max(state.longest, await ask());
  await sleep(1);
}
parentPort?.postMessage(state.longest);
