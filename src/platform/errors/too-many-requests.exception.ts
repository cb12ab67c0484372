import { RetryLaterException } from './retry-later.exception.js';

/** 429 with a `Retry-After` header. */
export class TooManyRequestsException extends RetryLaterException {
  constructor(
    message: string,
    retryAfterSeconds: number,
    code: 'too_many_requests' | 'login_throttled' = 'too_many_requests',
  ) {
    super(code, message, retryAfterSeconds);
  }
}
