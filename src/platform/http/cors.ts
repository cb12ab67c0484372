import cors from '@fastify/cors';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Settings } from '../config/settings.js';

/** What a page of another origin may read beside what browsers let it read anyway (the CORS-safelisted ones). */
const EXPOSED_HEADERS = [
  'ETag',
  'Idempotency-Replayed',
  'Link',
  'Location',
  'Retry-After',
  'X-Request-Id',
  'X-Total-Count',
];

/**
 * Lets pages of the allowed origins call the program (https://fetch.spec.whatwg.org/#http-cors-protocol). Whoever is no page
 * sends no Origin, and is spared the headers.
 *
 * Not by Nest's `enableCors`, which writes the headers to Node's response, too: Node then checks all of them twice.
 */
export async function enableCors(app: NestFastifyApplication, { allowedOrigins }: Settings): Promise<void> {
  const origins = allowedOrigins.includes('*') || allowedOrigins;
  // An OPTIONS that comes from no page asks what may be sent here (RFC 9110, section 9.3.7).
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
    origin: (origin, answer) => {
      answer(null, origin !== undefined && origins);
    },
    credentials: true,
    methods: ['GET', 'POST', 'PATCH', 'DELETE'],
    exposedHeaders: EXPOSED_HEADERS.join(', '),
    maxAge: 600,
    // An OPTIONS that is no preflight gets the same answer, not an error in plain text.
    strictPreflight: false,
  });
}
