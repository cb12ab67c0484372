import { PreconditionFailedException } from '@nestjs/common';

/** 412: the row is no longer in the state that `If-Match` names. */
export class StaleException extends PreconditionFailedException {
  constructor() {
    super('This has been changed since you read it');
  }
}
