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

/** Of pages: what helmet 8 would send, but for the policy above (https://helmetjs.github.io). */
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
 * Of data, which no browser is to show as a page, put into one, or take for anything else
 * (https://cheatsheetseries.owasp.org/cheatsheets/REST_Security_Cheat_Sheet.html). On bad Wi-Fi and in each request's time
 * headers count: these are a third of the pages'.
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

/** Of answers that come before any hook runs: errors, which nobody keeps. */
export const RAW_ERROR_HEADERS = { 'cache-control': 'no-store', ...DATA_HEADERS };

/**
 * Tells browsers what they may do with an answer: with data, under /api, or with a page of the documentation. HTTPS for good
 * is said in production.
 *
 * Not by Nest's `useSecurityHeaders`, which writes each header to Node's response, and makes Node check all headers twice.
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
