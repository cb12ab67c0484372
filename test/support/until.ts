import { setTimeout as sleep } from 'node:timers/promises';

const TIMEOUT_MS = 20_000;
const INTERVAL = 20;

/** Waits until something is so. */
export async function until(isSo: () => boolean | Promise<boolean>, timeoutMs = TIMEOUT_MS): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`It is not so after ${timeoutMs} ms: ${isSo.toString()}`);
    await sleep(INTERVAL);
  }
}
