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

/** Logging in, staying logged in, and logging out. */
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
   * The user whom a username (or e-mail address) and password name. Takes as long for an unknown user as for a wrong
   * password.
   *
   * @throws CodedException 401 for either
   * @throws CodedException 400 for the right password of an account that is not active
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
   * A new access token, and with `rotate` a new refresh token, too.
   *
   * @throws CodedException 401 unless the token is of a live session of an active user
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

  /** Who sends a request with this access token; undefined unless it is good and its user is active. */
  async authenticateToken(accessToken: string): Promise<CurrentUser | undefined> {
    const claims = this.tokens.verifyAccessToken(accessToken);
    const user = claims && (await this.findTokenOwner(claims));
    return user && { id: user.id, role: user.role, sessionId: claims.sid };
  }

  /**
   * Ends all sessions of the caller, and begins a new one here: also where the new password is the old one. Guesses of the
   * old password count as failed logins.
   *
   * @throws CodedException 400 when the old password is wrong, which is no 401: clients take that for the end of a session
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

  /** A copy, without the tag of its state: what is under /auth is not to be stored. */
  async getProfile(actor: CurrentUser): Promise<UserResponse> {
    return (await this.users.get(actor.id, actor)).body;
  }

  /** Whether the password is the user's, throttled as a login is. */
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

  /** The active user whose token this is, as long as the token is not void. */
  private async findTokenOwner({ sub, ver = 0 }: TokenClaims): Promise<Principal | undefined> {
    const user = await this.users.findPrincipal(Number(sub));
    return user?.credentials_version === ver ? user : undefined;
  }
}

function invalidRefreshToken(): CodedException {
  return new CodedException(401, 'invalid_refresh_token', 'Invalid or expired refresh token');
}
