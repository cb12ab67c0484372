import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyHttpOptions, FastifyInstance } from 'fastify';
import type { Settings } from '../config/settings.js';

/** Headers fit in a few packets, so a slow client is not a normal one. */
const HEADERS_TIMEOUT_MS = 10_000;

/** How often Node.js looks for late requests. Its default of 30 s would more than double the limits. */
const CONNECTION_CHECK_INTERVAL_MS = 1_000;

/**
 * Longer than load balancers and browsers keep an idle connection (mostly 60 s). So the other side closes it first, and no
 * request is sent on a connection that we are closing.
 */
const KEEP_ALIVE_TIMEOUT_MS = 72_000;

type ConnectionLimits = Pick<
  FastifyHttpOptions<Server>,
  'http' | 'requestTimeout' | 'connectionTimeout' | 'keepAliveTimeout'
>;

/**
 * Timeouts for slow and silent clients, so that they don't use up connections. By default, Fastify waits forever for a body
 * and for a client that does not read the response. The number of requests per connection is not limited.
 */
export function connectionLimits({ requestTimeoutSeconds }: Settings): ConnectionLimits {
  const requestTimeout = requestTimeoutSeconds * 1000;
  return {
    requestTimeout,
    // No traffic at all: the client does not read the response. Longer than requestTimeout, which responds 408.
    connectionTimeout: 2 * requestTimeout,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    http: {
      // `requireHost` responds in the same format as all other errors.
      requireHostHeader: false,
      headersTimeout: Math.min(HEADERS_TIMEOUT_MS, requestTimeout),
      connectionsCheckingInterval: CONNECTION_CHECK_INTERVAL_MS,
    },
  };
}

/**
 * Closes connections that reach the `connectionTimeout` of {@link connectionLimits}, except those whose client waits for us:
 * a response that the database is slow to produce must still be sent.
 */
export function keepSlowResponsesOpen(server: FastifyInstance): void {
  const responses = new WeakMap<Socket, ServerResponse>();
  server.addHook('onRequest', ({ raw: { socket } }, { raw: response }, done) => {
    responses.set(socket, response);
    done();
  });
  server.server.on('timeout', (socket: Socket) => {
    const isRead = socket.writableLength === 0;
    const waitsForUs = isRead && responses.get(socket)?.writableEnded === false;
    if (!waitsForUs) socket.destroy();
  });
}
