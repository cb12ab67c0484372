import { HttpException } from '@nestjs/common';
import type { ERROR_CODES, ErrorCode } from './error-code.js';

/** An error with a code for programs. `details` become fields of the response besides `detail` and `code`. */
export class CodedException<Code extends ErrorCode = ErrorCode> extends HttpException {
  readonly code: ErrorCode;

  /** @param status the one that the code comes with: the compiler refuses any other */
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
