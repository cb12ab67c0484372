import type { FastifyInstance } from 'fastify';

/** 204 in place of an empty 200, for handlers that return something or nothing: a line of a cart, or that it is gone. */
export function sendNoContent(server: FastifyInstance): void {
  server.addHook('onSend', (_request, reply, payload, done) => {
    if (payload === undefined && reply.statusCode === 200) reply.code(204);
    done(null, payload);
  });
}
