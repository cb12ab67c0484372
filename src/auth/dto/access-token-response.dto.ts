export class AccessTokenResponse {
  /**
   * Send it in the Authorization header of every request, for 15 minutes: `Bearer <access_token>`.
   * @example "eyJhbGciOiJIUzI1NiJ9.…"
   */
  access_token!: string;

  /**
   * How the access token is sent (RFC 6750).
   * @example "bearer"
   */
  token_type!: 'bearer';

  /**
   * Replaces the one that was sent. Only if the request asks to `rotate` it.
   * @example "eyJhbGciOiJIUzI1NiJ9.…"
   */
  refresh_token?: string;
}
