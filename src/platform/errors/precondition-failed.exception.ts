import { CodedException } from './coded.exception.js';

/** 412: the row is in none of the versions that `If-Match` names. Unlike Nest's exception of this name, it takes no message. */
export class PreconditionFailedException extends CodedException {
  constructor() {
    super(412, 'precondition_failed', 'This has been changed since you read it');
  }
}
