import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';
import type { Settings } from '../config/settings.js';

/** The program's log: one JSON object a line, or readable lines where a person watches the terminal. */
export function createLogger({ environment, debug }: Settings): Logger {
  const level = environment === 'test' ? 'error' : debug ? 'debug' : 'info';
  return process.stdout.isTTY
    ? pino({ level }, pretty({ ignore: 'pid,hostname', sync: true }))
    : pino({ level });
}
