import { FlagField } from '../../validation/fields.js';

export class UserListQuery {
  /** Lists deleted users, too. */
  @FlagField({ optional: true })
  include_deleted?: boolean;
}
