import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import type { IdempotencyKey } from './idempotency-key.entity.js';

/** Deleting this many rows takes a few milliseconds, so that other writers don't wait long. */
const DELETE_BATCH_SIZE = 1000;

/** The queries on `idempotency_keys`. A row created at `expiredBefore` (ISO 8601) or earlier counts as absent. */
@Injectable()
export class IdempotencyKeysRepository {
  constructor(private readonly database: Database) {}

  async find(userId: number, key: string, expiredBefore: string): Promise<IdempotencyKey | undefined> {
    const [row] = await this.database.read<IdempotencyKey>`
      select * from idempotency_keys
      where user_id = ${userId} and key = ${key} and created_at > ${expiredBefore}`;
    return row;
  }

  /** Adds a row, or replaces an expired one. Returns false when the key is in use. */
  async add(row: Omit<IdempotencyKey, 'id'>, expiredBefore: string): Promise<boolean> {
    const added = await this.database.write`
      insert into idempotency_keys (user_id, key, fingerprint, status, body, etag, created_at)
      values (${row.user_id}, ${row.key}, ${row.fingerprint}, ${row.status}, ${row.body}, ${row.etag}, ${row.created_at})
      on conflict (user_id, key) do update set
        fingerprint = excluded.fingerprint,
        status = excluded.status,
        body = excluded.body,
        etag = excluded.etag,
        created_at = excluded.created_at
      where idempotency_keys.created_at <= ${expiredBefore}
      returning id`;
    return added.length > 0;
  }

  async deleteExpired(expiredBefore: string): Promise<void> {
    let deleted: unknown[];
    do {
      // PostgreSQL checks the first condition again when a row is replaced concurrently.
      deleted = await this.database.write`
        delete from idempotency_keys where created_at <= ${expiredBefore} and id in (
          select id from idempotency_keys where created_at <= ${expiredBefore}
          order by created_at limit ${DELETE_BATCH_SIZE}
        )
        returning id`;
    } while (deleted.length === DELETE_BATCH_SIZE);
  }
}
