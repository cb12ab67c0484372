import type { FastifyReply, FastifyRequest } from 'fastify';
import { findMatchingTag } from './entity-tag.js';

/** Only the client may store it, and must revalidate each time, which is cheap. */
const CACHE_CONTROL = 'private, no-cache';

/**
 * Sets the entity tag of a response, and status 304 when the client has this version already.
 *
 * @returns whether the response is a 304
 */
export function applyEntityTag(tag: string, request: FastifyRequest, reply: FastifyReply): boolean {
  void reply.header('etag', tag);
  if (request.method !== 'GET' && request.method !== 'HEAD') return false;
  void reply.header('cache-control', CACHE_CONTROL);
  const known = findMatchingTag(request.headers['if-none-match'], tag);
  if (known === undefined) return false;
  void reply.header('etag', known).status(304);
  return true;
}
