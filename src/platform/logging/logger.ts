import { type DestinationStream, destination, type Logger, pino } from 'pino';
import type { Settings } from '../config/settings.js';

/** Where a failed query's error has the values of the query, or the whole row: password hashes are among them. */
const REDACTED_PATHS = ['err.parameters', 'err.detail', 'err.driverError'];

/** How long a line waits for others to be written with, in milliseconds. */
const MAX_DELAY_MS = 100;

/** Characters of lines that are written without waiting for more. */
const BATCH_LENGTH = 32_768;

/** Characters that wait at most while the log can't be written, as on a full disk; more are dropped. */
const MAX_BUFFER_LENGTH = 1_000_000;

/**
 * The program's log: one JSON object a line, or readable lines where a person watches the terminal. Lines are written behind
 * the requests that they tell of, many at once, and all of them before the process exits.
 */
export async function createLogger({ environment, debug }: Settings): Promise<Logger> {
  const level = environment === 'test' ? 'error' : debug ? 'debug' : 'info';
  const options = { level, redact: { paths: REDACTED_PATHS, remove: true } };
  if (!process.stdout.isTTY) return pino(options, createBatchingStream());
  const { default: pretty } = await import('pino-pretty');
  return pino(
    options,
    pretty({
      ignore: 'pid,hostname,reqId,context,user_id,method,route,status,duration_ms',
      messageFormat: terminalMessageOf,
      translateTime: 'SYS:HH:MM:ss',
      sync: true,
    }),
  );
}

/** One line for a request: what was asked, how it ended, how long it took, and by which id it is found. */
function terminalMessageOf(line: Record<string, unknown>): string {
  const { msg, duration_ms, reqId } = line as { msg: string; duration_ms?: number; reqId?: string };
  return duration_ms === undefined ? msg : `${msg} in ${duration_ms} ms (${reqId})`;
}

/** Standard output, to which a busy program writes some dozens of lines at a time: each time wakes another thread. */
function createBatchingStream(): DestinationStream {
  let lines = '';
  let waiting: NodeJS.Timeout | undefined;
  let hasFailed = false;
  const flush = () => {
    clearTimeout(waiting);
    waiting = undefined;
    output.write(lines);
    lines = '';
  };
  // Before the stream looks at the end for what it has left to write.
  process.on('exit', () => {
    flush();
    // The stream would try for ever to write to a full disk.
    if (hasFailed) output.destroy();
  });
  const output = destination({ sync: false, maxLength: MAX_BUFFER_LENGTH });
  // Without its log the program still serves. What waits is tried again with the next lines.
  output.on('error', () => (hasFailed = true));
  output.on('drain', () => (hasFailed = false));
  return {
    write(line) {
      lines += line;
      if (lines.length >= BATCH_LENGTH) flush();
      else waiting ??= setTimeout(flush, MAX_DELAY_MS).unref();
    },
  };
}
