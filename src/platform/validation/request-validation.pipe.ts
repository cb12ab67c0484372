import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import type { ClassConstructor } from 'class-transformer';
import { readDto } from './read-dto.js';
import { ValidationException } from './validation.exception.js';
import { FIELD_REQUIRED } from './validation-issue.js';

/** Reads a body or a query string into its DTO, or throws one 422 with the issues of all fields. */
@Injectable()
export class RequestValidationPipe implements PipeTransform {
  transform(value: unknown, { type, metatype }: ArgumentMetadata): unknown {
    if ((type !== 'body' && type !== 'query') || !metatype || metatype === Object) return value;
    if (value === undefined || value === null) throw ValidationException.of(FIELD_REQUIRED, type);
    const fields = type === 'query' ? lastOfEach(value) : (value as unknown);
    return readDto(metatype as ClassConstructor<object>, fields, type);
  }
}

/** Where a query string has several values of the same name, the last one counts, as in FastAPI. */
export function lastValueOf(value: unknown): unknown {
  return Array.isArray(value) ? (value.at(-1) as unknown) : value;
}

function lastOfEach(query: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(query).map(([name, value]) => [name, lastValueOf(value)]));
}
