/**
 * Why a value can't be taken, in the words of pydantic, whose answers the clients read: a machine-readable type
 * (https://docs.pydantic.dev/latest/errors/validation_errors/) and one sentence.
 */
export class Problem {
  constructor(
    readonly type: string,
    readonly msg: string,
  ) {}
}

export const FIELD_REQUIRED = new Problem('missing', 'Field required');
export const NOT_AN_OBJECT = new Problem(
  'model_attributes_type',
  'Input should be a valid dictionary or object',
);

/** A problem of something inside a value: the fields and indexes on the way to it. */
export interface ProblemAt {
  problem: Problem;
  path: (string | number)[];
}

/** Why a value made of others can't be taken. */
export class Problems extends Problem {
  constructor(readonly all: ProblemAt[]) {
    super('value_error', 'Value error, something inside is not valid');
  }

  /** The same, of a value that this one is a part of. */
  below(place: string | number): ProblemAt[] {
    return this.all.map(({ problem, path }) => ({ problem, path: [place, ...path] }));
  }
}
