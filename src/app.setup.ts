import { maxHeaderSize } from 'node:http';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { LogController } from 'fastify';
import { adoptDatabase } from './adoption/adopt-database.js';
import { AppModule } from './app.module.js';
import { tagRows } from './conditional/row-tags.js';
import type { Settings } from './config/settings.js';
import { SettingsModule } from './config/settings.module.js';
import { Database } from './database/database.js';
import { serveDocumentation } from './docs/documentation.js';
import { knowAllowedMethods } from './http/allowed-methods.js';
import { BODY_LIMIT, useBodyParsers } from './http/body-parsers.js';
import { limitCaching } from './http/caching.js';
import { compressAnswers } from './http/compression.js';
import { answerClientError, refuseExpectation } from './http/client-error.js';
import { connectionLimits, spareSlowAnswers } from './http/connection-limits.js';
import { allowOrigins } from './http/cors.js';
import { sendBareError } from './http/error.filter.js';
import { requireHost } from './http/host.js';
import { addLocations, API_PREFIX } from './http/location.js';
import { takeTurns } from './http/pipelining.js';
import { requestIdOf, tellRequestId } from './http/request-id.js';
import { limitRequests } from './http/request-limit.js';
import { useSecurityHeaders } from './http/security-headers.js';
import { shareMoments } from './http/shared-moments.js';
import { createLogger } from './logging/logger.js';
import { QuietLogger } from './logging/quiet-logger.js';
import { logRequests } from './logging/request-log.js';
import { tellPlaces } from './paging/page-headers.js';
import { Metrics } from './metrics/metrics.js';
import { measureRequests } from './metrics/request-metrics.js';
import { RequestLimitService } from './throttling/request-limit.service.js';

/** Existing clients write either path; and an id is read whatever its length, which the headers' limit bounds. */
const ROUTER_OPTIONS = { ignoreTrailingSlash: true, maxParamLength: maxHeaderSize };

/**
 * Builds the whole program, ready to listen. The tests start exactly this.
 *
 * @throws SettingsError when the database that the settings name can't be used.
 */
export async function createApp(settings: Settings): Promise<NestFastifyApplication> {
  const logger = await createLogger(settings);
  const nestLogger = new QuietLogger(logger);
  await adoptDatabase(settings.database, nestLogger);
  const app = await NestFactory.create<NestFastifyApplication>(
    { module: AppModule, imports: [SettingsModule.with(settings)] },
    new FastifyAdapter({
      loggerInstance: logger,
      logController: new LogController({ disableRequestLogging: true }),
      genReqId: requestIdOf,
      frameworkErrors: sendBareError,
      trustProxy: settings.trustedProxies,
      clientErrorHandler: answerClientError,
      ...connectionLimits(settings),
      bodyLimit: BODY_LIMIT,
      routerOptions: ROUTER_OPTIONS,
      forceCloseConnections: 'idle',
      multipart: false,
    }),
    { logger: nestLogger, abortOnError: false },
  );
  await configureHttp(app, settings);
  // A process that was asked to end, and did, has not failed: exit code 0.
  app.enableShutdownHooks([], { useProcessExit: true });
  return app;
}

async function configureHttp(app: NestFastifyApplication, settings: Settings): Promise<void> {
  const server = app.getHttpAdapter().getInstance();
  server.server.maxConnections = settings.maxConnections;
  server.server.on('checkExpectation', refuseExpectation);
  knowAllowedMethods(server, ROUTER_OPTIONS);
  shareMoments(server, app.get(Database));
  takeTurns(server);
  spareSlowAnswers(server);
  tellRequestId(server);
  logRequests(server);
  measureRequests(server, app.get(Metrics));
  useSecurityHeaders(server, settings);
  requireHost(server);
  limitCaching(server);
  compressAnswers(server);
  tagRows(server);
  tellPlaces(server);
  addLocations(server);
  await allowOrigins(app, settings);
  limitRequests(server, app.get(RequestLimitService));
  await useBodyParsers(app);
  app.setGlobalPrefix(API_PREFIX, { exclude: ['health/live', 'health/ready', 'metrics'] });
  serveDocumentation(app);
}
