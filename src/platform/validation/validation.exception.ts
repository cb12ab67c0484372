import { UnprocessableEntityException } from '@nestjs/common';
import type { Problem, ProblemAt } from './validation-issue.js';

export type ProblemSource = 'body' | 'query' | 'path' | 'header';

/** One entry of a 422's `detail`. What was sent is not among it: it may be a password. */
export interface LocatedProblem {
  type: string;
  loc: [ProblemSource, ...(string | number)[]];
  msg: string;
}

/** 422 with every problem that was found, in FastAPI's form. */
export class ValidationException extends UnprocessableEntityException {
  constructor(readonly problems: LocatedProblem[]) {
    super('The request is not valid');
  }

  /** @param problems with the ways to them from the source */
  static ofAll(problems: ProblemAt[], source: ProblemSource): ValidationException {
    return new ValidationException(
      problems.map(({ problem: { type, msg }, path }) => ({ type, loc: [source, ...path], msg })),
    );
  }

  static of(problem: Problem, ...loc: LocatedProblem['loc']): ValidationException {
    return new ValidationException([{ type: problem.type, loc, msg: problem.msg }]);
  }
}
