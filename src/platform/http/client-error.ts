import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { generalCodeOf } from '../errors/error-code.js';
import { REQUEST_ID_HEADER, requestIdOf } from './request-id.js';
import { RAW_ERROR_HEADERS } from './security-headers.js';

const RESPONSES: Partial<Record<string, { status: number; detail: string }>> = {
  HPE_HEADER_OVERFLOW: { status: 431, detail: 'The address or the headers are too long' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, detail: 'The request took too long to arrive' },
};
const EXPECTATION_FAILED = 417;
const MALFORMED_REQUEST = { status: 400, detail: 'The request could not be understood' };

/** Responds to data that Node.js can't parse as a request, in the same format as all other errors. */
export function handleClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  // We paused this connection ourselves, so the client is not too slow.
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && socket.isPaused()) return;
  const { status, detail } = RESPONSES[error.code ?? ''] ?? MALFORMED_REQUEST;
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

/** Responds 417 to an `Expect` header other than 100-continue (RFC 9110, section 10.1.1). */
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
