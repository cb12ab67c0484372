/** Why a request failed. */
export class ErrorResponse {
  /** @example "One clear sentence that says why" */
  detail!: string;
}

/** What is wrong with one field. */
export class FieldError {
  /**
   * The kind of error, for programs.
   * @example "string_too_short"
   */
  type!: string;

  /**
   * Where it is: `body`, `query` or `path`, then the field.
   * @example ["body", "name"]
   */
  loc!: string[];

  /**
   * The kind of error, for people.
   * @example "String should have at least 1 character"
   */
  msg!: string;
}

/** Why a request is not valid, field by field. */
export class ValidationErrorResponse {
  detail!: FieldError[];
}
