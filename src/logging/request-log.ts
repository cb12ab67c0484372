import type { FastifyInstance } from 'fastify';

/** Logs one line for every answer: who asked for what, how it ended, and how long it took. Bodies and headers stay out. */
export function logRequests(server: FastifyInstance): void {
  server.addHook('onResponse', (request, reply, done) => {
    const { method, routeOptions, user } = request;
    const route = routeOptions.url ?? 'unknown';
    const duration_ms = Math.round(reply.elapsedTime * 100) / 100;
    request.log.info(
      { user_id: user?.id, method, route, status: reply.statusCode, duration_ms },
      `${method} ${route} ${reply.statusCode}`,
    );
    done();
  });
}
