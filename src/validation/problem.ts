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
