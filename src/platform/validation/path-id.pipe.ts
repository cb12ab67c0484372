import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import { IdField } from './fields.js';
import { valueReader } from './read-value.js';

const readId = valueReader(IdField());

/** An id as clients get it from the API. Nearly every path has one, and class-validator takes 20 µs to say so. */
const PLAIN_ID = /^[1-9]\d{0,8}$/;

/** Reads an id out of the path; 422 when it is no integer. */
@Injectable()
export class PathIdPipe implements PipeTransform<string, number> {
  transform(value: string, { data }: ArgumentMetadata): number {
    return PLAIN_ID.test(value) ? Number(value) : readId(value, 'path', data ?? 'id');
  }
}
