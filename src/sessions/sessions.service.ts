import { createHash } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import type { CurrentUser } from '../platform/authorization/current-user.decorator.js';
import { Database } from '../platform/database/database.js';
import { CodedException } from '../platform/errors/coded.exception.js';
import type { Device } from './current-device.decorator.js';
import { type SessionResponse, sessionResponseOf } from './dto/session-response.dto.js';
import { SessionsRepository } from './sessions.repository.js';

/** What a refresh token is good for. */
export interface RefreshResult {
  sessionId: number;
  /** The refresh token to use from now on, where the other one was rotated. */
  successor?: string;
}

/** How long a token works after it was rotated, in milliseconds: for clients that lost the answer, or asked twice. */
const ROTATION_GRACE_MS = 30_000;

/** Of one user: more than anyone has devices, so that only a program that logs in again and again loses the oldest. */
const MAX_SESSIONS_PER_USER = 100;

/** Who is logged in where, and which refresh tokens are good. */
@Injectable()
export class SessionsService {
  private readonly logger = new Logger(SessionsService.name);

  constructor(
    private readonly sessions: SessionsRepository,
    private readonly database: Database,
  ) {}

  /**
   * Remembers a new refresh token, and forgets all that have run out, and the oldest of a user who has too many. Answers
   * the id of the session that it begins.
   */
  async create(userId: number, refreshToken: string, expiresAt: Date, device: Device): Promise<number> {
    const now = this.database.clock.timestamp();
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
      await this.sessions.addToken(hashOf(refreshToken), id);
      await this.sessions.deleteOldest(userId, MAX_SESSIONS_PER_USER);
      return id;
    });
  }

  /**
   * The id of the session that the token refreshes; undefined unless it is this user's and neither revoked nor run out.
   * A token that was rotated works for 30 seconds more. Whoever uses it later shows that there are two who have it: the
   * session ends (RFC 9700, section 4.14.2).
   */
  async refresh(userId: number, refreshToken: string): Promise<RefreshResult | undefined> {
    const now = this.database.clock.now();
    const graceStart = new Date(now - ROTATION_GRACE_MS).toISOString();
    const tokenHash = hashOf(refreshToken);
    const sessionId = await this.sessions.markUsed(
      userId,
      tokenHash,
      new Date(now).toISOString(),
      graceStart,
    );
    if (sessionId !== undefined) return { sessionId };
    const endedId = await this.sessions.deleteByRotatedToken(tokenHash, graceStart);
    if (endedId !== undefined) {
      this.logger.warn(
        `A rotated refresh token was used again: session ${endedId} of user ${userId} is ended`,
      );
    }
    return undefined;
  }

  /**
   * A {@link refresh} that puts a successor in the token's place. Every call for one token answers the same successor:
   * its client may have lost an answer, or ask twice. Calls at once go one after the other, on whatever replica they are:
   * the first one's update holds the session's row.
   *
   * @param rotateAt makes the successor of a token that was rotated at this moment, always the same one
   */
  rotate(
    userId: number,
    refreshToken: string,
    rotateAt: (rotatedAt: Date) => string,
  ): Promise<RefreshResult | undefined> {
    return this.database.transaction(async () => {
      const refreshed = await this.refresh(userId, refreshToken);
      if (!refreshed) return undefined;
      const now = this.database.clock.timestamp();
      const successor = rotateAt(new Date(await this.sessions.markRotated(hashOf(refreshToken), now)));
      await this.sessions.addToken(hashOf(successor), refreshed.sessionId);
      return { ...refreshed, successor };
    });
  }

  async list(actor: CurrentUser): Promise<SessionResponse[]> {
    const sessions = await this.sessions.listByUser(actor.id, this.database.clock.timestamp());
    return sessions.map((session) => sessionResponseOf(session, actor));
  }

  /** @throws CodedException 404 unless the session is the caller's own */
  async delete(id: number, actor: CurrentUser): Promise<void> {
    const isDeleted = await this.sessions.delete(actor.id, id, this.database.clock.timestamp());
    if (!isDeleted) throw new CodedException(404, 'session_not_found', 'Session not found');
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
