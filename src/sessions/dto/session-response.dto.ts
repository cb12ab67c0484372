import type { CurrentUser } from '../../platform/authorization/current-user.decorator.js';
import type { Session } from '../session.entity.js';

export class SessionResponse {
  /**
   * Stays the same when the refresh token is rotated.
   * @example 1
   */
  id!: number;

  /**
   * When the device logged in.
   * @example "2026-03-01T07:00:00.000Z"
   */
  created_at!: string;

  /**
   * When the device logged in or last refreshed its tokens.
   * @example "2026-03-01T07:00:00.000Z"
   */
  last_used_at!: string;

  /**
   * The User-Agent header of the login.
   * @example "Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X)"
   */
  user_agent!: string | null;

  /**
   * The IP address of the login.
   * @example "203.0.113.7"
   */
  address!: string | null;

  /** Whether the access token of this request comes from this session. */
  is_current!: boolean;
}

export function sessionResponseOf(session: Session, actor: CurrentUser): SessionResponse {
  const { id, created_at, last_used_at, user_agent, address } = session;
  return { id, created_at, last_used_at, user_agent, address, is_current: id === actor.sessionId };
}
