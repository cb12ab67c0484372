import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';
import { Session } from './session.entity.js';

/** The queries on `sessions` and `refresh_tokens`. Deleting a session deletes its tokens. */
@Injectable()
export class SessionsRepository {
  constructor(private readonly database: Database) {}

  insert(session: Omit<Session, 'id'>): Promise<Session> {
    return this.database.insert(Session, session);
  }

  /** Does nothing when the token exists already: each call to rotate a token gives the same successor. */
  async addToken(tokenHash: string, sessionId: number): Promise<void> {
    await this.database.write`
      insert into refresh_tokens (token_hash, session_id) values (${tokenHash}, ${sessionId})
      on conflict (token_hash) do nothing`;
  }

  listByUser(userId: number, now: string): Promise<Session[]> {
    return this.database.read<Session>`
      select * from sessions where user_id = ${userId} and expires_at > ${now} order by created_at desc, id desc`;
  }

  /**
   * Marks the session of a refresh token as used.
   *
   * @param graceStart a token that was rotated at this time or earlier is not accepted
   * @returns the id of the session; undefined unless it is live
   */
  async markUsed(
    userId: number,
    tokenHash: string,
    now: string,
    graceStart: string,
  ): Promise<number | undefined> {
    const [row] = await this.database.write<{ id: number }>`
      update sessions set last_used_at = ${now}
      where user_id = ${userId} and expires_at > ${now} and id = (
        select session_id from refresh_tokens
        where token_hash = ${tokenHash} and (rotated_at is null or rotated_at > ${graceStart})
      )
      returning id`;
    return row?.id;
  }

  /** Returns when the token was first rotated: now, unless it was rotated before. */
  async markRotated(tokenHash: string, now: string): Promise<string> {
    const [row] = await this.database.write<{ rotated_at: string }>`
      update refresh_tokens set rotated_at = coalesce(rotated_at, ${now})
      where token_hash = ${tokenHash} returning rotated_at`;
    return row?.rotated_at ?? now;
  }

  /** Deletes the session of a token that was rotated at `graceStart` or earlier. Returns the id of the session. */
  async deleteByRotatedToken(tokenHash: string, graceStart: string): Promise<number | undefined> {
    const [row] = await this.database.write<{ id: number }>`
      delete from sessions where id = (
        select session_id from refresh_tokens where token_hash = ${tokenHash} and rotated_at <= ${graceStart}
      )
      returning id`;
    return row?.id;
  }

  /** Returns whether there was such a session. */
  async delete(userId: number, id: number, now: string): Promise<boolean> {
    const rows = await this.database.write`
      delete from sessions where id = ${id} and user_id = ${userId} and expires_at > ${now} returning id`;
    return rows.length > 0;
  }

  async deleteByToken(userId: number, tokenHash: string): Promise<void> {
    await this.database.write`
      delete from sessions
      where user_id = ${userId} and id = (select session_id from refresh_tokens where token_hash = ${tokenHash})`;
  }

  async deleteAll(userId: number): Promise<void> {
    await this.database.write`delete from sessions where user_id = ${userId}`;
  }

  /** Deletes all sessions of a user but the newest `max`. */
  async deleteOldest(userId: number, max: number): Promise<void> {
    await this.database.write`
      delete from sessions where user_id = ${userId} and id <= (
        select id from sessions where user_id = ${userId} order by id desc limit 1 offset ${max}
      )`;
  }

  async deleteExpired(now: string): Promise<void> {
    await this.database.write`delete from sessions where expires_at <= ${now}`;
  }
}
