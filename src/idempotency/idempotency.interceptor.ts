import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { lastValueFrom, type Observable, of } from 'rxjs';
import { rowTag } from '../conditional/entity-tag.js';
import { stateShownBy } from '../conditional/row-states.js';
import { textLike } from '../validation/parsers.js';
import { Problem } from '../validation/problem.js';
import { ValidationException } from '../validation/validation.exception.js';
import { fingerprintOf } from './fingerprint.js';
import { LONGEST_KEY } from './idempotency-key.entity.js';
import { type Answer, IDEMPOTENCY_KEY, IdempotencyService } from './idempotency.service.js';

const JSON_TYPE = 'application/json; charset=utf-8';

/** Any printable ASCII: quotes, with which draft-ietf-httpapi-idempotency-key-header writes a key, are a part of it. */
const parseKey = textLike(/^[ -~]*$/, { min: 1, max: LONGEST_KEY, verbatim: true });
const SENT_TWICE = new Problem('value_error', 'Value error, the header should be sent once');

/** Lets a request with an `Idempotency-Key` be carried out once, after the guards have let it in. */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(private readonly idempotency: IdempotencyService) {}

  intercept(
    context: ExecutionContext,
    next: CallHandler<unknown>,
  ): Observable<unknown> | Promise<Observable<unknown>> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    if (request.headers['idempotency-key'] === undefined) return next.handle();
    return this.answerOnce(request, http.getResponse<FastifyReply>(), next);
  }

  private async answerOnce(
    request: FastifyRequest,
    reply: FastifyReply,
    next: CallHandler<unknown>,
  ): Promise<Observable<unknown>> {
    if (!request.user) throw new Error('A public route has no current user.');
    const keyed = { user_id: request.user.id, key: keyOf(request), fingerprint: fingerprintOf(request) };
    const { answer, isReplayed } = await this.idempotency.answerOnce(keyed, async () =>
      answerOf(await lastValueFrom(next.handle()), reply.statusCode),
    );
    if (isReplayed) void reply.header('idempotency-replayed', 'true');
    if (answer.etag !== null) void reply.header('etag', answer.etag);
    void reply.status(answer.status);
    if (answer.body === null) return of(undefined);
    void reply.type(JSON_TYPE);
    return of(answer.body);
  }
}

/** @throws ValidationException */
function keyOf({ raw }: FastifyRequest): string {
  const [header, ...more] = raw.headersDistinct['idempotency-key'] ?? [];
  const key = more.length > 0 ? SENT_TWICE : parseKey(header, {});
  if (key instanceof Problem) throw ValidationException.of(key, 'header', IDEMPOTENCY_KEY);
  return key;
}

/** What the handler returned, as all of it that is kept is sent, the first time, too: the same bytes each time. */
function answerOf(returned: unknown, status: number): Answer {
  const state = stateShownBy(returned);
  return {
    status,
    body: returned === undefined ? null : JSON.stringify(returned),
    etag: state ? rowTag(state) : null,
  };
}
