import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { commaSeparated, sql } from '../database/sql.js';
import type { LoginThrottle } from './login-throttle.entity.js';
import { LOGIN_THROTTLE_POLICY } from './login-throttle-policy.js';
import type { ThrottleKey } from './throttle-keys.js';

/** After this many doublings the delay does not grow any more. */
const MAX_DOUBLINGS = Math.ceil(
  Math.log2(LOGIN_THROTTLE_POLICY.maxDelayMs / LOGIN_THROTTLE_POLICY.firstDelayMs),
);

/** The queries on `login_throttles`. Times are Unix times in milliseconds. */
@Injectable()
export class LoginThrottlesRepository {
  constructor(private readonly database: Database) {}

  find(keys: ThrottleKey[], now: number): Promise<LoginThrottle[]> {
    const hashes = commaSeparated(keys.map(({ hash }) => sql`${hash}`));
    return this.database.read<LoginThrottle>`
      select * from login_throttles where subject_hash in (${hashes}) and expires_at > ${timestamp(now)}`;
  }

  /** Counts a failure for each key that is not delayed. Returns false when a key was delayed, and so was not counted. */
  async countFailure(keys: ThrottleKey[], now: number): Promise<boolean> {
    const expiresAt = timestamp(now + LOGIN_THROTTLE_POLICY.countLifetimeMs);
    // Every statement locks its rows in the same order, which avoids deadlocks.
    const sorted = [...keys].sort((a, b) => (a.hash < b.hash ? -1 : 1));
    const rows = sorted.map(
      ({ hash, freeFailures }) => sql`(${hash}, ${freeFailures - 1}, ${now}, ${false}, ${expiresAt})`,
    );
    const counted = await this.database.write`
      insert into login_throttles (subject_hash, failures_left, waits_until, is_known, expires_at)
      values ${commaSeparated(rows)}
      on conflict (subject_hash) do update set
        failures_left = login_throttles.failures_left - 1,
        waits_until = excluded.waits_until + case
          when login_throttles.failures_left > 1 then 0
          when login_throttles.failures_left <= ${1 - MAX_DOUBLINGS} then ${LOGIN_THROTTLE_POLICY.maxDelayMs}
          else ${LOGIN_THROTTLE_POLICY.firstDelayMs} << (1 - login_throttles.failures_left)
        end
      where login_throttles.waits_until <= excluded.waits_until
      returning subject_hash`;
    return counted.length === keys.length;
  }

  /** Resets the count of an account at an address, and marks the pair as known. */
  async markKnown({ hash, freeFailures }: ThrottleKey, now: number): Promise<void> {
    await this.database.write`
      insert into login_throttles (subject_hash, failures_left, waits_until, is_known, expires_at)
      values (${hash}, ${freeFailures}, ${now}, ${true}, ${timestamp(now + LOGIN_THROTTLE_POLICY.knownLifetimeMs)})
      on conflict (subject_hash) do update set
        failures_left = excluded.failures_left,
        waits_until = excluded.waits_until,
        is_known = excluded.is_known,
        expires_at = excluded.expires_at`;
  }

  async deleteExpired(now: number): Promise<void> {
    // Skips locked rows: waiting for them while holding others could cause a deadlock. The next call deletes them.
    await this.database.write`
      delete from login_throttles where subject_hash in (
        select subject_hash from login_throttles where expires_at <= ${timestamp(now)} ${this.database.dialect.forUpdateSkipLocked}
      )`;
  }
}

function timestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
