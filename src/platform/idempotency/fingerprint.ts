import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';

/**
 * Identifies what a request asks for: SHA-256 in hexadecimal of the operation and its parsed input. Differences that parsing
 * removes don't matter, such as unknown fields, spellings of a number or a time, or a trailing slash.
 *
 * A fingerprint may be compared with one stored by an earlier release. So a field added to a DTO later must stay undefined
 * when it is not sent.
 *
 * @param read the parsed input: ids from the path, and the DTOs of body and query, always in the same order
 */
export function fingerprintOf({ method, routeOptions }: FastifyRequest, read: readonly unknown[]): string {
  return sha256Of([method, routeOptions.url, read]);
}

/**
 * The same for a request of an owner, whose response may show what only owners see: the response is none for a retry of the same
 * user who has become an employee.
 */
export function ownersFingerprintOf(
  { method, routeOptions }: FastifyRequest,
  read: readonly unknown[],
): string {
  return sha256Of([method, routeOptions.url, read, 'owner']);
}

/** The fingerprint that earlier releases stored. Can be removed in a later release, because keys are kept for 7 days. */
export function legacyFingerprintOf({ method, routeOptions, params, query, body }: FastifyRequest): string {
  return sha256Of([method, routeOptions.url, params, query, body]);
}

function sha256Of(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}

/** Returns the same text for the same values, in any order of fields. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
