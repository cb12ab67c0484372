import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type PageInfo, separatePage } from './page.js';

/** Sends the rows of a `Page`. Headers have the link to the next page (RFC 8288) and the total number of rows. */
export function sendPages(server: FastifyInstance): void {
  server.addHook('preSerialization', (request, reply, payload, done) => {
    const { rows, info } = separatePage(payload);
    if (info) addPageHeaders(info, request, reply);
    done(null, rows);
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
