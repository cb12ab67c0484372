import { type Logger, pino } from 'pino';
import type { Settings } from '../config/settings.js';

/** The program's log: one JSON object a line, or readable lines where a person watches the terminal. */
export async function createLogger({ environment, debug }: Settings): Promise<Logger> {
  const level = environment === 'test' ? 'error' : debug ? 'debug' : 'info';
  if (!process.stdout.isTTY) return pino({ level });
  const { default: pretty } = await import('pino-pretty');
  return pino({ level }, pretty({ ignore: 'pid,hostname', sync: true }));
}
