import { Logger, PinoLogger } from 'nestjs-pino';
import type { Logger as Log } from 'pino';

/** The framework's account of its own start, a line for every module and route. */
const STARTUP_CONTEXTS = new Set([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
]);

/** Nest's logger, writing to the program's log, with the framework's chatter at debug level. */
export class QuietLogger extends Logger {
  constructor(log: Log) {
    super(new PinoLogger({ pinoHttp: { logger: log } }), {});
  }

  override log(message: unknown, ...optionalParams: unknown[]): void {
    if (STARTUP_CONTEXTS.has(contextOf(optionalParams))) this.debug(message, ...optionalParams);
    else super.log(message, ...optionalParams);
  }

  /** What ends the start is thrown as well, and loggedHeaders by whoever started the program. */
  override error(message: unknown, ...optionalParams: unknown[]): void {
    if (contextOf(optionalParams) !== 'ExceptionHandler') super.error(message, ...optionalParams);
  }
}

function contextOf(optionalParams: unknown[]): string {
  return String(optionalParams.at(-1));
}
