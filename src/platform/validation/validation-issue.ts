import type { ValidationError } from 'class-validator';

/** Where a value comes from, then the fields and the indexes on the way to it. */
export type Location = ['body' | 'query' | 'path' | 'header', ...(string | number)[]];

/**
 * Why a value is refused, as Pydantic says it: a type for programs
 * (https://docs.pydantic.dev/latest/errors/validation_errors/) and one sentence for people. One entry of a 422's `detail`. It
 * never has the value itself, which may be a password.
 */
export interface ValidationIssue {
  type: string;
  loc: Location;
  msg: string;
}

/** An issue wherever it occurs. */
export type Reason = Omit<ValidationIssue, 'loc'>;

export const FIELD_REQUIRED: Reason = { type: 'missing', msg: 'Field required' };
export const NOT_AN_OBJECT: Reason = {
  type: 'model_attributes_type',
  msg: 'Input should be a valid dictionary or object',
};

/** The issues that class-validator found. A constraint is named after Pydantic's type, so its name is the type. */
export function issuesOf(errors: ValidationError[], loc: Location): ValidationIssue[] {
  return errors.flatMap(({ target, property, constraints = {}, children = [] }) => {
    const here: Location = [...loc, Array.isArray(target) ? Number(property) : property];
    const own = Object.entries(constraints).map(([name, msg]) =>
      name === 'nestedValidation' ? { loc: here, ...NOT_AN_OBJECT } : { type: name, loc: here, msg },
    );
    return [...own, ...issuesOf(children, here)];
  });
}
