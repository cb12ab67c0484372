import { createHash } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import type { CurrentUser } from '../platform/authorization/current-user.decorator.js';
import { Database } from '../platform/database/database.js';
import { CodedException } from '../platform/errors/coded.exception.js';
import type { Device } from './current-device.decorator.js';
import { type SessionResponse, sessionResponseOf } from './dto/session-response.dto.js';
import { SessionsRepository } from './sessions.repository.js';

/** What a valid refresh token gives. */
export interface RefreshResult {
  sessionId: number;
  /** The new refresh token; absent without rotation. */
  successor?: string;
}

/** How long a rotated token still works, for clients that lost the response or sent the request twice. */
const ROTATION_GRACE_MS = 30_000;

/** More than anyone has devices. Only a program that logs in again and again reaches it, and loses its oldest session. */
const MAX_SESSIONS_PER_USER = 100;

/** Sessions and their refresh tokens. */
@Injectable()
export class SessionsService {
  private readonly logger = new Logger(SessionsService.name);

  constructor(
    private readonly sessions: SessionsRepository,
    private readonly database: Database,
  ) {}

  /**
   * Creates a session with its first refresh token. Deletes expired sessions, and the user's oldest ones beyond
   * {@link MAX_SESSIONS_PER_USER}.
   *
   * @returns the id of the session
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
   * Returns the session of a refresh token; undefined unless the token is this user's, not revoked and not expired. A
   * rotated token works for another 30 seconds. Later use means that someone else may have it, so the session ends
   * (RFC 9700, section 4.14.2).
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
   * Like {@link refresh}, and replaces the token. Every call for one token gives the same successor, because the client may
   * have lost a response or sent the request twice. Concurrent calls run one after the other, on any replica: the first
   * one's update locks the session's row.
   *
   * @param rotateAt returns the successor of a token rotated at this time, always the same one
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

  /** @throws CodedException 404 unless the session belongs to the actor */
  async delete(id: number, actor: CurrentUser): Promise<void> {
    const isDeleted = await this.sessions.delete(actor.id, id, this.database.clock.timestamp());
    if (!isDeleted) throw new CodedException(404, 'session_not_found', 'Session not found');
  }

  /** Ends the session of a token of this user. Any other token changes nothing. */
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
