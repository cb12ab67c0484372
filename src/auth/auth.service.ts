import { Injectable } from '@nestjs/common';
import type { CurrentUser } from '../platform/authorization/current-user.decorator.js';
import { CodedException } from '../platform/errors/coded.exception.js';
import { PasswordsService } from '../platform/passwords/passwords.service.js';
import type { Device } from '../sessions/current-device.decorator.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { LoginThrottlingService } from '../platform/throttling/login-throttling.service.js';
import type { UserResponse } from '../users/dto/user-response.dto.js';
import type { User } from '../users/user.entity.js';
import type { Principal } from '../users/users.repository.js';
import { UsersService } from '../users/users.service.js';
import type { AccessTokenResponse } from './dto/access-token-response.dto.js';
import type { LoginResponse } from './dto/login-response.dto.js';
import type { PasswordChange } from './dto/password-change.dto.js';
import type { RefreshRequest } from './dto/refresh-request.dto.js';
import { type TokenClaims, TokensService } from './tokens.service.js';

/** Login, token refresh, password change and logout. */
@Injectable()
export class AuthService {
  constructor(
    private readonly users: UsersService,
    private readonly sessions: SessionsService,
    private readonly passwords: PasswordsService,
    private readonly tokens: TokensService,
    private readonly throttling: LoginThrottlingService,
  ) {}

  /**
   * Checks a username (or e-mail address) and a password. An unknown user takes as long as a wrong password, so that the
   * time does not reveal which usernames exist.
   *
   * @throws CodedException 401 when the user is unknown or the password is wrong
   * @throws CodedException 400 when the password is right and the account is not active
   */
  async authenticate(login: string, password: string): Promise<User> {
    const user = await this.users.findByLogin(login);
    const matches = await this.passwords.verify(password, user?.hashed_password);
    if (!user || !matches)
      throw new CodedException(401, 'invalid_credentials', 'Incorrect username or password');
    if (!user.is_active) throw new CodedException(400, 'inactive_user', 'Inactive user account');
    return user;
  }

  async login(user: User, device: Device): Promise<LoginResponse> {
    const { token, expiresAt } = this.tokens.issueRefreshToken(user);
    const sessionId = await this.sessions.create(user.id, token, expiresAt, device);
    return {
      access_token: this.tokens.issueAccessToken(user, sessionId),
      refresh_token: token,
      token_type: 'bearer',
    };
  }

  /**
   * Issues a new access token, and with `rotate` a new refresh token too.
   *
   * @throws CodedException 401 unless the token belongs to a live session of an active user
   */
  async refresh({ refresh_token, rotate }: RefreshRequest): Promise<AccessTokenResponse> {
    const claims = this.tokens.verify(refresh_token, 'refresh');
    const user = claims && (await this.findTokenOwner(claims));
    if (!user) throw invalidRefreshToken();
    const rotateAt = (rotatedAt: Date) => this.tokens.rotateRefreshToken(refresh_token, claims, rotatedAt);
    const refreshed = rotate
      ? await this.sessions.rotate(user.id, refresh_token, rotateAt)
      : await this.sessions.refresh(user.id, refresh_token);
    if (!refreshed) throw invalidRefreshToken();
    return {
      access_token: this.tokens.issueAccessToken(user, refreshed.sessionId),
      token_type: 'bearer',
      refresh_token: refreshed.successor,
    };
  }

  /** Returns the user of an access token; undefined unless the token is valid and the user is active. */
  async authenticateToken(accessToken: string): Promise<CurrentUser | undefined> {
    const claims = this.tokens.verifyAccessToken(accessToken);
    const user = claims && (await this.findTokenOwner(claims));
    return user && { id: user.id, role: user.role, sessionId: claims.sid };
  }

  /**
   * Ends all sessions of the user and starts a new one, even when the new password equals the old one. A wrong old password
   * counts as a failed login.
   *
   * @throws CodedException 400 when the old password is wrong; not 401, which clients take for an expired session
   * @throws TooManyRequestsException after too many guesses
   */
  async changePassword(
    { old_password, new_password }: PasswordChange,
    actor: CurrentUser,
    device: Device,
  ): Promise<LoginResponse> {
    const user = await this.users.findById(actor.id);
    if (!user) throw new CodedException(401, 'invalid_token', 'Could not validate credentials');
    const isVerified = await this.verifyPassword(user, old_password, device);
    const changed = isVerified ? await this.users.replacePassword(user, new_password) : undefined;
    if (!changed) throw new CodedException(400, 'wrong_password', 'The old password is wrong');
    return this.login(changed, device);
  }

  logout(refreshToken: string, actor: CurrentUser): Promise<void> {
    return this.sessions.revoke(actor.id, refreshToken);
  }

  logoutEverywhere(actor: CurrentUser): Promise<void> {
    return this.sessions.revokeAll(actor.id);
  }

  /** Returns the body without its entity tag, because responses under /auth must not be cached. */
  async getProfile(actor: CurrentUser): Promise<UserResponse> {
    return (await this.users.get(actor.id, actor)).body;
  }

  /** Returns whether the password is the user's. Throttled like a login. */
  private async verifyPassword(user: User, password: string, { address }: Device): Promise<boolean> {
    try {
      await this.throttling.throttle(user.username, address, async () => {
        const matches = await this.passwords.verify(password, user.hashed_password);
        if (!matches) throw new CodedException(401, 'invalid_credentials', 'The password is wrong');
      });
      return true;
    } catch (error) {
      if (error instanceof CodedException && error.code === 'invalid_credentials') return false;
      throw error;
    }
  }

  /** Returns the active user of a token; undefined when their credentials have changed since it was issued. */
  private async findTokenOwner({ sub, ver = 0 }: TokenClaims): Promise<Principal | undefined> {
    const user = await this.users.findPrincipal(Number(sub));
    return user?.credentials_version === ver ? user : undefined;
  }
}

function invalidRefreshToken(): CodedException {
  return new CodedException(401, 'invalid_refresh_token', 'Invalid or expired refresh token');
}
