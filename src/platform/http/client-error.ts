import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { generalCodeOf } from '../errors/error-code.js';
import { REQUEST_ID_HEADER, requestIdOf } from './request-id.js';
import { RAW_ERROR_HEADERS } from './security-headers.js';

const ANSWERS: Partial<Record<string, { status: number; detail: string }>> = {
  HPE_HEADER_OVERFLOW: { status: 431, detail: 'The address or the headers are too long' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, detail: 'The request took too long to arrive' },
};
const EXPECTATION_FAILED = 417;
const NOT_HTTP = { status: 400, detail: 'The request could not be understood' };

/** Answers what never becomes a request, because it is no HTTP or too much of it, in the form of all other errors. */
export function handleClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  // What is left of it is not read while the requests before it wait, which is not the client's fault.
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && socket.isPaused()) return;
  const { status, detail } = ANSWERS[error.code ?? ''] ?? NOT_HTTP;
  const body = JSON.stringify({ detail, code: generalCodeOf(status) });
  if (socket.writable) {
    socket.write(
      [
        `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
        'Content-Type: application/json; charset=utf-8',
        `Content-Length: ${Buffer.byteLength(body)}`,
        ...Object.entries(RAW_ERROR_HEADERS).map(([name, value]) => `${name}: ${value}`),
        `${REQUEST_ID_HEADER}: ${randomUUID()}`,
        'Connection: close',
        '',
        body,
      ].join('\r\n'),
    );
  }
  socket.destroy(error);
}

/** Answers a request that expects of the program what it does not do (RFC 9110, section 10.1.1). */
export function rejectExpectation(request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(EXPECTATION_FAILED, {
    'Content-Type': 'application/json; charset=utf-8',
    ...RAW_ERROR_HEADERS,
    [REQUEST_ID_HEADER]: requestIdOf(request),
  });
  response.end(
    JSON.stringify({
      detail: 'The Expect header takes 100-continue only',
      code: generalCodeOf(EXPECTATION_FAILED),
    }),
  );
}
