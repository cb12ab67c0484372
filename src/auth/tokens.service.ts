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
  /** The user's role when the token was issued. The row's role counts. */
  role: Role;
  type: TokenType;
  /** The user's `credentials_version` when the token was issued; absent means 0. */
  ver?: number;
  /** The id of the session that an access token comes from. */
  sid?: number;
  /** Makes two tokens of one second differ; tokens of the first version have none. */
  jti?: string;
  iat: number;
  exp: number;
}

const SECONDS_A_MINUTE = 60;
const SECONDS_A_DAY = 24 * 60 * SECONDS_A_MINUTE;

/**
 * How far ahead of the database's clock, in seconds, a token may have been issued. A token from further ahead was made when that
 * clock was wrong, or by someone who has the key.
 */
const CLOCK_LEEWAY_SECONDS = 60;

/** Tokens whose claims are remembered, a few megabytes at most: a shop has some dozens. */
const MAX_CACHED_TOKENS = 5_000;

/** The largest id that the database has room for. */
const MAX_ID = 2 ** 31 - 1;

/** Issues tokens, and is the one place that says whether a token is good. */
@Injectable()
export class TokensService {
  /** The key that signs, then the one that it replaced. KeyObjects are made once, not at every check as from a string. */
  private readonly keys: [JwtService, ...JwtService[]];
  /** What good access tokens say, so that a signature is checked once and not with every request. */
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
   * The refresh token that takes the place of another one, rotated at this moment. The same two always make the same
   * token, so that it needs not be kept to be answered again. It runs out when the other one would have: rotation does
   * not prolong a session.
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
   * The claims of a token of this type that is signed with one of this program's keys, by its algorithm, and whose time
   * has come and not run out; undefined for any other text.
   */
  verify(token: string, type: TokenType): TokenClaims | undefined {
    const now = this.seconds();
    for (const key of this.keys) {
      try {
        const claims = key.verify<Record<string, unknown>>(token, { clockTimestamp: now });
        return isTokenClaims(claims) && claims.iat <= now + CLOCK_LEEWAY_SECONDS && claims.type === type
          ? claims
          : undefined;
      } catch {
        // Not signed with this key, or run out.
      }
    }
    return undefined;
  }

  /** {@link verify} for the token that comes with every request. */
  verifyAccessToken(token: string): TokenClaims | undefined {
    const verified = this.verified.get(token);
    if (verified) return verified.exp > this.seconds() ? verified : undefined;
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
      iat: this.seconds(),
    };
    return this.keys[0].sign(claims, { expiresIn: lifetime });
  }

  /** The database's time, as `iat` and `exp` have it. */
  private seconds(): number {
    return Math.floor(this.clock.now() / 1000);
  }
}

/** Checks what the signature does not: that every claim is there, in its type. `exp` and `nbf` have been compared. */
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

/** The first version of this program named neither the token, nor the session, nor the version of the credentials. */
function isOfFirstVersion({ ver, sid, jti }: Record<string, unknown>): boolean {
  return ver === undefined && sid === undefined && jti === undefined;
}
