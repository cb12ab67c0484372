import type { FastifyReply, FastifyRequest } from 'fastify';
import { findMatchingTag } from './entity-tag.js';

/** Kept by the client alone, and asked for again each time: whether it is still so is cheap to tell. */
const CACHE_CONTROL = 'private, no-cache';

/**
 * Writes the tag of an answer into its headers, and answers whether that is all there is to say: 304, as the client
 * that reads has just this already.
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
