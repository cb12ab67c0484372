import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import type { ClassConstructor } from 'class-transformer';
import { FIELD_REQUIRED, Problems } from './validation-issue.js';
import { readDto } from './read-dto.js';
import { type ProblemSource, ValidationException } from './validation.exception.js';

const SOURCES: Partial<Record<ArgumentMetadata['type'], ProblemSource>> = { body: 'body', query: 'query' };

/** Reads a body or a query string into its DTO: fields parsed, unknown ones dropped, or 422 with all problems at once. */
@Injectable()
export class RequestValidationPipe implements PipeTransform {
  transform(value: unknown, { type, metatype }: ArgumentMetadata): unknown {
    const source = SOURCES[type];
    if (!source || !metatype || metatype === Object) return value;
    if (value === undefined || value === null) throw ValidationException.of(FIELD_REQUIRED, source);
    const fields = source === 'query' ? lastOfEach(value) : (value as unknown);
    const dto = readDto(metatype as ClassConstructor<object>, fields);
    if (dto instanceof Problems) throw ValidationException.ofAll(dto.all, source);
    return dto;
  }
}

/** Of several values with the same name in a query string the last one counts, as it does in FastAPI. */
export function lastValueOf(value: unknown): unknown {
  return Array.isArray(value) ? (value.at(-1) as unknown) : value;
}

function lastOfEach(query: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(query).map(([name, value]) => [name, lastValueOf(value)]));
}
