import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** Per connection. No client gains anything from more. */
const MAX_WAITING_REQUESTS = 100;

/**
 * Handles pipelined requests one by one (RFC 9112, section 9.3.2): a request starts when the response before it on the same
 * connection has been sent and read. So requests take effect in their order, and a client that never reads causes no work.
 * Node.js by itself starts all of them and only orders the responses. After a response that closes the connection no further
 * request starts, so a client can safely retry those without a response (section 9.6).
 *
 * Call this before the hooks for logs and metrics, which must not count requests that have not started.
 */
export function serializePipelinedRequests(server: FastifyInstance): void {
  const waiting = new WeakMap<Socket, number>();
  const isFull = (socket: Socket) => (waiting.get(socket) ?? 0) >= MAX_WAITING_REQUESTS;

  const wait = (socket: Socket) => {
    if (!waiting.has(socket)) {
      // Node.js also resumes a connection when a body is read or a response is sent.
      socket.on('resume', () => {
        if (isFull(socket)) socket.pause();
      });
    }
    waiting.set(socket, (waiting.get(socket) ?? 0) + 1);
    if (isFull(socket)) socket.pause();
  };

  const begin = (socket: Socket) => {
    const wasFull = isFull(socket);
    waiting.set(socket, (waiting.get(socket) ?? 0) - 1);
    if (wasFull && !isFull(socket)) socket.resume();
  };

  server.addHook('onRequest', ({ raw: { socket } }, { raw: response }, done) => {
    // Node.js assigns the socket to a response when all responses before it have been sent.
    if (response.socket) {
      done();
      return;
    }
    wait(socket);
    response.once('socket', () => {
      begin(socket);
      process.nextTick(done);
    });
  });
}
