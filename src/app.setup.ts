import { maxHeaderSize } from 'node:http';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { LogController } from 'fastify';
import { adoptDatabase } from './adoption/adopt-database.js';
import { AppModule } from './app.module.js';
import { ScaleLabels } from './items/scale-label.js';
import { sendVersioned } from './platform/http/versioned.js';
import type { Settings } from './platform/config/settings.js';
import { SettingsModule } from './platform/config/settings.module.js';
import { Database } from './platform/database/database.js';
import { serveDocumentation } from './platform/docs/documentation.js';
import { registerAllowedMethods } from './platform/http/allowed-methods.js';
import { BODY_LIMIT, useBodyParsers } from './platform/http/body-parsers.js';
import { setCacheControl } from './platform/http/caching.js';
import { compressResponses } from './platform/http/compression.js';
import { handleClientError, rejectExpectation } from './platform/http/client-error.js';
import { connectionLimits, keepSlowResponsesOpen } from './platform/http/connection-limits.js';
import { enableCors } from './platform/http/cors.js';
import { sendRouterError } from './platform/http/error.filter.js';
import { requireHost } from './platform/http/host.js';
import { sendNoContent } from './platform/http/no-content.js';
import { addLocationHeaders, API_PREFIX } from './platform/http/location.js';
import { serializePipelinedRequests } from './platform/http/pipelining.js';
import { requestIdOf, addRequestIdHeader } from './platform/http/request-id.js';
import { limitRequests } from './platform/throttling/request-limit.js';
import { useSecurityHeaders } from './platform/http/security-headers.js';
import { shareReadSnapshots } from './platform/http/shared-read-snapshots.js';
import { createLogger } from './platform/logging/logger.js';
import { QuietLogger } from './platform/logging/quiet-logger.js';
import { logRequests } from './platform/logging/request-log.js';
import { sendPages, typeStreams } from './platform/lists/page-headers.js';
import { Metrics } from './platform/metrics/metrics.js';
import { measureRequests } from './platform/metrics/request-metrics.js';
import { RequestLimitService } from './platform/throttling/request-limit.service.js';

/** Existing clients send paths with and without a trailing slash. Node.js limits the length of a parameter already. */
const ROUTER_OPTIONS = { ignoreTrailingSlash: true, maxParamLength: maxHeaderSize };

/**
 * Creates the application, ready to listen. The tests start exactly this.
 *
 * @throws SettingsError when the database or another setting can't be used
 */
export async function createApp(settings: Settings): Promise<NestFastifyApplication> {
  const logger = await createLogger(settings);
  const nestLogger = new QuietLogger(logger);
  // Checks SCALE_BARCODE_PATTERN before the database is opened. Nest makes its own: to give it this one takes a dynamic module.
  new ScaleLabels(settings);
  await adoptDatabase(settings, nestLogger);
  const app = await NestFactory.create<NestFastifyApplication>(
    { module: AppModule, imports: [SettingsModule.with(settings)] },
    new FastifyAdapter({
      loggerInstance: logger,
      logController: new LogController({ disableRequestLogging: true }),
      genReqId: requestIdOf,
      frameworkErrors: sendRouterError,
      trustProxy: settings.trustedProxies,
      clientErrorHandler: handleClientError,
      ...connectionLimits(settings),
      bodyLimit: BODY_LIMIT,
      routerOptions: ROUTER_OPTIONS,
      forceCloseConnections: 'idle',
      multipart: false,
    }),
    { logger: nestLogger, abortOnError: false },
  );
  await configureHttp(app, settings);
  // Exit code 0, because a process that ends on a signal has not failed.
  app.enableShutdownHooks([], { useProcessExit: true });
  return app;
}

async function configureHttp(app: NestFastifyApplication, settings: Settings): Promise<void> {
  const server = app.getHttpAdapter().getInstance();
  server.server.maxConnections = settings.maxConnections;
  server.server.on('checkExpectation', rejectExpectation);
  registerAllowedMethods(server, ROUTER_OPTIONS);
  shareReadSnapshots(server, app.get(Database));
  serializePipelinedRequests(server);
  keepSlowResponsesOpen(server);
  addRequestIdHeader(server);
  logRequests(server);
  measureRequests(server, app.get(Metrics));
  useSecurityHeaders(server, settings);
  requireHost(server);
  setCacheControl(server);
  compressResponses(server);
  sendVersioned(server);
  sendPages(server);
  typeStreams(server);
  addLocationHeaders(server);
  sendNoContent(server);
  await enableCors(app, settings);
  limitRequests(server, app.get(RequestLimitService));
  await useBodyParsers(app);
  app.setGlobalPrefix(API_PREFIX, { exclude: ['health/live', 'health/ready', 'metrics'] });
  serveDocumentation(app);
}
