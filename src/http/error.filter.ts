import { type ArgumentsHost, Catch, type ExceptionFilter, NotFoundException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { errorAnswerOf } from './error-answer.js';
import { REQUEST_ID_HEADER } from './request-id.js';

const NO_SUCH_ROUTE = 'There is nothing at this address';

/** Answers every error in the contract's form, and logs the ones that are ours. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    sendError(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }
}

export function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const { status, headers, body } = errorAnswerOf(
    request.is404 ? new NotFoundException(NO_SUCH_ROUTE) : error,
  );
  // Errors of the router come before any hook.
  void reply.header(REQUEST_ID_HEADER, request.id);
  if (status >= 500) request.log.error({ err: error }, 'The request failed');
  void reply.status(status).headers(headers).send(body);
}
