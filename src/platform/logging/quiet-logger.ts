import { Logger, PinoLogger } from 'nestjs-pino';
import type { Logger as Log } from 'pino';

/** Contexts in which Nest logs a line for every module and route at start. */
const STARTUP_CONTEXTS = new Set([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
]);

/** Nest's logger, which writes to the program's log and moves Nest's start-up lines to debug level. */
export class QuietLogger extends Logger {
  constructor(log: Log) {
    super(new PinoLogger({ pinoHttp: { logger: log } }), {});
  }

  override log(message: unknown, ...optionalParams: unknown[]): void {
    if (STARTUP_CONTEXTS.has(contextOf(optionalParams))) this.debug(message, ...optionalParams);
    else super.log(message, ...optionalParams);
  }

  /** Ignores errors that end the start, because they are thrown too and printed by main.ts. */
  override error(message: unknown, ...optionalParams: unknown[]): void {
    if (contextOf(optionalParams) !== 'ExceptionHandler') super.error(message, ...optionalParams);
  }
}

function contextOf(optionalParams: unknown[]): string {
  return String(optionalParams.at(-1));
}
