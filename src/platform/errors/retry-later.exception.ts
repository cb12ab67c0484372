import { CodedException } from './coded.exception.js';
import { ERROR_CODES, type ErrorCode } from './error-code.js';

/** An error that says when to try again. */
export class RetryLaterException extends CodedException {
  constructor(
    code: ErrorCode,
    message: string,
    readonly retryAfterSeconds: number,
  ) {
    super(ERROR_CODES[code], code, message);
  }
}
