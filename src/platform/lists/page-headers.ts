import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Place, placeOf } from './page.js';

/** Says of every page, in headers, where the next one is (RFC 8288) and how many rows there are in all. */
export function tellPlaces(server: FastifyInstance): void {
  server.addHook('preSerialization', (request, reply, answer, done) => {
    const place = placeOf(answer);
    if (place) tellPlace(place, request, reply);
    done(null, answer);
  });
}

export function tellPlace({ total, next }: Place, request: FastifyRequest, reply: FastifyReply): void {
  reply.header('x-total-count', total);
  if (!next) return;
  const { pathname, searchParams } = new URL(request.url, 'http://localhost');
  for (const [name, value] of Object.entries(next)) searchParams.set(name, String(value));
  reply.header('link', `<${pathname}?${searchParams.toString()}>; rel="next"`);
}
