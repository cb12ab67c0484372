import { UnprocessableEntityException } from '@nestjs/common';
import type { Location, Reason, ValidationIssue } from './validation-issue.js';

/** 422 with every issue that was found, in FastAPI's form. */
export class ValidationException extends UnprocessableEntityException {
  /** @param details further fields of the response body */
  constructor(
    readonly issues: ValidationIssue[],
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super('The request is not valid');
  }

  static of({ type, msg }: Reason, ...loc: Location): ValidationException {
    return new ValidationException([{ type, loc, msg }]);
  }
}
