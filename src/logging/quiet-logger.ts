import { Injectable } from '@nestjs/common';
import { Logger } from 'nestjs-pino';

/** The framework's account of its own start, a line for every module and route. */
const CHATTER = new Set([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
]);

/** Nest's logger, writing to the program's log, with the framework's chatter at debug level. */
@Injectable()
export class QuietLogger extends Logger {
  override log(message: unknown, ...optionalParams: unknown[]): void {
    if (CHATTER.has(optionalParams.at(-1) as string)) this.debug(message, ...optionalParams);
    else super.log(message, ...optionalParams);
  }
}
