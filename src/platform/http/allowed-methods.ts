import createRouter, { type HTTPMethod } from 'find-my-way';
import type { FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifyInstance {
    /** @returns the methods that the path of this address has; none when it leads nowhere */
    allowedMethods: (url: string) => string[];
  }
}

/** As Fastify's own router has them. */
interface RouterOptions {
  ignoreTrailingSlash: boolean;
  maxParamLength: number;
}

/**
 * Lets errors and OPTIONS tell which methods a path has (RFC 9110, sections 9.3.7 and 15.5.6). Fastify's router says of a
 * path only that it has no such method or doesn't exist, so a second one has the same routes. Nothing asks it on the way to a
 * route. Goes before all routes.
 */
export function registerAllowedMethods(server: FastifyInstance, options: RouterOptions): void {
  const router = createRouter(options);
  const methods = new Set<HTTPMethod>();
  server.addHook('onRoute', ({ method, url }) => {
    // CORS answers OPTIONS everywhere.
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
