import { Body, Controller, Get, HttpCode, HttpStatus, Post, Req, UseGuards } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiTags } from '@nestjs/swagger';
import { CurrentUser } from '../platform/authorization/current-user.decorator.js';
import { Public } from '../platform/authorization/public.decorator.js';
import { ApiErrors } from '../platform/errors/api-errors.decorator.js';
import { AcceptForms } from '../platform/http/body-parsers.js';
import { CurrentDevice, type Device } from '../sessions/current-device.decorator.js';
import { UserResponse } from '../users/dto/user-response.dto.js';
import type { User } from '../users/user.entity.js';
import { AuthService } from './auth.service.js';
import { AccessTokenResponse } from './dto/access-token-response.dto.js';
import { LoginRequest } from './dto/login-request.dto.js';
import { LoginResponse } from './dto/login-response.dto.js';
import { PASSWORD_CHANGE_EXAMPLES, PasswordChange } from './dto/password-change.dto.js';
import { RefreshRequest } from './dto/refresh-request.dto.js';
import { RefreshTokenRequest } from './dto/refresh-token-request.dto.js';
import { LoginGuard } from './login.guard.js';

@ApiTags('Authentication')
@Controller('auth')
export class AuthController {
  constructor(private readonly auth: AuthService) {}

  /**
   * Log in
   *
   * @remarks OAuth2 password flow (RFC 6749, section 4.3). Accepts a form (urlencoded or multipart) or JSON.
   * @throws {400} The account is not active.
   * @throws {401} The username or the password is wrong.
   * @throws {429} Too many failed logins for this account or from this address. `Retry-After` says how long to wait.
   */
  @Post('login')
  @ApiErrors('bad_request', 'inactive_user', 'invalid_credentials', 'login_throttled')
  @Public()
  @UseGuards(LoginGuard)
  @AcceptForms()
  @ApiConsumes('application/x-www-form-urlencoded', 'multipart/form-data', 'application/json')
  @ApiBody({
    type: LoginRequest,
    examples: { admin: { value: { username: 'admin', password: 'Admin1234!' } } },
  })
  @HttpCode(HttpStatus.OK)
  login(@Req() { user }: { user: User }, @CurrentDevice() device: Device): Promise<LoginResponse> {
    return this.auth.login(user, device);
  }

  /**
   * Get a new access token
   *
   * @remarks The refresh token stays valid until it expires or is revoked. With `rotate` you get a new one in its place.
   * The old one then works for 30 more seconds, so that you can retry if the response is lost: you get the same new token
   * again. Using the old token after that ends the session, because someone else may have it (RFC 9700, section 4.14.2).
   * Rotation does not extend the session.
   * @throws {401} The refresh token is invalid, expired or revoked.
   */
  @Post('refresh')
  @ApiErrors('invalid_refresh_token')
  @Public()
  @HttpCode(HttpStatus.OK)
  refresh(@Body() request: RefreshRequest): Promise<AccessTokenResponse> {
    return this.auth.refresh(request);
  }

  /**
   * Log out
   *
   * @remarks Revokes your refresh token. A token that is unknown or belongs to someone else changes nothing.
   */
  @Post('logout')
  @HttpCode(HttpStatus.NO_CONTENT)
  logout(@Body() { refresh_token }: RefreshTokenRequest, @CurrentUser() actor: CurrentUser): Promise<void> {
    return this.auth.logout(refresh_token, actor);
  }

  /**
   * Log out everywhere
   *
   * @remarks Revokes all your refresh tokens.
   */
  @Post('logout-all')
  @HttpCode(HttpStatus.NO_CONTENT)
  logoutEverywhere(@CurrentUser() actor: CurrentUser): Promise<void> {
    return this.auth.logoutEverywhere(actor);
  }

  /**
   * Change your password
   *
   * @remarks Ends all your sessions, access tokens included, and starts a new one here: continue with the tokens in the
   * response. The new password may equal the old one, if you only want to end the other sessions.
   * @throws {400} The old password is wrong.
   * @throws {429} Too many wrong passwords. `Retry-After` says how long to wait.
   */
  @Post('change-password')
  @ApiErrors('wrong_password', 'login_throttled')
  @HttpCode(HttpStatus.OK)
  @ApiBody({ type: PasswordChange, examples: PASSWORD_CHANGE_EXAMPLES })
  changePassword(
    @Body() change: PasswordChange,
    @CurrentUser() actor: CurrentUser,
    @CurrentDevice() device: Device,
  ): Promise<LoginResponse> {
    return this.auth.changePassword(change, actor, device);
  }

  /**
   * Get your own profile
   *
   * @remarks The user that the access token belongs to.
   */
  @Get('me')
  getProfile(@CurrentUser() actor: CurrentUser): Promise<UserResponse> {
    return this.auth.getProfile(actor);
  }
}
