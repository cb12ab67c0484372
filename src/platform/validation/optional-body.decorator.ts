import { createParamDecorator, type ExecutionContext, type PipeTransform } from '@nestjs/common';
import type { ClassConstructor } from 'class-transformer';
import type { FastifyRequest } from 'fastify';
import { readDto } from './read-dto.js';

const SentBody = createParamDecorator(
  (_: unknown, context: ExecutionContext): unknown =>
    context.switchToHttp().getRequest<FastifyRequest>().body,
);

/** Like `@Body()`, for a route whose clients may send none: that is a body without fields. Document it with `@ApiBody`. */
export function OptionalBody(metatype: ClassConstructor<object>): ParameterDecorator {
  const read: PipeTransform<unknown, object> = { transform: (body) => readDto(metatype, body ?? {}, 'body') };
  return SentBody(read);
}
