import { ApiExtension } from '@nestjs/swagger';
import type { ErrorCode } from './error-code.js';

/**
 * Documents the codes of the errors that a route answers, beside those that any route may. A status without any of them has
 * its general code. Each of these statuses has a sentence of its own: `@throws` in the route's comment, or `ApiResponse`.
 */
export function ApiErrors(...codes: [ErrorCode, ...ErrorCode[]]): MethodDecorator {
  // `applyConventions` moves them to the answers.
  return ApiExtension('x-error-codes', codes);
}
