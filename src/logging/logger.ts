import { destination, type Logger, pino } from 'pino';
import type { Settings } from '../config/settings.js';

/** Where a failed query's error has the values of the query, or the whole row: password hashes are among them. */
const VALUES_OF_QUERIES = ['err.parameters', 'err.detail', 'err.driverError'];

/**
 * The program's log: one JSON object a line, or readable lines where a person watches the terminal. Lines are written behind
 * the requests that they tell of, and all of them before the process exits: waiting for whoever reads them is no work.
 */
export async function createLogger({ environment, debug }: Settings): Promise<Logger> {
  const level = environment === 'test' ? 'error' : debug ? 'debug' : 'info';
  const options = { level, redact: { paths: VALUES_OF_QUERIES, remove: true } };
  if (!process.stdout.isTTY) return pino(options, destination({ sync: false }));
  const { default: pretty } = await import('pino-pretty');
  return pino(options, pretty({ ignore: 'pid,hostname', sync: true }));
}
