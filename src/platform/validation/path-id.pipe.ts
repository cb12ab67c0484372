import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import { IdField } from './fields.js';
import { valueReader } from './read-value.js';

const readId = valueReader(IdField());

/** Reads an id out of the path; 422 when it is no integer. */
@Injectable()
export class PathIdPipe implements PipeTransform<string, number> {
  transform(value: string, { data }: ArgumentMetadata): number {
    return readId(value, 'path', data ?? 'id');
  }
}
