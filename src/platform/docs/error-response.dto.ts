import { ApiProperty } from '@nestjs/swagger';

/** Why a request failed. */
export class ErrorResponse {
  /**
   * Why it failed, in one sentence.
   * @example "One clear sentence that says why"
   */
  detail!: string;

  /**
   * What kind of error it is, for programs. A name never changes; new ones may come.
   * @example "not_found"
   */
  code!: string;
}

/** What is wrong with one field. */
export class FieldError {
  /**
   * The kind of error, for programs.
   * @example "string_too_short"
   */
  type!: string;

  /**
   * Where it is: `body`, `query`, `path` or `header`, then the field; in a list, the number of the entry, counted from 0.
   * @example ["body", "name"]
   */
  @ApiProperty({ type: 'array', items: { oneOf: [{ type: 'string' }, { type: 'integer' }] } })
  loc!: (string | number)[];

  /**
   * The kind of error, for people.
   * @example "String should have at least 1 character"
   */
  msg!: string;
}

/** Why a request is not valid, field by field. */
export class ValidationErrorResponse {
  /** What is wrong, one entry for each fault. */
  detail!: FieldError[];
}
