import { ValidationException } from '../platform/validation/validation.exception.js';
import type { ImportIssues } from './import-issues.js';

/** 422 with the issues of a file: the first ones, and how many there are. */
export class ImportInvalidException extends ValidationException {
  constructor({ first, count }: ImportIssues) {
    super(first, { error_count: count });
  }
}
