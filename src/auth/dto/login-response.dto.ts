import { AccessTokenResponse } from './access-token-response.dto.js';

export class LoginResponse extends AccessTokenResponse {
  /**
   * Use it to get new access tokens until it expires (7 days) or is revoked.
   * @example "eyJhbGciOiJIUzI1NiJ9.…"
   */
  override refresh_token!: string;
}
