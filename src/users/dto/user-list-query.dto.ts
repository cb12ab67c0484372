import { Role } from '../../platform/authorization/role.js';
import { offerSortOrders } from '../../platform/lists/sort-order.js';
import { PageQuery } from '../../platform/lists/page-query.dto.js';
import { EnumField, FlagField, TimestampField } from '../../platform/validation/fields.js';

/** The sort orders of users. Each has an index. */
export const USER_SORT_ORDERS = offerSortOrders('users', {
  id: { column: 'id', type: 'integer', unique: true },
  username: { column: 'username_key', type: 'text' },
  created_at: { column: 'created_at', type: 'text' },
  updated_at: { column: 'updated_at', type: 'text' },
});

export class UserListQuery extends PageQuery(USER_SORT_ORDERS) {
  /** Lists only the users with this role. A market owner may list employees. */
  @EnumField(Role, 'Role', { optional: true })
  role?: Role;

  /** Lists deleted users as well. For admins only. */
  @FlagField({ optional: true })
  include_deleted?: boolean;

  /**
   * Lists only the users that were changed at this time or later. To miss none, ask from one minute before the newest
   * `updated_at` that you have: a change may become visible a little later than one with a newer time.
   */
  @TimestampField({ optional: true })
  updated_since?: string;
}
