import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { RetryLaterException } from '../errors/retry-later.exception.js';
import { ValidationException } from '../validation/validation.exception.js';
import type { IdempotencyKey } from './idempotency-key.entity.js';
import { IdempotencyKeysRepository } from './idempotency-keys.repository.js';

/** How long an response is kept, in milliseconds: 7 days, after which the key is a new one. */
export const RETENTION_MS = 7 * 24 * 60 * 60 * 1000;

/** Between two clean-ups of a process, in milliseconds. */
const CLEANUP_INTERVAL_MS = 60 * 60 * 1000;

export const IDEMPOTENCY_KEY_HEADER = 'Idempotency-Key';

const REUSED = {
  type: 'value_error',
  msg: 'Value error, this key belongs to another request that was sent before',
};

/** A request of a user, and the key that its repetitions have in common. */
export interface KeyedRequest extends Pick<IdempotencyKey, 'user_id' | 'key' | 'fingerprint'> {
  /** As an earlier version may have stored it: a retry that comes after an upgrade is still a retry. */
  legacyFingerprint: () => string;
}

/** What a client is sent: the body's text, and the tag of the row that it shows. */
export type StoredResponse = Pick<IdempotencyKey, 'status' | 'body' | 'etag'>;

/**
 * Carries a request out once, however often it is sent: what it changes and what it is answered are written in one
 * transaction. Of a request that is refused nothing is kept, as it changed nothing: it may be tried again.
 */
@Injectable()
export class IdempotencyService {
  /** The requests that this process is working on. */
  private readonly inFlight = new Set<string>();
  private nextCleanupAt = 0;

  constructor(
    private readonly database: Database,
    private readonly keys: IdempotencyKeysRepository,
  ) {}

  /**
   * Answers what the work does, or what it did the first time.
   *
   * @throws RetryLaterException 409 while the same key is being worked on, here or in another process
   * @throws ValidationException when the key belongs to another request
   */
  async runIdempotent(
    request: KeyedRequest,
    work: () => Promise<StoredResponse>,
  ): Promise<{ response: StoredResponse; isReplayed: boolean }> {
    const name = `idempotency key ${request.user_id} ${request.key}`;
    // Before anything is asked of the database: who tries again at once takes no connection from others.
    if (this.inFlight.has(name)) throw keyInUse();
    this.inFlight.add(name);
    try {
      return await this.database.transaction(async () => {
        // A statement of its own before the next one: that has to see what the last one to hold the lock has written.
        if (!(await this.database.tryLock(name))) throw keyInUse();
        return this.runInTransaction(request, work);
      });
    } finally {
      this.inFlight.delete(name);
      this.deleteExpiredKeys();
    }
  }

  private async runInTransaction(
    request: KeyedRequest,
    work: () => Promise<StoredResponse>,
  ): Promise<{ response: StoredResponse; isReplayed: boolean }> {
    const now = this.database.clock.now();
    const expiredBefore = timestamp(now - RETENTION_MS);
    const known = await this.keys.find(request.user_id, request.key, expiredBefore);
    if (known) {
      if (!isSameRequest(known, request))
        throw ValidationException.of(REUSED, 'header', IDEMPOTENCY_KEY_HEADER);
      return { response: known, isReplayed: true };
    }
    const response = await work();
    const row = { ...request, ...response, created_at: timestamp(now) };
    if (!(await this.keys.add(row, expiredBefore))) throw keyInUse();
    return { response, isReplayed: false };
  }

  /** Once in a while, and with nobody waiting for it. What fails is left for the next time. */
  private deleteExpiredKeys(): void {
    const now = this.database.clock.now();
    if (now < this.nextCleanupAt) return;
    this.nextCleanupAt = now + CLEANUP_INTERVAL_MS;
    this.keys.deleteExpired(timestamp(now - RETENTION_MS)).catch(() => undefined);
  }
}

function isSameRequest(known: IdempotencyKey, { fingerprint, legacyFingerprint }: KeyedRequest): boolean {
  return known.fingerprint === fingerprint || known.fingerprint === legacyFingerprint();
}

function keyInUse(): RetryLaterException {
  return new RetryLaterException(
    'idempotency_key_in_use',
    `A request with this ${IDEMPOTENCY_KEY_HEADER} is still being carried out: try again in 1 second`,
    1,
  );
}

function timestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
