import { applyDecorators, UseInterceptors } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import { LONGEST_KEY } from './idempotency-key.entity.js';
import { IdempotencyInterceptor } from './idempotency.interceptor.js';
import { IDEMPOTENCY_KEY } from './idempotency.service.js';

/**
 * Carries out once what is sent several times with the same `Idempotency-Key`; without that header nothing is different.
 * For routes that change the database and nothing else, and answer JSON. The module imports `IdempotencyModule`.
 */
export function Idempotent(): MethodDecorator {
  return applyDecorators(
    UseInterceptors(IdempotencyInterceptor),
    ApiHeader({
      name: IDEMPOTENCY_KEY,
      required: false,
      description:
        'A text of your own for this request, a UUID for one. Sent again with the same key within 7 days, it is answered the same and not carried out again; what was refused may be tried again.',
      schema: { type: 'string', minLength: 1, maxLength: LONGEST_KEY, pattern: '^[ -~]*$' },
    }),
  );
}
