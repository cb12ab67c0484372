import { HttpException } from '@nestjs/common';
import type { ERROR_CODES, ErrorCode } from './error-code.js';

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
