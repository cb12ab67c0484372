import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** Headers that are logged for DEBUG: those that say what was sent and by what program. Any other may be a secret. */
const LOGGED_HEADERS = ['accept', 'content-length', 'content-type', 'host', 'origin', 'user-agent'];

/** Logs one line for every answer: who asked for what, how it ended, and how long it took. Bodies and headers stay out. */
export function logRequests(server: FastifyInstance): void {
  server.addHook('onResponse', (request, reply, done) => {
    logRequest(request, reply);
    done();
  });
}

/**
 * The line of one request, and for DEBUG one more. A route is its pattern: what stands in its place in a path may be
 * anything, and so may the values of a query.
 */
export function logRequest(request: FastifyRequest, reply: FastifyReply): void {
  const { method, routeOptions, user } = request;
  const route = routeOptions.url ?? 'unknown';
  const duration_ms = Math.round(reply.elapsedTime * 100) / 100;
  request.log.info(
    { user_id: user?.id, method, route, status: reply.statusCode, duration_ms },
    `${method} ${route} ${reply.statusCode}`,
  );
  if (request.log.level !== 'debug') return;
  const { ip, query, headers } = request;
  const loggedHeaders = LOGGED_HEADERS.flatMap((name) =>
    headers[name] === undefined ? [] : [[name, headers[name]]],
  );
  request.log.debug(
    { ip, query: Object.keys(query ?? {}), headers: Object.fromEntries(loggedHeaders) as object },
    `${method} ${route} in detail`,
  );
}
