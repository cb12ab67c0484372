import type { FastifyInstance } from 'fastify';

const AUTH = '/api/v1/auth';

/**
 * Says in every answer who may keep it (RFC 9111, section 5.2.2). What is under /auth has to do with tokens: nobody,
 * errors included. All else is for the one who asked, and is to be asked for again before it is shown again, unless its
 * route says otherwise. So there is no need for `Vary: Authorization`: no answer is given to another caller unasked.
 */
export function setCacheControl(server: FastifyInstance): void {
  server.addHook('onSend', (request, reply, _payload, done) => {
    const path = request.routeOptions.url ?? request.url;
    if (path.startsWith(AUTH)) void reply.header('cache-control', 'no-store');
    else if (!reply.hasHeader('cache-control')) void reply.header('cache-control', 'private, no-cache');
    done();
  });
}
