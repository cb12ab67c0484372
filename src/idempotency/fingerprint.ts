import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';

/** Tells requests apart by what they ask for: SHA-256, in hexadecimal, of method, address and body. */
export function fingerprintOf({ method, routeOptions, params, query, body }: FastifyRequest): string {
  // Route and parameters instead of the path, which may be written with a trailing slash and without.
  const asked = [method, routeOptions.url, params, query, body];
  return createHash('sha256').update(canonicalJson(asked)).digest('hex');
}

/** The same text for the same values, in whatever order a client writes the fields. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
