import { setTimeout as sleep } from 'node:timers/promises';

const TIMEOUT_MS = 20_000;
const INTERVAL = 20;

/** Waits until something is so. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + TIMEOUT_MS;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`It is not so after ${TIMEOUT_MS} ms: ${isSo.toString()}`);
    await sleep(INTERVAL);
  }
}
