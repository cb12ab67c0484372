import type { FastifyInstance } from 'fastify';
import type { Metrics } from './metrics.js';

/** Counts and times every request that reaches a route or none; not what the router can't read. */
export function measureRequests(server: FastifyInstance, metrics: Metrics): void {
  server.addHook('onRequest', (_request, _reply, done) => {
    metrics.startRequest();
    done();
  });
  server.addHook('onResponse', (request, reply, done) => {
    metrics.endRequest(request, reply);
    done();
  });
}
