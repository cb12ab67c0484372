import { setTimeout as sleep } from 'node:timers/promises';
import { startProgram } from '../program.js';
import { cpuSecondsOf, residentMegabytesOf } from '../usage.js';

/** V8 collects the garbage of a start once the program is idle. After this time it has. */
const IDLE_MS = 12_000;

/**
 * A start of the program on an existing database: the time and the processor time until its first response, and its
 * memory when it is idle.
 *
 * @type {import('../runner.js').Measurement}
 */
export async function measureStart({ databaseUrl }) {
  const begin = performance.now();
  const { url, pid, stop } = await startProgram(databaseUrl);
  try {
    const { ok } = await fetch(`${url}/health/ready`);
    const milliseconds = performance.now() - begin;
    if (!ok) throw new Error('The program is not ready');
    const cpu = (await cpuSecondsOf(pid)) * 1000;
    await sleep(IDLE_MS);
    return { milliseconds, cpu, rss: await residentMegabytesOf(pid) };
  } finally {
    await stop();
  }
}

/**
 * Stops the program that runs on the database, so that a start has the machine for itself.
 *
 * @param {import('../shop.js').Shop} shop
 */
export async function stopProgram({ program }) {
  await program.stop();
  return {};
}
