import { ApiExtension } from '@nestjs/swagger';
import type { ErrorCode } from './error-code.js';

/**
 * Documents the error codes of a route, besides those that any route may return. A status without a code here has its
 * general code. Each of these statuses needs its own sentence: `@throws` in the route's comment, or `ApiResponse`.
 */
export function ApiErrors(...codes: [ErrorCode, ...ErrorCode[]]): MethodDecorator {
  // `applyConventions` moves them to the responses.
  return ApiExtension('x-error-codes', codes);
}
