import type { FastifyInstance } from 'fastify';
import type { RequestLimitService } from './request-limit.service.js';

/** A supervisor that gets 429 takes a busy process for a dead one. */
const UNLIMITED = new Set(['/health/live', '/health/ready', '/metrics']);

/** Rejects requests over the limit before the token or the body is read. */
export function limitRequests(server: FastifyInstance, limit: RequestLimitService): void {
  server.addHook('onRequest', (request, _reply, done) => {
    const isLimited = !UNLIMITED.has(request.routeOptions.url ?? '');
    done(isLimited ? limit.check(request.ip) : undefined);
  });
}
