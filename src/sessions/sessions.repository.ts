import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { RefreshToken } from './refresh-token.entity.js';

/** The queries on `refresh_tokens`. */
@Injectable()
export class SessionsRepository {
  constructor(private readonly database: Database) {}

  async insert(session: Omit<RefreshToken, 'id'>): Promise<void> {
    await this.database.insert(RefreshToken, session);
  }

  async isLive(userId: number, tokenHash: string, now: string): Promise<boolean> {
    const rows = await this.database.read`
      select 1 from refresh_tokens
      where token_hash = ${tokenHash} and user_id = ${userId} and expires_at > ${now}`;
    return rows.length > 0;
  }

  async delete(userId: number, tokenHash: string): Promise<void> {
    await this.database.write`
      delete from refresh_tokens where token_hash = ${tokenHash} and user_id = ${userId}`;
  }

  async deleteAll(userId: number): Promise<void> {
    await this.database.write`delete from refresh_tokens where user_id = ${userId}`;
  }

  async deleteExpired(now: string): Promise<void> {
    await this.database.write`delete from refresh_tokens where expires_at <= ${now}`;
  }
}
