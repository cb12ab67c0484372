import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';

export const API_PREFIX = 'api/v1';

declare module 'fastify' {
  interface FastifyContextConfig {
    location?: string;
  }
}

/**
 * Says in `Location` where the row is that a route has created (RFC 9110, section 10.2.2).
 *
 * @param path below /api/v1, with a field of the answer in braces: `items/{id}`
 */
export const Located = (path: string): MethodDecorator => RouteConfig({ location: path });

/** Reads the answer's text, which is the same for a request that is sent again with its Idempotency-Key. */
export function addLocations(server: FastifyInstance): void {
  server.addHook('onRoute', (route) => {
    const { location } = route.config ?? {};
    if (location === undefined) return;
    route.onSend = (_request, reply, payload, done) => {
      if (reply.statusCode === 201) {
        const row = JSON.parse(payload as string) as Record<string, unknown>;
        const path = location.replace(/\{(\w+)\}/, (_, field: string) => String(row[field]));
        void reply.header('location', `/${API_PREFIX}/${path}`);
      }
      done(null, payload);
    };
  });
}
