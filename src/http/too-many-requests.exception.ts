import { HttpStatus } from '@nestjs/common';
import { RetryLaterException } from './retry-later.exception.js';

/** 429, which says when to come again. */
export class TooManyRequestsException extends RetryLaterException {
  constructor(message: string, retryAfterSeconds: number) {
    super(HttpStatus.TOO_MANY_REQUESTS, message, retryAfterSeconds);
  }
}
