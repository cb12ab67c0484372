import type { Examples } from '../../platform/docs/examples.js';
import { PartialType, PickType } from '@nestjs/swagger';
import { FlagField } from '../../platform/validation/fields.js';
import { UserCreate } from './user-create.dto.js';

/** Fields that are left out do not change. */
export class UserUpdate extends PartialType(
  PickType(UserCreate, ['email', 'full_name', 'password', 'role'] as const),
  { skipNullProperties: false },
) {
  /**
   * An inactive user can't log in and is logged out everywhere.
   * @example true
   */
  @FlagField({ optional: true })
  is_active?: boolean;
}

export const USER_UPDATE_EXAMPLES: Examples<UserUpdate> = {
  rename: { summary: 'Another full name', value: { full_name: 'Default Admin' } },
  password: { summary: 'A new password', value: { password: 'Cappuccino4You' } },
  deactivate: { summary: 'Deactivated: no longer able to log in', value: { is_active: false } },
};
