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
    'A unique text for this request, such as a UUID. A retry with the same key within 7 days gets the same response and is not carried out again. A failed request may be retried with the same key.',
  schema: { type: 'string', minLength: 1, maxLength: MAX_KEY_LENGTH, pattern: '^[ -~]*$' },
});

/**
 * Injects a function that runs the handler's work at most once per `Idempotency-Key`. Without the header, it just runs the
 * work. For routes that only change the database and return JSON. The module must import `IdempotencyModule`.
 */
export function Idempotent(): ParameterDecorator {
  return (controller, handler, index) => {
    Context(IdempotentPipe)(controller, handler, index);
    const name = handler as string;
    describeKey(controller, name, Object.getOwnPropertyDescriptor(controller, name) as PropertyDescriptor);
  };
}
