import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import { TextField, type TextLimits } from './fields.js';
import { valueReader } from './read-value.js';

/** Reads text out of the path; 422 when its length is outside the limits. */
export class PathTextPipe implements PipeTransform<string, string> {
  private readonly read: ReturnType<typeof valueReader<string>>;

  constructor(limits: TextLimits) {
    this.read = valueReader(TextField(limits));
  }

  transform(value: string, { data }: ArgumentMetadata): string {
    return this.read(value, 'path', data ?? 'text');
  }
}
