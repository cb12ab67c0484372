export class AccessTokenResponse {
  /**
   * Goes into the Authorization header of every request, for 15 minutes: `Bearer <access_token>`.
   * @example "eyJhbGciOiJIUzI1NiJ9.…"
   */
  access_token!: string;

  /**
   * How the access token is sent (RFC 6750).
   * @example "bearer"
   */
  token_type!: 'bearer';

  /**
   * Takes the place of the one that was sent. Only where the request asks to `rotate` it.
   * @example "eyJhbGciOiJIUzI1NiJ9.…"
   */
  refresh_token?: string;
}
