import { type ExecutionContext, Injectable, type PipeTransform } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { currentUserOf } from '../authorization/current-user.decorator.js';
import { JSON_TYPE } from '../http/json-type.js';
import { Versioned } from '../http/versioned.js';
import { PatternField } from '../validation/fields.js';
import { valueReader } from '../validation/read-value.js';
import { ValidationException } from '../validation/validation.exception.js';
import { isOwner } from '../authorization/role.js';
import { fingerprintOf, legacyFingerprintOf, ownersFingerprintOf } from './fingerprint.js';
import { MAX_KEY_LENGTH } from './idempotency-key.entity.js';
import {
  type StoredResponse,
  IDEMPOTENCY_KEY_HEADER,
  IdempotencyService,
  type KeyedRequest,
} from './idempotency.service.js';

/**
 * Runs the work of a handler at most once per `Idempotency-Key`. A retry gets the same response.
 *
 * @param read the parsed input of the handler from path, query and body, which distinguishes requests
 */
export type RunIdempotent = <Result>(
  read: readonly unknown[],
  work: () => Promise<Result>,
) => Promise<Result>;

/** Any printable ASCII. The quotes that draft-ietf-httpapi-idempotency-key-header puts around a key count as part of it. */
const readKey = valueReader(PatternField(/^[ -~]*$/, { min: 1, max: MAX_KEY_LENGTH, verbatim: true }));
const SENT_TWICE = { type: 'value_error', msg: 'Value error, the header should be sent once' };

const runWithoutKey: RunIdempotent = (_read, work) => work();

/** A pipe, because an interceptor would add a tenth to the time of a movement. */
@Injectable()
export class IdempotentPipe implements PipeTransform<ExecutionContext, RunIdempotent> {
  constructor(private readonly idempotency: IdempotencyService) {}

  /** @throws ValidationException when the key is invalid */
  transform(context: ExecutionContext): RunIdempotent {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    if (request.headers['idempotency-key'] === undefined) return runWithoutKey;
    const { id: user_id, role } = currentUserOf(request);
    const key = keyOf(request);
    return (read, work) => {
      const ofOwner = isOwner(role);
      const fingerprint = ofOwner ? ownersFingerprintOf(request, read) : fingerprintOf(request, read);
      const earlierFingerprints = () => [
        legacyFingerprintOf(request),
        ...(ofOwner ? [fingerprintOf(request, read)] : []),
      ];
      const keyed = { user_id, key, fingerprint, earlierFingerprints };
      return this.runIdempotent(keyed, http.getResponse<FastifyReply>(), work);
    };
  }

  /** Returns the response as text instead of the result of the work. */
  private async runIdempotent<Result>(
    keyed: KeyedRequest,
    reply: FastifyReply,
    work: () => Promise<Result>,
  ): Promise<Result> {
    const { response, isReplayed } = await this.idempotency.runIdempotent(keyed, async () =>
      storedResponseOf(await work(), reply.statusCode),
    );
    if (isReplayed) void reply.header('idempotency-replayed', 'true');
    if (response.etag !== null) void reply.header('etag', response.etag);
    void reply.status(response.status);
    if (response.body === null) return undefined as Result;
    void reply.type(JSON_TYPE);
    return response.body as Result;
  }
}

/** @throws ValidationException */
function keyOf({ raw }: FastifyRequest): string {
  const [header, ...more] = raw.headersDistinct['idempotency-key'] ?? [];
  if (more.length > 0) throw ValidationException.of(SENT_TWICE, 'header', IDEMPOTENCY_KEY_HEADER);
  return readKey(header, 'header', IDEMPOTENCY_KEY_HEADER);
}

/** The first response is sent from its stored form too, so that all responses are the same bytes. */
function storedResponseOf(result: unknown, status: number): StoredResponse {
  const body = result instanceof Versioned ? (result.body as object) : result;
  return {
    status,
    body: body === undefined ? null : JSON.stringify(body),
    etag: result instanceof Versioned ? result.entityTag : null,
  };
}
