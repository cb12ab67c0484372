import type { FastifyInstance } from 'fastify';

const AUTH = '/api/v1/auth';

/**
 * Sets `Cache-Control` on every response (RFC 9111, section 5.2.2). Responses under /auth contain tokens, so nobody may
 * store them. Any other response may be stored by the client and must be revalidated before use, unless its route says
 * otherwise. `private` makes `Vary: Authorization` unnecessary.
 */
export function setCacheControl(server: FastifyInstance): void {
  server.addHook('onSend', (request, reply, _payload, done) => {
    const path = request.routeOptions.url ?? request.url;
    if (path.startsWith(AUTH)) void reply.header('cache-control', 'no-store');
    else if (!reply.hasHeader('cache-control')) void reply.header('cache-control', 'private, no-cache');
    done();
  });
}
