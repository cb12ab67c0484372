import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import { id } from './conversions.js';
import { Problem } from './validation-issue.js';
import { ValidationException } from './validation.exception.js';

/** Reads an id out of the path; 422 when it is no integer. */
@Injectable()
export class PathIdPipe implements PipeTransform<string, number> {
  transform(value: string, { data }: ArgumentMetadata): number {
    const parsed = id(value);
    if (parsed instanceof Problem) throw ValidationException.of(parsed, 'path', data ?? 'id');
    return parsed;
  }
}
