import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply } from 'fastify';

export const API_PREFIX = 'api/v1';

declare module 'fastify' {
  interface FastifyContextConfig {
    location?: string;
  }
}

/**
 * Sends the path of the created row in `Location` (RFC 9110, section 10.2.2).
 *
 * @param path below /api/v1, with a field of the response body in braces: `items/{id}`
 */
export const Located = (path: string): MethodDecorator => RouteConfig({ location: path });

/** Created, or to be asked for until it is done. */
function isCreated({ statusCode }: FastifyReply): boolean {
  return statusCode === 201 || statusCode === 202;
}

/** Reads the field from the response body. A stored response to an `Idempotency-Key` is text, so it is parsed first. */
export function addLocationHeaders(server: FastifyInstance): void {
  server.addHook('onRoute', (route) => {
    const { location } = route.config ?? {};
    if (location === undefined) return;
    const [start = '', field = '', end = ''] = location.split(/[{}]/);
    const addLocation = (reply: FastifyReply, row: Record<string, unknown>) => {
      void reply.header('location', `/${API_PREFIX}/${start}${String(row[field])}${end}`);
    };
    route.preSerialization = (_request, reply, row, done) => {
      if (isCreated(reply)) addLocation(reply, row as Record<string, unknown>);
      done(null, row);
    };
    route.onSend = (_request, reply, text, done) => {
      if (isCreated(reply) && !reply.hasHeader('location')) {
        addLocation(reply, JSON.parse(text as string) as Record<string, unknown>);
      }
      done(null, text);
    };
  });
}
