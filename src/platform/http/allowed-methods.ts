import createRouter, { type HTTPMethod } from 'find-my-way';
import type { FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifyInstance {
    /** Returns the methods of the routes at this URL; an empty array when there are none. */
    allowedMethods: (url: string) => string[];
  }
}

/** The options of Fastify's own router. */
interface RouterOptions {
  ignoreTrailingSlash: boolean;
  maxParamLength: number;
}

/**
 * Adds `server.allowedMethods`, for 405 and OPTIONS (RFC 9110, sections 9.3.7 and 15.5.6). Fastify's router can't list the
 * methods of a path, so a second router has the same routes. It is used only when no route matches. Call this before any
 * route is registered.
 */
export function registerAllowedMethods(server: FastifyInstance, options: RouterOptions): void {
  const router = createRouter(options);
  const methods = new Set<HTTPMethod>();
  server.addHook('onRoute', ({ method, url }) => {
    // The CORS plugin handles OPTIONS on every path.
    if (url === '*') return;
    for (const one of [method].flat() as HTTPMethod[]) {
      methods.add(one);
      router.on(one, url, () => undefined);
    }
  });
  server.decorate('allowedMethods', (url) => {
    const found = [...methods].filter((method) => router.find(method, url));
    return found.length > 0 ? [...found, 'OPTIONS'] : [];
  });
}
