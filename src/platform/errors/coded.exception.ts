import { HttpException } from '@nestjs/common';
import { ERROR_CODES, type ErrorCode } from './error-code.js';

/** An HTTP error with a code that clients can act on, and details: further fields of the response body. */
export class CodedException<Code extends ErrorCode = ErrorCode> extends HttpException {
  readonly code: ErrorCode;

  /** @param status the status of the code: the compiler rejects any other */
  constructor(
    status: (typeof ERROR_CODES)[Code],
    code: Code,
    message: string,
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message, status);
    this.code = code;
  }
}

/**
 * The error of one of several things that were sent, with its index. Any other error stays as it is.
 *
 * @param what they are, such as `Line`
 */
export function atIndex(error: unknown, what: string, index: number): unknown {
  if (!(error instanceof CodedException)) return error;
  const { code, message, details } = error;
  return new CodedException(ERROR_CODES[code], code, `${what} ${index}: ${message}`, { index, ...details });
}
