import type { FastifyInstance } from 'fastify';
import type { Metrics } from './metrics.js';

/** Counts and times every request, except those that the router can't parse. */
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
