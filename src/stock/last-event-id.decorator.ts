import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { valueReader } from '../platform/validation/read-value.js';
import { MovementPlaceField } from './dto/movement-stream-query.dto.js';

const HEADER = 'Last-Event-ID';

const readId = valueReader(MovementPlaceField());

const Value = createParamDecorator((_: unknown, context: ExecutionContext): number | undefined => {
  const sent = context.switchToHttp().getRequest<FastifyRequest>().headers['last-event-id'];
  // A browser sends it empty when it has no event yet.
  return sent === undefined || sent === '' ? undefined : readId(sent, 'header', HEADER);
});

const describeHeader = ApiHeader({
  name: HEADER,
  required: false,
  description:
    'The id of the last event that you have: the stream continues after it. Browsers send it by themselves.',
  schema: { type: 'integer', minimum: 0 },
});

/** The id after which a client continues to read events; undefined when it begins. */
export function LastEventId(): ParameterDecorator {
  return (controller, handler, index) => {
    Value()(controller, handler, index);
    const name = handler as string;
    describeHeader(controller, name, Object.getOwnPropertyDescriptor(controller, name) as PropertyDescriptor);
  };
}
