import { reasonOf } from '../platform/database/open-data-source.js';

/** Hears how far a copy is, in per cent. */
export type Progress = (percent: number) => void;

/**
 * Runs a command of the terminal. An error is one line and exit code 1. SIGINT and SIGTERM stop the work through the
 * abort signal, so that it leaves nothing behind.
 */
export async function runCommand(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      stop.abort(new Error('Stopped. Nothing was changed.'));
    });
  }
  try {
    await work(stop.signal);
  } catch (error) {
    process.stderr.write(`${reasonOf(error)}\n`);
    process.exitCode = 1;
  }
}

/** Tells how far a long copy is, about once a second. */
export function createProgress(): Progress {
  let told = Date.now();
  return (percent) => {
    if (Date.now() - told < 1000) return;
    told = Date.now();
    process.stderr.write(`${Math.floor(percent)} %\n`);
  };
}
