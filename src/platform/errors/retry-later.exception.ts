import { CodedException } from './coded.exception.js';
import { ERROR_CODES, type ErrorCode } from './error-code.js';

/** An error with a `Retry-After` header. */
export class RetryLaterException extends CodedException {
  constructor(
    code: ErrorCode,
    message: string,
    readonly retryAfterSeconds: number,
  ) {
    super(ERROR_CODES[code], code, message);
  }
}
