import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE = 20_000;
const INTERVAL = 20;

/** Waits until something is so. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`It is not so after ${PATIENCE} ms: ${isSo.toString()}`);
    await sleep(INTERVAL);
  }
}
