import { ForbiddenException, Injectable } from '@nestjs/common';
import type { CurrentUser } from '../platform/authorization/current-user.decorator.js';
import { Role } from '../platform/authorization/role.js';
import { Versioned } from '../platform/http/versioned.js';
import { PreconditionFailedException } from '../platform/errors/precondition-failed.exception.js';
import { Database } from '../platform/database/database.js';
import type { RowVersion } from '../platform/database/row-version.js';
import { CodedException } from '../platform/errors/coded.exception.js';
import { PasswordsService } from '../platform/passwords/passwords.service.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { type ListResponse, toListResponse } from '../platform/lists/page.js';
import type { UserCreate } from './dto/user-create.dto.js';
import type { UserListQuery } from './dto/user-list-query.dto.js';
import { type UserResponse, userResponseOf } from './dto/user-response.dto.js';
import type { UserUpdate } from './dto/user-update.dto.js';
import type { User } from './user.entity.js';
import { type Principal, UsersRepository } from './users.repository.js';

/**
 * User management and its permissions (SPEC.md, "User Management Permissions").
 *
 * Changes to users run one at a time across all processes, so that a check such as "not the last admin" still holds when
 * the change is written.
 */
@Injectable()
export class UsersService {
  constructor(
    private readonly users: UsersRepository,
    private readonly sessions: SessionsService,
    private readonly passwords: PasswordsService,
    private readonly database: Database,
  ) {}

  /** @throws ForbiddenException when a market owner registers someone who is not an employee */
  async register(registration: UserCreate, actor: CurrentUser): Promise<Versioned<UserResponse>> {
    const role = registration.role ?? Role.Employee;
    if (actor.role !== Role.Admin && role !== Role.Employee) {
      throw new ForbiddenException('Only an admin registers admins and market owners');
    }
    const user = await this.create({ ...registration, role });
    return new Versioned(user, userResponseOf(user));
  }

  /** Creates the first admin. Returns false when there is an admin already. */
  async createFirstAdmin(admin: { username: string; email: string; password: string }): Promise<boolean> {
    if (await this.users.hasAdmin()) return false;
    await this.create({ ...admin, full_name: 'Default Admin', role: Role.Admin });
    return true;
  }

  async list(query: UserListQuery): Promise<ListResponse<UserResponse>> {
    return toListResponse(await this.users.list(query, query), userResponseOf);
  }

  async get(id: number, actor: CurrentUser): Promise<Versioned<UserResponse>> {
    const user = await this.findOrFail(id);
    if (user.id !== actor.id) this.assertCanManage(actor, user);
    return new Versioned(user, userResponseOf(user));
  }

  /** @throws PreconditionFailedException when the user is in none of the expected versions */
  async update(
    id: number,
    changes: UserUpdate,
    actor: CurrentUser,
    expected?: RowVersion[],
  ): Promise<Versioned<UserResponse>> {
    const { password, ...rest } = changes;
    const hashed_password = password === undefined ? undefined : await this.passwords.hash(password);
    return this.database.exclusiveTransaction(async () => {
      const user = await this.findOrFail(id);
      this.assertCanManage(actor, user);
      if (actor.role !== Role.Admin && (changes.role ?? user.role) !== user.role) {
        throw new ForbiddenException('Only an admin changes roles');
      }
      const staysAdmin = (changes.role ?? user.role) === Role.Admin && (changes.is_active ?? user.is_active);
      if (!staysAdmin) await this.assertNotLastAdmin(user);
      if (hashed_password !== undefined || changes.is_active === false) await this.endSessions(user);
      const updated = await this.users.update(id, { ...rest, hashed_password }, expected);
      if (!updated) throw new PreconditionFailedException();
      return new Versioned(updated, userResponseOf(updated));
    });
  }

  /**
   * Replaces the password of a user whose old password was just verified, and ends all their sessions.
   *
   * @returns the updated user; undefined when the password or the account has changed since it was verified
   */
  async replacePassword(user: User, password: string): Promise<User | undefined> {
    const hashed_password = await this.passwords.hash(password);
    return this.database.exclusiveTransaction(async () => {
      const current = await this.users.findById(user.id);
      if (current?.credentials_version !== user.credentials_version) return undefined;
      await this.endSessions(current);
      return this.users.update(user.id, { hashed_password });
    });
  }

  /** @throws PreconditionFailedException when the user is in none of the expected states */
  async delete(id: number, actor: CurrentUser, expected?: RowVersion[]): Promise<void> {
    await this.database.exclusiveTransaction(async () => {
      const user = await this.findOrFail(id);
      if (user.id !== actor.id) this.assertCanManage(actor, user);
      await this.assertNotLastAdmin(user);
      await this.endSessions(user);
      if (!(await this.users.softDelete(id, expected))) throw new PreconditionFailedException();
    });
  }

  /** Returns the oldest user; undefined when there are none. */
  findFirst(): Promise<User | undefined> {
    return this.users.findFirst();
  }

  /** Returns the user behind an access token; undefined when deactivated, deleted or unknown. */
  findPrincipal(id: number): Promise<Principal | undefined> {
    return this.users.findPrincipal(id);
  }

  /**
   * Keeps an active user active until the open transaction ends.
   *
   * @throws CodedException 404 when there is no such user, or they can't log in
   */
  async assertActive(id: number): Promise<void> {
    if (!(await this.users.lockActive(id))) throw new CodedException(404, 'user_not_found', 'User not found');
  }

  findById(id: number): Promise<User | undefined> {
    return this.users.findById(id);
  }

  findByLogin(login: string): Promise<User | undefined> {
    return this.users.findByLogin(login);
  }

  private async create(registration: UserCreate & { role: Role }): Promise<User> {
    const { password, email, username, full_name = null, role } = registration;
    const hashed_password = await this.passwords.hash(password);
    return this.users.insert({ email, username, full_name, role, hashed_password });
  }

  private async findOrFail(id: number): Promise<User> {
    const user = await this.users.findById(id);
    if (!user) throw new CodedException(404, 'user_not_found', 'User not found');
    return user;
  }

  private assertCanManage(actor: CurrentUser, user: User): void {
    const manages =
      actor.role === Role.Admin || (actor.role === Role.MarketOwner && user.role === Role.Employee);
    if (!manages) throw new ForbiddenException('You may not do this to this user');
  }

  private async assertNotLastAdmin(user: User): Promise<void> {
    if (user.role !== Role.Admin || !user.is_active) return;
    if (await this.users.hasOtherActiveAdmin(user.id)) return;
    throw new CodedException(
      409,
      'last_admin',
      'This is the last active admin: make another user an admin first',
    );
  }

  private async endSessions(user: User): Promise<void> {
    await this.users.incrementCredentialsVersion(user.id);
    await this.sessions.revokeAll(user.id);
  }
}
