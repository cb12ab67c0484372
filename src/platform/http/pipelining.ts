import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** Of requests that wait on one connection, in more of which no client gains anything. */
const MAX_WAITING_REQUESTS = 100;

/**
 * Begins a request when the one before it on its connection is answered, and the client has taken that answer: what a
 * client sends at once (RFC 9112, section 9.3.2) happens in its order, and whoever never reads an answer keeps nobody
 * busy. Node.js hands on all that it has read, and holds back the answers alone. After an answer that closes the
 * connection none begins, so that a client can send again what was not answered (section 9.6).
 *
 * Goes before the logs and the metrics, in which a request that waits has no part yet.
 */
export function serializePipelinedRequests(server: FastifyInstance): void {
  const waiting = new WeakMap<Socket, number>();
  const isFull = (socket: Socket) => (waiting.get(socket) ?? 0) >= MAX_WAITING_REQUESTS;

  const wait = (socket: Socket) => {
    if (!waiting.has(socket)) {
      // Node.js resumes a connection for reasons of its own: when a body is read, or an answer taken.
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
    // An answer has the connection from when it is the first of those that aren't there yet.
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
