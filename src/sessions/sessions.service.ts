import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { SessionsRepository } from './sessions.repository.js';

/** Which refresh tokens are good. Each stands for one login on one device. */
@Injectable()
export class SessionsService {
  constructor(private readonly sessions: SessionsRepository) {}

  /** Remembers a new refresh token, and forgets all that have run out. */
  async open(userId: number, refreshToken: string, expiresAt: Date): Promise<void> {
    const now = new Date().toISOString();
    await this.sessions.deleteExpired(now);
    await this.sessions.insert({
      user_id: userId,
      token_hash: hashOf(refreshToken),
      created_at: now,
      expires_at: expiresAt.toISOString(),
    });
  }

  /** Whether the token was issued to this user and neither revoked nor run out. */
  isOpen(userId: number, refreshToken: string): Promise<boolean> {
    return this.sessions.isLive(userId, hashOf(refreshToken), new Date().toISOString());
  }

  /** Revokes the token if it is this user's; a foreign or unknown one changes nothing. */
  revoke(userId: number, refreshToken: string): Promise<void> {
    return this.sessions.delete(userId, hashOf(refreshToken));
  }

  revokeAll(userId: number): Promise<void> {
    return this.sessions.deleteAll(userId);
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
