import { reasonOf } from '../platform/database/open-data-source.js';
import { ProgressLine } from './progress-line.js';

/**
 * Runs the work of a command. An error prints one line and sets exit code 1. SIGINT and SIGTERM abort the signal, so that the
 * work can clean up.
 */
export async function run(
  work: (progress: ProgressLine, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      stop.abort(new Error('Stopped. Nothing was changed.'));
    });
  }
  const progress = new ProgressLine(process.stderr);
  try {
    await work(progress, stop.signal);
  } catch (error) {
    progress.clear();
    process.stderr.write(`${reasonOf(error)}\n`);
    process.exitCode = 1;
  }
}
