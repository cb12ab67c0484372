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

/** Answers every error in the contract's form, and logs the ones that are ours. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    // Where there is no route nothing else matters but what goes before all routes.
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

/** For the router's errors, which come before any hook and any route. */
export function sendRouterError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  void reply.headers({ ...RAW_ERROR_HEADERS, [REQUEST_ID_HEADER]: request.id });
  sendError(error, request, reply);
  logRequest(request, reply);
}

function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const { status, headers, body } = errorReplyOf(error);
  if (status >= 500) request.log.error({ err: error }, 'The request failed');
  // They tell of the answer that there would have been.
  void reply.removeHeader('etag').removeHeader('content-encoding');
  const send = () => void reply.status(status).headers(headers).send(body);
  if (status === TOO_LARGE) discardBody(request, send);
  else send();
}

/**
 * Waits for the end of a body, however the client or the time limit brings it about. A connection that is closed while
 * its client is still sending is reset, and the answer gets lost (RFC 9112, 9.6).
 */
function discardBody({ raw }: FastifyRequest, done: () => void): void {
  raw.resume();
  finished(raw, { writable: false }, done);
}
