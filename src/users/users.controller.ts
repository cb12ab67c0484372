import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  HttpStatus,
  Param,
  Patch,
  Post,
  Query,
  UseGuards,
} from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiParam, ApiTags } from '@nestjs/swagger';
import { CurrentUser } from '../platform/authorization/current-user.decorator.js';
import { Role } from '../platform/authorization/role.js';
import { Roles } from '../platform/authorization/roles.decorator.js';
import {
  ConditionalGet,
  ConditionalList,
  ConditionalWrite,
} from '../platform/lists/conditional.decorators.js';
import { IfMatch } from '../platform/http/if-match.decorator.js';
import type { Versioned } from '../platform/http/versioned.js';
import { ApiErrors } from '../platform/errors/api-errors.decorator.js';
import { Located } from '../platform/http/location.js';
import type { ListResponse } from '../platform/lists/page.js';
import { PathIdPipe } from '../platform/validation/path-id.pipe.js';
import { USER_CREATE_EXAMPLES, UserCreate } from './dto/user-create.dto.js';
import { UserListQuery } from './dto/user-list-query.dto.js';
import { UserResponse } from './dto/user-response.dto.js';
import { USER_UPDATE_EXAMPLES, UserUpdate } from './dto/user-update.dto.js';
import { UserListGuard } from './user-list.guard.js';
import { UsersService } from './users.service.js';

@ApiTags('Users')
@Controller('users')
export class UsersController {
  constructor(private readonly users: UsersService) {}

  /**
   * Register a user
   *
   * @remarks An admin can register anyone, a market owner only employees.
   * @throws {403} A market owner can register employees only.
   * @throws {409} The e-mail address or the username is taken.
   */
  @Post('register')
  @ApiErrors('email_taken', 'username_taken')
  @Located('users/{id}')
  @ApiCreatedResponse({ type: UserResponse })
  @Roles(Role.Admin, Role.MarketOwner)
  @ApiBody({ type: UserCreate, examples: USER_CREATE_EXAMPLES })
  registerUser(
    @Body() registration: UserCreate,
    @CurrentUser() actor: CurrentUser,
  ): Promise<Versioned<UserResponse>> {
    return this.users.register(registration, actor);
  }

  /**
   * List all users, or those of a role
   *
   * @remarks An admin can list anyone, and deleted users with `include_deleted`. A market owner can list employees that are
   * not deleted, with `role=employee`. Sorted by id. Returns all users, or one page with `limit`.
   */
  @Get()
  @Roles(Role.Admin, Role.MarketOwner)
  @UseGuards(UserListGuard)
  @ConditionalList('users')
  @ApiOkResponse({ type: [UserResponse] })
  listUsers(@Query() query: UserListQuery): Promise<ListResponse<UserResponse>> {
    return this.users.list(query);
  }

  /**
   * Get a user
   *
   * @remarks An admin can see everyone, a market owner employees, and every user themselves.
   * @throws {403} You may not see this user.
   * @throws {404} There is no such user.
   */
  @Get(':user_id')
  @ApiErrors('user_not_found')
  @ConditionalGet()
  @ApiOkResponse({ type: UserResponse })
  getUser(
    @Param('user_id', PathIdPipe) id: number,
    @CurrentUser() actor: CurrentUser,
  ): Promise<Versioned<UserResponse>> {
    return this.users.get(id, actor);
  }

  /**
   * Update a user
   *
   * @remarks An admin can update anyone, a market owner employees, but not their role. Fields that are left out stay
   * unchanged; null clears the full name. A new password or `is_active: false` ends all sessions of the user.
   * @throws {403} A market owner can update employees only, and not their role.
   * @throws {404} There is no such user.
   * @throws {409} The e-mail address is taken, or this is the last active admin.
   */
  @Patch(':user_id')
  @ApiOkResponse({ type: UserResponse })
  @ApiErrors('user_not_found', 'email_taken', 'last_admin')
  @ConditionalWrite()
  @Roles(Role.Admin, Role.MarketOwner)
  @ApiBody({ type: UserUpdate, examples: USER_UPDATE_EXAMPLES })
  updateUser(
    @Param('user_id', PathIdPipe) id: number,
    @Body() changes: UserUpdate,
    @CurrentUser() actor: CurrentUser,
    @IfMatch() expected: IfMatch,
  ): Promise<Versioned<UserResponse>> {
    return this.users.update(id, changes, actor, expected);
  }

  /**
   * Delete a user
   *
   * @remarks An admin can delete anyone, a market owner employees, and every user themselves. All sessions of the user end.
   * The user stays in the database, marked as deleted.
   * @throws {403} You may not delete this user.
   * @throws {404} There is no such user.
   * @throws {409} This is the last active admin.
   */
  @Delete(':user_id')
  @ApiErrors('user_not_found', 'last_admin')
  @ConditionalWrite()
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiParam({ name: 'user_id', example: 2 })
  deleteUser(
    @Param('user_id', PathIdPipe) id: number,
    @CurrentUser() actor: CurrentUser,
    @IfMatch() expected: IfMatch,
  ): Promise<void> {
    return this.users.delete(id, actor, expected);
  }
}
