import type { Role } from '../../platform/authorization/role.js';
import type { User } from '../user.entity.js';

export class UserResponse {
  /** @example 2 */
  id!: number;

  /**
   * The e-mail address.
   * @example "maria@corner-cafe.example"
   */
  email!: string;

  /**
   * The name to log in with.
   * @example "maria"
   */
  username!: string;

  /**
   * The name shown to colleagues.
   * @example "Maria Rossi"
   */
  full_name!: string | null;

  /**
   * What the user may do.
   * @example "employee"
   */
  role!: Role;

  /**
   * Whether the user can log in.
   * @example true
   */
  is_active!: boolean;

  /**
   * Deleted users stay in the database, because other records refer to them.
   * @example false
   */
  is_deleted!: boolean;

  /** When the user was deleted, in UTC. */
  deleted_at!: string | null;

  /** @example "2026-03-01T07:00:00.000Z" */
  created_at!: string;

  /** @example "2026-03-01T07:00:00.000Z" */
  updated_at!: string;
}

/** Lists the fields one by one, so that a new column stays private until it is added here. */
export function userResponseOf(user: User): UserResponse {
  const { id, email, username, full_name, role, is_active, is_deleted, deleted_at, created_at, updated_at } =
    user;
  return { id, email, username, full_name, role, is_active, is_deleted, deleted_at, created_at, updated_at };
}
