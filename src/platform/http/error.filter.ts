import { finished } from 'node:stream';
import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  type HttpException,
  MethodNotAllowedException,
  NotFoundException,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { logRequest } from '../logging/request-log.js';
import { CodedException } from '../errors/coded.exception.js';
import { errorReplyOf } from './error-reply.js';
import { REQUEST_ID_HEADER } from './request-id.js';
import { RAW_ERROR_HEADERS } from './security-headers.js';

const TOO_LARGE = 413;

/** Responds to all errors in the same format, and logs server errors. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    // Without a route, any other error is 404 or 405. Errors from hooks before routing stay.
    const hasNoRoute = request.is404 && !(error instanceof CodedException);
    sendError(hasNoRoute ? noRouteErrorOf(request, reply) : error, request, reply);
  }
}

function noRouteErrorOf(request: FastifyRequest, reply: FastifyReply): HttpException {
  const methods = request.server.allowedMethods(request.url);
  if (methods.length === 0) return new NotFoundException('There is nothing at this address');
  const allowed = methods.join(', ');
  void reply.header('allow', allowed);
  return new MethodNotAllowedException(`This address takes ${allowed} only`);
}

/** Responds to errors of the router, which happen before any hook or route. */
export function sendRouterError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  void reply.headers({ ...RAW_ERROR_HEADERS, [REQUEST_ID_HEADER]: request.id });
  sendError(error, request, reply);
  logRequest(request, reply);
}

function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const { status, headers, body } = errorReplyOf(error);
  if (status >= 500) request.log.error({ err: error }, 'The request failed');
  // These headers describe the response that there would have been.
  for (const name of ['etag', 'content-encoding', 'content-type', 'content-disposition'])
    reply.removeHeader(name);
  const send = () => void reply.status(status).headers(headers).send(body);
  if (status === TOO_LARGE) discardBody(request, send);
  else send();
}

/**
 * Reads the body to its end, or until the request times out. If the connection is closed while the client still sends, it is
 * reset and the response is lost (RFC 9112, section 9.6).
 */
function discardBody({ raw }: FastifyRequest, done: () => void): void {
  raw.resume();
  finished(raw, { writable: false }, done);
}
