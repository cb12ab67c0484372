import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import { type ClassConstructor, plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { FIELD_REQUIRED, Problem } from './problem.js';
import { type ProblemSource, ValidationException } from './validation.exception.js';

const NOT_AN_OBJECT = new Problem('model_attributes_type', 'Input should be a valid dictionary or object');
const SOURCES: Partial<Record<ArgumentMetadata['type'], ProblemSource>> = { body: 'body', query: 'query' };

/** Reads a body or a query string into its DTO: fields parsed, unknown ones dropped, or 422 with all problems at once. */
@Injectable()
export class RequestValidationPipe implements PipeTransform {
  transform(value: unknown, { type, metatype }: ArgumentMetadata): unknown {
    const source = SOURCES[type];
    if (!source || !metatype || metatype === Object) return value;
    if (value === undefined || value === null) throw ValidationException.of(FIELD_REQUIRED, source);
    if (typeof value !== 'object' || Array.isArray(value))
      throw ValidationException.of(NOT_AN_OBJECT, source);

    const fields = source === 'query' ? lastOfEach(value) : value;
    const dto = plainToInstance(metatype as ClassConstructor<object>, fields);
    const errors = validateSync(dto, { whitelist: true });
    if (errors.length === 0) return dto;
    throw new ValidationException(
      errors.map(({ property, value: parsed }) => {
        const { type, msg } = parsed instanceof Problem ? parsed : FIELD_REQUIRED;
        return { type, loc: [source, property], msg };
      }),
    );
  }
}

/** Of several values with the same name in a query string the last one counts, as it does in FastAPI. */
function lastOfEach(query: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(query).map(([name, value]) => [
      name,
      Array.isArray(value) ? (value.at(-1) as unknown) : value,
    ]),
  );
}
