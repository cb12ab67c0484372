import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** Logs one line for every answer: who asked for what, how it ended, and how long it took. Bodies and headers stay out. */
export function logRequests(server: FastifyInstance): void {
  server.addHook('onResponse', (request, reply, done) => {
    logRequest(request, reply);
    done();
  });
}

/** The line of one request. A route is its pattern: what stands in its place in a path may be anything. */
export function logRequest(request: FastifyRequest, reply: FastifyReply): void {
  const { method, routeOptions, user } = request;
  const route = routeOptions.url ?? 'unknown';
  const duration_ms = Math.round(reply.elapsedTime * 100) / 100;
  request.log.info(
    { user_id: user?.id, method, route, status: reply.statusCode, duration_ms },
    `${method} ${route} ${reply.statusCode}`,
  );
}
