import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Page, type PageInfo } from './page.js';

/** Sends the rows of a {@link Page}. Headers tell the link to the next page (RFC 8288) and the total number of rows. */
export function sendPages(server: FastifyInstance): void {
  server.addHook('preSerialization', (request, reply, payload, done) => {
    if (!(payload instanceof Page)) {
      done(null, payload);
      return;
    }
    addPageHeaders(payload.info, request, reply);
    done(null, payload.rows);
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
