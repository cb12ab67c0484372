import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { RetryLaterException } from '../errors/retry-later.exception.js';
import { ValidationException } from '../validation/validation.exception.js';
import type { IdempotencyKey } from './idempotency-key.entity.js';
import { IdempotencyKeysRepository } from './idempotency-keys.repository.js';

/** Responses are kept for 7 days. After that, a key counts as new. */
export const RETENTION_MS = 7 * 24 * 60 * 60 * 1000;

const CLEANUP_INTERVAL_MS = 60 * 60 * 1000;

export const IDEMPOTENCY_KEY_HEADER = 'Idempotency-Key';

const REUSED = {
  type: 'value_error',
  msg: 'Value error, this key belongs to another request that was sent before',
};

/** A request with an `Idempotency-Key`. Its retries have the same key. */
export interface KeyedRequest extends Pick<IdempotencyKey, 'user_id' | 'key' | 'fingerprint'> {
  /** Fingerprints with which the same request may have been stored: by an earlier release, or before the user became an owner. */
  earlierFingerprints: () => string[];
}

/** The response that is stored: the body as text, and the entity tag of its row. */
export type StoredResponse = Pick<IdempotencyKey, 'status' | 'body' | 'etag'>;

/**
 * Runs a request once, no matter how often it is sent. Its changes and its response are written in one transaction. A failed
 * request changes nothing, so its response is not stored and it may be retried.
 */
@Injectable()
export class IdempotencyService {
  /** Keys of the requests that this process is running. */
  private readonly inFlight = new Set<string>();
  private nextCleanupAt = 0;

  constructor(
    private readonly database: Database,
    private readonly keys: IdempotencyKeysRepository,
  ) {}

  /**
   * Runs the work, or returns the response of its first run.
   *
   * @throws RetryLaterException 409 while the same key is being worked on, here or in another process
   * @throws ValidationException when the key belongs to another request
   */
  async runIdempotent(
    request: KeyedRequest,
    work: () => Promise<StoredResponse>,
  ): Promise<{ response: StoredResponse; isReplayed: boolean }> {
    const name = `idempotency key ${request.user_id} ${request.key}`;
    // Checked before using the database, so that immediate retries take no connections.
    if (this.inFlight.has(name)) throw keyInUse();
    this.inFlight.add(name);
    try {
      return await this.database.transaction(async () => {
        // A separate statement, so that the next one sees what the last holder of the lock has written.
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

  /** Runs at most once per interval, in the background. A failure is ignored, because the next run deletes the rest. */
  private deleteExpiredKeys(): void {
    const now = this.database.clock.now();
    if (now < this.nextCleanupAt) return;
    this.nextCleanupAt = now + CLEANUP_INTERVAL_MS;
    this.keys.deleteExpired(timestamp(now - RETENTION_MS)).catch(() => undefined);
  }
}

function isSameRequest(known: IdempotencyKey, { fingerprint, earlierFingerprints }: KeyedRequest): boolean {
  return known.fingerprint === fingerprint || earlierFingerprints().includes(known.fingerprint);
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
