import { ApiExtension } from '@nestjs/swagger';
import type { ErrorCode } from './error-code.js';

/**
 * Documents the error codes that are specific to a route. A status without a specific code has its general code. Each status
 * also needs a description: `@throws` in the route's comment, or `ApiResponse`.
 */
export function ApiErrors(...codes: [ErrorCode, ...ErrorCode[]]): MethodDecorator {
  // `applyConventions` moves the codes to the responses.
  return ApiExtension('x-error-codes', codes);
}
