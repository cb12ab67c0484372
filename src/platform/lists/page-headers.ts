import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { JSON_TYPE } from '../http/json-type.js';
import { type PageInfo, separatePage } from './page.js';

/** Sends the rows of a `Page`. Headers have the link to the next page (RFC 8288) and the total number of rows. */
export function sendPages(server: FastifyInstance): void {
  server.addHook('preSerialization', (request, reply, payload, done) => {
    const { rows, info } = separatePage(payload);
    if (info) addPageHeaders(info, request, reply);
    done(null, rows);
  });
}

/** What Nest takes a stream of text for, and Fastify one that a HEAD request does not read. */
const GUESSES: unknown[] = ['text/plain; charset=utf-8', 'application/octet-stream'];

/** Says of a list that is sent as a stream that it is JSON, unless its route says that it is something else. */
export function typeStreams(server: FastifyInstance): void {
  server.addHook('onSend', (_request, reply, payload, done) => {
    if (payload instanceof Readable && GUESSES.includes(reply.getHeader('content-type')))
      reply.type(JSON_TYPE);
    done(null, payload);
  });
}

export function addPageHeaders(
  { total, next }: PageInfo,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  reply.header('x-total-count', total);
  if (!next) return;
  const { pathname, searchParams } = new URL(request.url, 'http://localhost');
  for (const [name, value] of Object.entries(next)) searchParams.set(name, String(value));
  reply.header('link', `<${pathname}?${searchParams.toString()}>; rel="next"`);
}
