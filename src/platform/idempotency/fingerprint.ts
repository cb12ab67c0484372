import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';

/**
 * Tells requests apart by what they ask for: SHA-256, in hexadecimal, of the operation and of what its handler has read. How
 * it was sent doesn't count: unknown fields, spellings of a number or a time, a trailing slash.
 *
 * It is compared with what another version of the program has stored. So a field that a later version adds to a DTO must
 * stay undefined where it isn't sent.
 *
 * @param read ids from the path and the DTOs of body and query, always in the same order
 */
export function fingerprintOf({ method, routeOptions }: FastifyRequest, read: readonly unknown[]): string {
  return sha256Of([method, routeOptions.url, read]);
}

/** The fingerprint of what was sent, as earlier versions have stored it. Keys are kept for 7 days: a later release needs it no more. */
export function legacyFingerprintOf({ method, routeOptions, params, query, body }: FastifyRequest): string {
  return sha256Of([method, routeOptions.url, params, query, body]);
}

function sha256Of(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}

/** The same text for the same values, in whatever order a client writes the fields. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
