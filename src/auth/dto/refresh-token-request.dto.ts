import { TextField } from '../../platform/validation/fields.js';

export class RefreshTokenRequest {
  /**
   * The refresh token of a login, or the one that replaced it.
   * @example "eyJhbGciOiJIUzI1NiJ9.…"
   */
  @TextField({ min: 1, max: 4096 })
  refresh_token!: string;
}
