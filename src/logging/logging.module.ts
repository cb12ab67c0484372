import { type DynamicModule, Module } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import type { Logger } from 'pino';
import { QuietLogger } from './quiet-logger.js';

/** Hands the program's log to Nest. Requests are logged by Fastify's hooks, so no middleware is installed. */
@Module({})
export class LoggingModule {
  static with(logger: Logger): DynamicModule {
    return {
      module: LoggingModule,
      imports: [LoggerModule.forRoot({ pinoHttp: { logger }, useExisting: true, forRoutes: [] })],
      providers: [QuietLogger],
      exports: [QuietLogger],
    };
  }
}
