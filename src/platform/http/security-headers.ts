import type { FastifyInstance } from 'fastify';
import type { Settings } from '../config/settings.js';

/** What the documentation pages need. ReDoc runs its search in a worker created from a blob. */
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

/** For pages: the headers of helmet 8, with the policy above (https://helmetjs.github.io). */
const PAGE_HEADERS = {
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

/**
 * For data, which no browser should show as a page, embed, or interpret as anything else
 * (https://cheatsheetseries.owasp.org/cheatsheets/REST_Security_Cheat_Sheet.html). A third of the size of the page headers,
 * because headers cost time on every request.
 */
const DATA_HEADERS = {
  'content-security-policy': "default-src 'none';frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** HTTPS for a year (RFC 6797). */
const HTTPS_ONLY = { 'strict-transport-security': 'max-age=31536000; includeSubDomains' };

/** For errors sent before any hook runs. */
export const RAW_ERROR_HEADERS = { 'cache-control': 'no-store', ...DATA_HEADERS };

/**
 * Sets the security headers: for data under /api, for pages elsewhere, and HSTS in production.
 *
 * Not Nest's `useSecurityHeaders`: it writes each header to Node's response, and Node then checks all of them twice.
 */
export function useSecurityHeaders(server: FastifyInstance, { environment }: Settings): void {
  const transport = environment === 'production' ? HTTPS_ONLY : {};
  const dataHeaders = { ...DATA_HEADERS, ...transport };
  const pageHeaders = { ...PAGE_HEADERS, ...transport };
  server.addHook('onRequest', ({ url }, reply, done) => {
    void reply.headers(url.startsWith('/api/') ? dataHeaders : pageHeaders);
    done();
  });
}
