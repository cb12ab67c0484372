import type { Reason } from '../validation/validation-issue.js';

/** Why a file can't be read as CSV at all. */
export class CsvProblem extends Error {
  /** @param row where it is; none where it is all of the file. The header is row 1. */
  constructor(
    readonly reason: Reason,
    readonly row?: number,
  ) {
    super(reason.msg);
  }
}
