import { HttpException } from '@nestjs/common';

/** An error that says when to come again. */
export class RetryLaterException extends HttpException {
  constructor(
    status: number,
    message: string,
    readonly retryAfterSeconds: number,
  ) {
    super(message, status);
  }
}
