import { Injectable } from '@nestjs/common';
import { Role } from '../platform/authorization/role.js';
import { loginKey } from '../platform/validation/login-name.js';
import { Database } from '../platform/database/database.js';
import { hasOneOfVersions, nextVersion, type RowVersion } from '../platform/database/row-version.js';
import { allOf, sql } from '../platform/database/sql.js';
import { type List, readList } from '../platform/lists/page.js';
import type { PageRequest } from '../platform/lists/page-query.dto.js';
import { User } from './user.entity.js';

export type NewUser = Pick<User, 'email' | 'username' | 'full_name' | 'hashed_password' | 'role'>;
export type UserChanges = Partial<
  Pick<User, 'email' | 'full_name' | 'hashed_password' | 'role' | 'is_active'>
>;

/** The user behind a request, as far as authorization needs it. */
export type Principal = Pick<User, 'id' | 'role' | 'credentials_version'>;

/** A user as the driver returns it: SQLite stores a boolean as 0 or 1. */
type UserRow = { [Column in keyof User]: User[Column] extends boolean ? boolean | 0 | 1 : User[Column] };

/** Conditions on a list of users, combined with AND. */
export interface UserFilter {
  role?: Role;
  include_deleted?: boolean;
  updated_since?: string;
}

/** The queries on `users`. They ignore deleted users unless asked for them. */
@Injectable()
export class UsersRepository {
  constructor(private readonly database: Database) {}

  /** @throws ConstraintViolation `uq_users_email`, `uq_users_username` */
  async insert(user: NewUser): Promise<User> {
    const now = this.database.clock.now();
    const timestamp = new Date(now).toISOString();
    const row = await this.database.insert(User, {
      ...user,
      username_key: loginKey(user.username),
      is_active: true,
      is_deleted: false,
      credentials_version: 0,
      created_at: timestamp,
      updated_at: timestamp,
      version: now,
    });
    return userOf(row);
  }

  async list(filter: UserFilter, page: PageRequest): Promise<List<User>> {
    const { role, include_deleted = false, updated_since } = filter;
    const condition = allOf(
      role === undefined ? undefined : sql`role = ${role}`,
      include_deleted ? undefined : sql`not is_deleted`,
      updated_since === undefined ? undefined : sql`updated_at >= ${updated_since}`,
    );
    return (await readList<UserRow>(this.database, 'users', condition, page)).map(userOf);
  }

  async findById(id: number): Promise<User | undefined> {
    const [row] = await this.database.read<UserRow>`select * from users where id = ${id} and not is_deleted`;
    return row && userOf(row);
  }

  /** Selects few columns, because this runs on every request and reading the whole row takes twice as long. */
  async findPrincipal(id: number): Promise<Principal | undefined> {
    const [row] = await this.database.read<Principal>`
      select id, role, credentials_version from users where id = ${id} and is_active and not is_deleted`;
    return row;
  }

  /** Whether a user is active. Nobody deactivates or deletes them until the open transaction ends. */
  async lockActive(id: number): Promise<boolean> {
    const users = await this.database.read`
      select id from users where id = ${id} and is_active and not is_deleted ${this.database.dialect.forShare}`;
    return users.length > 0;
  }

  /** Finds a user by username or e-mail address, in any spelling. */
  async findByLogin(login: string): Promise<User | undefined> {
    const key = loginKey(login);
    const [row] = key.includes('@')
      ? await this.database.read<UserRow>`select * from users where email = ${key} and not is_deleted`
      : await this.database.read<UserRow>`select * from users where username_key = ${key} and not is_deleted`;
    return row && userOf(row);
  }

  async findFirst(): Promise<User | undefined> {
    const [row] = await this.database
      .read<UserRow>`select * from users where not is_deleted order by id limit 1`;
    return row && userOf(row);
  }

  async hasAdmin(): Promise<boolean> {
    const rows = await this.database.read`
      select 1 from users where role = ${Role.Admin} and not is_deleted limit 1`;
    return rows.length > 0;
  }

  async hasOtherActiveAdmin(id: number): Promise<boolean> {
    const rows = await this.database.read`
      select 1 from users where role = ${Role.Admin} and is_active and id <> ${id} limit 1`;
    return rows.length > 0;
  }

  /** @throws ConstraintViolation `uq_users_email` */
  async update(id: number, changes: UserChanges, expected?: RowVersion[]): Promise<User | undefined> {
    const now = this.database.clock.now();
    const row = await this.database.update(
      User,
      sql`id = ${id} and not is_deleted and ${hasOneOfVersions(expected)}`,
      {
        ...changes,
        updated_at: new Date(now).toISOString(),
        version: nextVersion(now),
      },
    );
    return row && userOf(row);
  }

  /** Invalidates all tokens issued so far. */
  async incrementCredentialsVersion(id: number): Promise<void> {
    await this.database.write`
      update users set credentials_version = credentials_version + 1 where id = ${id}`;
  }

  /** Returns whether there was such a user in an expected version. */
  async softDelete(id: number, expected?: RowVersion[]): Promise<boolean> {
    const now = this.database.clock.timestamp();
    const deleted = await this.database.write`
      update users set is_deleted = ${true}, is_active = ${false}, deleted_at = ${now}, updated_at = ${now}
      where id = ${id} and not is_deleted and ${hasOneOfVersions(expected)} returning id`;
    return deleted.length > 0;
  }
}

function userOf(row: UserRow): User {
  return { ...row, is_active: Boolean(row.is_active), is_deleted: Boolean(row.is_deleted) };
}
