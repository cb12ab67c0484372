import { type ClassConstructor, plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import type { Parser } from './conversions.js';
import { FIELD_REQUIRED, NOT_AN_OBJECT, Problem, type ProblemAt, Problems } from './validation-issue.js';

/** Reads what a client sent into a DTO: fields parsed, unknown ones dropped. Or answers all that is wrong, field by field. */
export function readDto<T extends object>(metatype: ClassConstructor<T>, value: unknown): T | Problems {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return new Problems([{ problem: NOT_AN_OBJECT, path: [] }]);
  }
  const dto = plainToInstance<T, unknown>(metatype, value, { exposeUnsetFields: false });
  const errors = validateSync(dto, { whitelist: true });
  if (errors.length === 0) return dto;
  return new Problems(errors.flatMap(({ property, value: parsed }) => problemsAt(property, parsed)));
}

/** A list of so many of them. */
export function listOf<T extends object>(
  metatype: ClassConstructor<T>,
  { min, max }: { min: number; max: number },
): Parser<T[]> {
  return (value) => {
    if (!Array.isArray(value)) return new Problem('list_type', 'Input should be a valid list');
    if (value.length < min) return new Problem('too_short', `List should have at least ${entries(min)}`);
    if (value.length > max) return new Problem('too_long', `List should have at most ${entries(max)}`);
    const list = value.map((entry) => readDto(metatype, entry));
    const problems = list.flatMap((entry, index) => (entry instanceof Problems ? entry.below(index) : []));
    return problems.length > 0 ? new Problems(problems) : (list as T[]);
  };
}

function entries(count: number): string {
  return `${count} item${count === 1 ? '' : 's'}`;
}

function problemsAt(place: string, parsed: unknown): ProblemAt[] {
  return parsed instanceof Problems
    ? parsed.below(place)
    : [{ problem: parsed instanceof Problem ? parsed : FIELD_REQUIRED, path: [place] }];
}
