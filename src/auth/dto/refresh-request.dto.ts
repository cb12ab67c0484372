import { FlagField } from '../../platform/validation/fields.js';
import { RefreshTokenRequest } from './refresh-token-request.dto.js';

export class RefreshRequest extends RefreshTokenRequest {
  /**
   * Whether to also get a new refresh token, which replaces this one.
   * @example true
   */
  @FlagField({ optional: true })
  rotate?: boolean;
}
