import { type DestinationStream, destination, type Logger, pino } from 'pino';
import type { Settings } from '../config/settings.js';

/** The fields of a failed query's error with its values or the whole row, which can contain password hashes. */
const REDACTED_PATHS = ['err.parameters', 'err.detail', 'err.driverError'];

/** How long a line waits to be written together with others. */
const MAX_DELAY_MS = 100;

/** In characters. More are written at once. */
const BATCH_LENGTH = 32_768;

/** In characters. While the log can't be written, for example on a full disk, further lines are dropped. */
const MAX_BUFFER_LENGTH = 1_000_000;

/**
 * Creates the log: one JSON object per line, or readable lines on a terminal. Lines are written in batches after the requests
 * that they describe, and all of them before the process exits.
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

/** Formats the line of a request: method, route, status, duration and request id. */
function terminalMessageOf(line: Record<string, unknown>): string {
  const { msg, duration_ms, reqId } = line as { msg: string; duration_ms?: number; reqId?: string };
  return duration_ms === undefined ? msg : `${msg} in ${duration_ms} ms (${reqId})`;
}

/** Writes to standard output in batches, because each write wakes another thread. */
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
  // Registered before the stream's own exit handler, which writes what is left.
  process.on('exit', () => {
    flush();
    // The stream would retry forever on a full disk.
    if (hasFailed) output.destroy();
  });
  const output = destination({ sync: false, maxLength: MAX_BUFFER_LENGTH });
  // The program works without its log. The buffer is written again with the next lines.
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
