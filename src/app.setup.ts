import { maxHeaderSize } from 'node:http';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { LogController } from 'fastify';
import { AppModule } from './app.module.js';
import type { Settings } from './config/settings.js';
import { SettingsModule } from './config/settings.module.js';
import { serveDocumentation } from './docs/documentation.js';
import { BODY_LIMIT, useBodyParsers } from './http/body-parsers.js';
import { answerClientError } from './http/client-error.js';
import { sendError } from './http/error.filter.js';
import { requestIdOf, tellRequestId } from './http/request-id.js';
import { createLogger } from './logging/logger.js';
import { QuietLogger } from './logging/quiet-logger.js';
import { logRequests } from './logging/request-log.js';

/** What the documentation's pages need, all of it from here: ReDoc searches in a worker that it makes from a blob. */
const CONTENT_SECURITY_POLICY = {
  defaultSrc: "'none'",
  scriptSrc: "'self'",
  styleSrc: ["'self'", "'unsafe-inline'"],
  imgSrc: 'data:',
  connectSrc: "'self'",
  workerSrc: 'blob:',
  formAction: "'none'",
  baseUri: "'none'",
  frameAncestors: "'none'",
};

/**
 * Builds the whole program, ready to listen. The tests start exactly this.
 *
 * @throws SettingsError when the database that the settings name can't be used.
 */
export async function createApp(settings: Settings): Promise<NestFastifyApplication> {
  const logger = await createLogger(settings);
  const app = await NestFactory.create<NestFastifyApplication>(
    { module: AppModule, imports: [SettingsModule.with(settings)] },
    new FastifyAdapter({
      loggerInstance: logger,
      logController: new LogController({ disableRequestLogging: true }),
      genReqId: requestIdOf,
      frameworkErrors: sendError,
      trustProxy: settings.trustedProxies,
      clientErrorHandler: answerClientError,
      bodyLimit: BODY_LIMIT,
      // Existing clients write either path; and an id is read whatever its length, which the headers' limit bounds.
      routerOptions: { ignoreTrailingSlash: true, maxParamLength: maxHeaderSize },
      forceCloseConnections: 'idle',
      multipart: false,
    }),
    { logger: new QuietLogger(logger), abortOnError: false },
  );
  await configureHttp(app, settings);
  // A process that was asked to end, and did, has not failed: exit code 0.
  app.enableShutdownHooks([], { useProcessExit: true });
  return app;
}

async function configureHttp(app: NestFastifyApplication, settings: Settings): Promise<void> {
  const server = app.getHttpAdapter().getInstance();
  tellRequestId(server);
  logRequests(server);
  app.useSecurityHeaders({
    contentSecurityPolicy: { useDefaults: false, directives: CONTENT_SECURITY_POLICY },
    strictTransportSecurity: settings.environment === 'production',
  });
  app.enableCors({
    origin: settings.allowedOrigins.includes('*') ? true : settings.allowedOrigins,
    credentials: true,
    methods: ['GET', 'POST', 'PATCH', 'DELETE'],
    exposedHeaders: ['X-Request-Id', 'Retry-After'],
    maxAge: 600,
    // An OPTIONS that is no preflight gets the same answer, not an error in plain text.
    strictPreflight: false,
  });
  await useBodyParsers(app);
  app.setGlobalPrefix('api/v1', { exclude: ['health/live', 'health/ready'] });
  serveDocumentation(app);
}
