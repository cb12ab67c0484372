import { HttpException, HttpStatus } from '@nestjs/common';
import { ConstraintViolation, type ViolationKind } from '../database/constraint-violation.js';
import { DatabaseUnavailable } from '../database/database-unavailable.js';
import { ValidationException } from '../validation/validation.exception.js';
import type { ValidationIssue } from '../validation/validation-issue.js';
import { CodedException } from '../errors/coded.exception.js';
import { type ErrorCode, generalCodeOf } from '../errors/error-code.js';
import { RetryLaterException } from '../errors/retry-later.exception.js';

/** The response to a failed request. */
export interface ErrorReply {
  status: number;
  headers: Record<string, string>;
  body:
    | { detail: string; code: ErrorCode; [fact: string]: unknown }
    | { detail: ValidationIssue[]; [fact: string]: unknown };
}

/** Replace messages of the framework that say too much or too little. */
const FRAMEWORK_MESSAGES: Partial<Record<number, string>> = {
  [HttpStatus.BAD_REQUEST]: 'The request could not be understood',
  [HttpStatus.URI_TOO_LONG]: 'The address is too long',
  [HttpStatus.SERVICE_UNAVAILABLE]: 'The service is not available right now',
};

const VIOLATION_STATUS: Record<ViolationKind, HttpStatus> = {
  taken: HttpStatus.CONFLICT,
  missing: HttpStatus.NOT_FOUND,
  'in use': HttpStatus.CONFLICT,
  refused: HttpStatus.CONFLICT,
};

/** Converts anything thrown into an error response. An error that is not meant for clients becomes a plain 500. */
export function errorReplyOf(error: unknown): ErrorReply {
  if (error instanceof ValidationException) {
    return {
      status: HttpStatus.UNPROCESSABLE_ENTITY,
      headers: {},
      body: { detail: error.issues, ...error.details },
    };
  }
  if (error instanceof ConstraintViolation)
    return errorReply(VIOLATION_STATUS[error.kind], error.message, error);
  if (error instanceof DatabaseUnavailable) return errorReply(HttpStatus.SERVICE_UNAVAILABLE, error.message);
  if (error instanceof RetryLaterException) {
    return errorReply(error.getStatus(), error.message, error, {
      'Retry-After': String(error.retryAfterSeconds),
    });
  }
  if (error instanceof CodedException) return errorReply(error.getStatus(), error.message, error);
  const status = error instanceof HttpException ? error.getStatus() : clientErrorStatusOf(error);
  if (error instanceof HttpException && status < 500) return errorReply(status, error.message);
  return errorReply(status, FRAMEWORK_MESSAGES[status] ?? 'Internal Server Error');
}

/** Fastify's own errors have a status (https://fastify.dev/docs/latest/Reference/Errors/). */
function clientErrorStatusOf(error: unknown): number {
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : NaN;
  return status >= 400 && status < 500 ? status : HttpStatus.INTERNAL_SERVER_ERROR;
}

function errorReply(
  status: number,
  detail: string,
  { code = generalCodeOf(status), details }: Partial<Pick<CodedException, 'code' | 'details'>> = {},
  headers: Record<string, string> = {},
): ErrorReply {
  if (status === 401) headers['WWW-Authenticate'] = 'Bearer';
  if (status === 503) headers['Retry-After'] ??= '1';
  return { status, headers, body: { detail, code, ...details } };
}
