import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';

/** The program's log: one JSON object a line, or readable lines where a person watches the terminal. */
export function createLogger(): Logger {
  return process.stdout.isTTY ? pino(pretty({ ignore: 'pid,hostname', sync: true })) : pino();
}
