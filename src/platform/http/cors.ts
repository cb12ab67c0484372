import cors from '@fastify/cors';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Settings } from '../config/settings.js';

/** The headers that pages of other origins may read, in addition to the CORS-safelisted ones. */
const EXPOSED_HEADERS = [
  'Content-Disposition',
  'ETag',
  'Idempotency-Replayed',
  'Link',
  'Location',
  'Retry-After',
  'X-Request-Id',
  'X-Total-Count',
];

/**
 * Lets pages of the allowed origins call the API (https://fetch.spec.whatwg.org/#http-cors-protocol). Requests without
 * `Origin` don't come from a page, so their responses have no CORS headers.
 *
 * Not Nest's `enableCors`: it writes the headers to Node's response as well, and Node then checks all of them twice.
 */
export async function enableCors(app: NestFastifyApplication, { allowedOrigins }: Settings): Promise<void> {
  const origins = allowedOrigins.includes('*') || allowedOrigins;
  // An OPTIONS request without `Origin` asks for the allowed methods (RFC 9110, section 9.3.7).
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', (request, reply, done) => {
      const methods = request.method === 'OPTIONS' ? request.server.allowedMethods(request.url) : [];
      if (methods.length > 0) void reply.header('allow', methods.join(', '));
      if (methods.length > 0 && request.headers.origin === undefined) void reply.code(204).send();
      else done();
    });
  await app.register(cors, {
    origin: (origin, callback) => {
      callback(null, origin !== undefined && origins);
    },
    credentials: true,
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders: EXPOSED_HEADERS.join(', '),
    maxAge: 600,
    // An OPTIONS request that is not a preflight gets the same response, not an error in plain text.
    strictPreflight: false,
  });
}
