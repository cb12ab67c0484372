import type { FastifyInstance } from 'fastify';
import type { Settings } from '../config/settings.js';

/** What the documentation's pages need, all of it from here: ReDoc searches in a worker that it makes from a blob. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  'img-src data:',
  "connect-src 'self'",
  'worker-src blob:',
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join(';');

/** What helmet 8 would send, but for the policy above (https://helmetjs.github.io). */
const SECURITY_HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-dns-prefetch-control': 'off',
  'x-download-options': 'noopen',
  'x-frame-options': 'SAMEORIGIN',
  'x-permitted-cross-domain-policies': 'none',
  'x-xss-protection': '0',
};

/** HTTPS for a year (RFC 6797). */
const HTTPS_ONLY = { 'strict-transport-security': 'max-age=31536000; includeSubDomains' };

/** Of answers that come before any hook runs: an error that nobody keeps, shows or takes for anything but JSON. */
export const BARE_ERROR_HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none';frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

/**
 * Tells browsers what a page of this origin may do, in every answer. HTTPS for good is said in production.
 *
 * Not by Nest's `useSecurityHeaders`, which writes each header to Node's response, and makes Node check all headers twice.
 */
export function useSecurityHeaders(server: FastifyInstance, { environment }: Settings): void {
  const headers = environment === 'production' ? { ...SECURITY_HEADERS, ...HTTPS_ONLY } : SECURITY_HEADERS;
  server.addHook('onRequest', (_request, reply, done) => {
    void reply.headers(headers);
    done();
  });
}
