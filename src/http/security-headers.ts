import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Settings } from '../config/settings.js';

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

/** Of answers that come before any hook runs: an error that nobody keeps, shows or takes for anything but JSON. */
export const BARE_ERROR_HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none';frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

/** Tells browsers what a page of this origin may do, in every answer. HTTPS for good (RFC 6797) is said in production. */
export function useSecurityHeaders(app: NestFastifyApplication, { environment }: Settings): void {
  app.useSecurityHeaders({
    contentSecurityPolicy: { useDefaults: false, directives: CONTENT_SECURITY_POLICY },
    strictTransportSecurity: environment === 'production',
  });
  const server = app.getHttpAdapter().getInstance();
  // When it is sent, as CORS answers a preflight before other hooks run.
  server.addHook('onSend', (_request, reply, _payload, done) => {
    void reply.header('X-Content-Type-Options', 'nosniff');
    done();
  });
}
