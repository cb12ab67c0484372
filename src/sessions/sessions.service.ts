import { createHash } from 'node:crypto';
import { Injectable, NotFoundException } from '@nestjs/common';
import type { CurrentUser } from '../access/current-user.decorator.js';
import { Database } from '../database/database.js';
import type { Device } from './current-device.decorator.js';
import { type SessionResponse, sessionResponseOf } from './dto/session-response.dto.js';
import { SessionsRepository } from './sessions.repository.js';

/** Who is logged in where, and which refresh tokens are good. */
@Injectable()
export class SessionsService {
  constructor(
    private readonly sessions: SessionsRepository,
    private readonly database: Database,
  ) {}

  /** Remembers a new refresh token, and forgets all that have run out. Answers the id of the session that it begins. */
  async open(userId: number, refreshToken: string, expiresAt: Date, device: Device): Promise<number> {
    const now = new Date().toISOString();
    await this.sessions.deleteExpired(now);
    return this.database.transaction(async () => {
      const { id } = await this.sessions.insert({
        user_id: userId,
        user_agent: device.user_agent,
        address: device.address,
        created_at: now,
        last_used_at: now,
        expires_at: expiresAt.toISOString(),
      });
      await this.sessions.insertToken({ token_hash: hashOf(refreshToken), session_id: id, rotated_at: null });
      return id;
    });
  }

  /** The id of the session that the token refreshes; undefined unless it is this user's and neither revoked nor run out. */
  refresh(userId: number, refreshToken: string): Promise<number | undefined> {
    return this.sessions.use(userId, hashOf(refreshToken), new Date().toISOString());
  }

  async list(by: CurrentUser): Promise<SessionResponse[]> {
    const sessions = await this.sessions.listByUser(by.id, new Date().toISOString());
    return sessions.map((session) => sessionResponseOf(session, by));
  }

  /** @throws NotFoundException unless the session is the caller's own */
  async end(id: number, by: CurrentUser): Promise<void> {
    const isEnded = await this.sessions.delete(by.id, id, new Date().toISOString());
    if (!isEnded) throw new NotFoundException('Session not found');
  }

  /** Ends the session of the token if it is this user's; a foreign or unknown one changes nothing. */
  revoke(userId: number, refreshToken: string): Promise<void> {
    return this.sessions.deleteByToken(userId, hashOf(refreshToken));
  }

  revokeAll(userId: number): Promise<void> {
    return this.sessions.deleteAll(userId);
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
