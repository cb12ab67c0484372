import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import { text, type TextLimits } from './conversions.js';
import { Problem } from './validation-issue.js';
import { ValidationException } from './validation.exception.js';

/** Reads text out of the path; 422 when it is none of that length. */
export class PathTextPipe implements PipeTransform<string, string> {
  constructor(private readonly limits: TextLimits) {}

  transform(value: string, { data }: ArgumentMetadata): string {
    const parsed = text(this.limits)(value);
    if (parsed instanceof Problem) throw ValidationException.of(parsed, 'path', data ?? 'text');
    return parsed;
  }
}
