import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyHttpOptions, FastifyInstance } from 'fastify';
import type { Settings } from '../config/settings.js';

/** For the headers of a request, in milliseconds: they fit in a few packets, and a login page sends none for long. */
const HEADERS_TIMEOUT_MS = 10_000;

/** Between two looks for requests that are late, in milliseconds: Node's 30 s would more than double the limits. */
const CONNECTION_CHECK_INTERVAL_MS = 1_000;

/**
 * Longer than load balancers and browsers keep an idle connection (60 s mostly), so that they let go first, and no
 * request meets a connection that is just being closed; in milliseconds.
 */
const KEEP_ALIVE_TIMEOUT_MS = 72_000;

type ConnectionLimits = Pick<
  FastifyHttpOptions<Server>,
  'http' | 'requestTimeout' | 'connectionTimeout' | 'keepAliveTimeout'
>;

/**
 * How long a client may hold a connection without getting on, so that slow and silent ones don't take what the others
 * need. Fastify would wait for ever for a body, and for whoever does not read an answer. There is no limit to the
 * requests of one connection: each has to keep to these.
 */
export function connectionLimits({ requestTimeoutSeconds }: Settings): ConnectionLimits {
  const requestTimeout = requestTimeoutSeconds * 1000;
  return {
    requestTimeout,
    // Nothing comes and nothing goes: an answer is not read. Above the request's own limit, which answers 408.
    connectionTimeout: 2 * requestTimeout,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    http: {
      // `requireHost` answers in the form of all other errors.
      requireHostHeader: false,
      headersTimeout: Math.min(HEADERS_TIMEOUT_MS, requestTimeout),
      connectionsCheckingInterval: CONNECTION_CHECK_INTERVAL_MS,
    },
  };
}

/**
 * Closes the connections that {@link connectionLimits} find silent, but for those whose client waits for us: an answer
 * that takes the database long is late, and still an answer.
 */
export function keepSlowResponsesOpen(server: FastifyInstance): void {
  const answers = new WeakMap<Socket, ServerResponse>();
  server.addHook('onRequest', ({ raw: { socket } }, { raw: answer }, done) => {
    answers.set(socket, answer);
    done();
  });
  server.server.on('timeout', (socket: Socket) => {
    const isTaken = socket.writableLength === 0;
    const waitsForUs = isTaken && answers.get(socket)?.writableEnded === false;
    if (!waitsForUs) socket.destroy();
  });
}
