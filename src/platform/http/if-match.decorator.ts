import { BadRequestException, createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { RowVersion } from '../database/row-version.js';
import { parseEntityTags, rowVersionOf } from './entity-tag.js';

/**
 * The row versions in `If-Match` (RFC 9110, section 13.1.1): the row must be in one of them. Empty when the header has no
 * strong tag of ours, so that no version matches. Undefined when any version is accepted.
 */
export type IfMatch = RowVersion[] | undefined;

export const IfMatch = createParamDecorator((_: unknown, context: ExecutionContext): IfMatch => {
  const header = context.switchToHttp().getRequest<FastifyRequest>().headers['if-match'];
  const tags = header === undefined ? '*' : parseEntityTags(header);
  if (tags === undefined) throw new BadRequestException('The If-Match header could not be understood');
  if (tags === '*') return undefined;
  return tags.flatMap(({ tag, isWeak }) => (isWeak ? [] : (rowVersionOf(tag) ?? [])));
});
