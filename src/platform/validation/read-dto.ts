import { type ClassConstructor, plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { ValidationException } from './validation.exception.js';
import { issuesOf, type Location, NOT_AN_OBJECT } from './validation-issue.js';

/**
 * Reads what a client sent into a DTO: its fields are converted, unknown ones are dropped.
 *
 * @param loc where the value comes from
 * @throws ValidationException with the first issue of each field
 */
export function readDto<T extends object>(
  metatype: ClassConstructor<T>,
  value: unknown,
  ...loc: Location
): T {
  if (!isObject(value)) throw ValidationException.of(NOT_AN_OBJECT, ...loc);
  const dto = toInstance(metatype, value);
  const errors = validateSync(dto, { whitelist: true, stopAtFirstError: true });
  if (errors.length > 0) throw new ValidationException(issuesOf(errors, loc));
  return dto;
}

/** An instance whose fields are converted and not yet checked. */
export function toInstance<T extends object>(metatype: ClassConstructor<T>, value: object): T {
  return plainToInstance<T, object>(metatype, value, { exposeUnsetFields: false });
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
