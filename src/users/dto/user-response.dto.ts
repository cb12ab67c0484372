import type { Role } from '../../platform/authorization/role.js';
import type { User } from '../user.entity.js';

export class UserResponse {
  /** @example 2 */
  id!: number;

  /**
   * Where the person gets mail.
   * @example "maria@corner-cafe.example"
   */
  email!: string;

  /**
   * What the person logs in with.
   * @example "maria"
   */
  username!: string;

  /**
   * The name that colleagues read.
   * @example "Maria Rossi"
   */
  full_name!: string | null;

  /**
   * What the person may do.
   * @example "employee"
   */
  role!: Role;

  /**
   * Whether the person can log in.
   * @example true
   */
  is_active!: boolean;

  /**
   * A deleted user stays on record, out of sight.
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

/** The listed fields and no others: a column added later stays inside until it is added here. */
export function userResponseOf(user: User): UserResponse {
  const { id, email, username, full_name, role, is_active, is_deleted, deleted_at, created_at, updated_at } =
    user;
  return { id, email, username, full_name, role, is_active, is_deleted, deleted_at, created_at, updated_at };
}
