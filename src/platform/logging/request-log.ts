import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** Headers that are logged with DEBUG. Other headers may contain secrets. */
const LOGGED_HEADERS = ['accept', 'content-length', 'content-type', 'host', 'origin', 'user-agent'];

/** Logs one line per response: user, method, route, status and duration. No bodies and no headers. */
export function logRequests(server: FastifyInstance): void {
  server.addHook('onResponse', (request, reply, done) => {
    logRequest(request, reply);
    done();
  });
}

/**
 * Logs a request, with a second line for DEBUG. Logs the pattern of the route and the names of query parameters, because
 * their values may be secrets.
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
