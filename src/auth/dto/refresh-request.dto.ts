import { FlagField } from '../../platform/validation/fields.js';
import { RefreshTokenRequest } from './refresh-token-request.dto.js';

export class RefreshRequest extends RefreshTokenRequest {
  /**
   * Whether to get a new refresh token, too, in place of this one.
   * @example true
   */
  @FlagField({ optional: true })
  rotate?: boolean;
}
