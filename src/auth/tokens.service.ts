import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import type { Role } from '../access/role.js';
import { Settings } from '../config/settings.js';
import type { User } from '../users/user.entity.js';

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
  jti: string;
  iat: number;
  exp: number;
}

const SECONDS_A_MINUTE = 60;
const SECONDS_A_DAY = 24 * 60 * SECONDS_A_MINUTE;

/** Issues tokens and says whose they are. */
@Injectable()
export class TokensService {
  constructor(
    private readonly jwt: JwtService,
    private readonly settings: Settings,
  ) {}

  issueAccessToken(user: User): string {
    return this.issue(user, 'access', this.settings.accessTokenMinutes * SECONDS_A_MINUTE);
  }

  issueRefreshToken(user: User): { token: string; expiresAt: Date } {
    const lifetime = this.settings.refreshTokenDays * SECONDS_A_DAY;
    return {
      token: this.issue(user, 'refresh', lifetime),
      expiresAt: new Date(Date.now() + lifetime * 1000),
    };
  }

  /** The claims of a refresh token that is signed by this program and has not run out; undefined for any other text. */
  readRefreshToken(token: string): TokenClaims | undefined {
    try {
      const claims = this.jwt.verify<TokenClaims>(token);
      return claims.type === 'refresh' ? claims : undefined;
    } catch {
      return undefined;
    }
  }

  private issue(user: User, type: TokenType, lifetime: number): string {
    const claims: Omit<TokenClaims, 'iat' | 'exp'> = {
      sub: String(user.id),
      role: user.role,
      type,
      ver: user.credentials_version,
      jti: randomUUID(),
    };
    return this.jwt.sign(claims, { expiresIn: lifetime });
  }
}
