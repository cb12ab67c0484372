import { createHash, createSecretKey, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { LRUCache } from 'lru-cache';
import type { Role } from '../platform/authorization/role.js';
import { Settings } from '../platform/config/settings.js';
import { DatabaseClock } from '../platform/database/database-clock.js';
import type { Principal } from '../users/users.repository.js';

export type TokenType = 'access' | 'refresh';

/** The claims of a token (RFC 7519); `iat` and `exp` are in seconds. */
export interface TokenClaims {
  /** The user's id, in decimal digits. */
  sub: string;
  /** The user's role when the token was issued. Authorization uses the role in the database. */
  role: Role;
  type: TokenType;
  /** The user's `credentials_version` when the token was issued; absent means 0. */
  ver?: number;
  /** The session of an access token. */
  sid?: number;
  /** Makes tokens issued within the same second differ. Tokens of the first version have none. */
  jti?: string;
  iat: number;
  exp: number;
}

const SECONDS_A_MINUTE = 60;
const SECONDS_A_DAY = 24 * 60 * SECONDS_A_MINUTE;

/**
 * How far in the future `iat` may be. A token from further ahead was issued while the database's clock was wrong, or by
 * someone who stole the key.
 */
const CLOCK_LEEWAY_SECONDS = 60;

/** A few megabytes at most. A shop uses some dozens of tokens. */
const MAX_CACHED_TOKENS = 5_000;

/** The largest value of an integer column. */
const MAX_ID = 2 ** 31 - 1;

/** Issues and verifies tokens. No other code decides whether a token is valid. */
@Injectable()
export class TokensService {
  /** The current key, then the previous one. KeyObjects, because a string would be converted on every check. */
  private readonly keys: [JwtService, ...JwtService[]];
  /** Claims of verified access tokens, so that a signature is checked once and not on every request. */
  private readonly verified = new LRUCache<string, TokenClaims>({ max: MAX_CACHED_TOKENS });

  constructor(
    private readonly settings: Settings,
    private readonly clock: DatabaseClock,
  ) {
    const { algorithm, secretKey, secretKeyPrevious } = settings;
    const withKey = (key: string): JwtService =>
      new JwtService({
        secret: createSecretKey(Buffer.from(key)),
        signOptions: { algorithm },
        verifyOptions: { algorithms: [algorithm] },
      });
    this.keys = [withKey(secretKey), ...(secretKeyPrevious === null ? [] : [withKey(secretKeyPrevious)])];
  }

  issueAccessToken(user: Principal, sessionId: number): string {
    const lifetime = this.settings.accessTokenMinutes * SECONDS_A_MINUTE;
    return this.issue(user, { type: 'access', sid: sessionId }, lifetime);
  }

  issueRefreshToken(user: Principal): { token: string; expiresAt: Date } {
    const lifetime = this.settings.refreshTokenDays * SECONDS_A_DAY;
    return {
      token: this.issue(user, { type: 'refresh' }, lifetime),
      expiresAt: new Date(this.clock.now() + lifetime * 1000),
    };
  }

  /**
   * Returns the refresh token that replaces another one. The same arguments always give the same token, so a retry gets it
   * again without it being stored. It expires when the old one would have: rotation does not extend a session.
   */
  rotateRefreshToken(
    refreshToken: string,
    { sub, role, type, ver, exp }: TokenClaims,
    rotatedAt: Date,
  ): string {
    const jti = createHash('sha256').update(refreshToken).digest('hex');
    const iat = Math.floor(rotatedAt.getTime() / 1000);
    return this.keys[0].sign({ sub, role, type, ver, jti, iat, exp });
  }

  /**
   * Returns the claims of a valid token of this type; undefined for any other text. Valid means signed with one of our
   * keys by the configured algorithm, not expired and not issued in the future.
   */
  verify(token: string, type: TokenType): TokenClaims | undefined {
    const now = this.nowInSeconds();
    for (const key of this.keys) {
      try {
        const claims = key.verify<Record<string, unknown>>(token, { clockTimestamp: now });
        return isTokenClaims(claims) && claims.iat <= now + CLOCK_LEEWAY_SECONDS && claims.type === type
          ? claims
          : undefined;
      } catch {
        // Signed with another key, or expired.
      }
    }
    return undefined;
  }

  /** Like {@link verify}, with a cache, for the token that comes with every request. */
  verifyAccessToken(token: string): TokenClaims | undefined {
    const verified = this.verified.get(token);
    if (verified) return verified.exp > this.nowInSeconds() ? verified : undefined;
    const claims = this.verify(token, 'access');
    if (claims) this.verified.set(token, claims);
    return claims;
  }

  private issue(user: Principal, kind: Pick<TokenClaims, 'type' | 'sid'>, lifetime: number): string {
    const claims: Omit<TokenClaims, 'exp'> = {
      sub: String(user.id),
      role: user.role,
      ...kind,
      ver: user.credentials_version,
      jti: randomUUID(),
      iat: this.nowInSeconds(),
    };
    return this.keys[0].sign(claims, { expiresIn: lifetime });
  }

  /** The database's time in seconds, the unit of `iat` and `exp`. */
  private nowInSeconds(): number {
    return Math.floor(this.clock.now() / 1000);
  }
}

/** Checks that every claim is present and has the right type. `exp` and `nbf` have been compared already. */
function isTokenClaims(claims: Record<string, unknown>): claims is Record<string, unknown> & TokenClaims {
  const { sub, ver = 0, sid = 0, jti, iat, exp } = claims;
  return (
    typeof sub === 'string' &&
    /^[1-9]\d{0,9}$/.test(sub) &&
    Number(sub) <= MAX_ID &&
    Number.isInteger(ver) &&
    Number.isInteger(sid) &&
    (typeof jti === 'string' || isOfFirstVersion(claims)) &&
    Number.isInteger(iat) &&
    Number.isInteger(exp)
  );
}

/** Tokens of the first version have no token id, session id or credentials version. */
function isOfFirstVersion({ ver, sid, jti }: Record<string, unknown>): boolean {
  return ver === undefined && sid === undefined && jti === undefined;
}
