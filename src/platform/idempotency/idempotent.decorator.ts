import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import { MAX_KEY_LENGTH } from './idempotency-key.entity.js';
import { IDEMPOTENCY_KEY_HEADER } from './idempotency.service.js';
import { IdempotentPipe } from './idempotent.pipe.js';

const Context = createParamDecorator((_: unknown, context: ExecutionContext) => context);

const describeKey = ApiHeader({
  name: IDEMPOTENCY_KEY_HEADER,
  required: false,
  description:
    'A text of your own for this request, a UUID for one. Sent again with the same key within 7 days, it is answered the same and not carried out again; what was refused may be tried again.',
  schema: { type: 'string', minLength: 1, maxLength: MAX_KEY_LENGTH, pattern: '^[ -~]*$' },
});

/**
 * What a handler does all of its work by, so that a client may send its request again; without the header nothing is different.
 * For routes that change the database and nothing else, and answer JSON. The module imports `IdempotencyModule`.
 */
export function Idempotent(): ParameterDecorator {
  return (controller, handler, index) => {
    Context(IdempotentPipe)(controller, handler, index);
    const name = handler as string;
    describeKey(controller, name, Object.getOwnPropertyDescriptor(controller, name) as PropertyDescriptor);
  };
}
