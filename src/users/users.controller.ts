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
   * @remarks An admin registers anyone, a market owner registers employees.
   * @throws {403} A market owner registers employees only.
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
   * @remarks An admin lists anyone, deleted ones with `include_deleted`; a market owner employees that are not deleted, with
   * `role=employee`. Sorted by id. All of them, or a page: with `limit`.
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
   * @remarks An admin sees everyone, a market owner employees, and everybody themselves.
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
   * @remarks An admin updates anyone, a market owner employees, without changing their role. What is left out stays as
   * it is; null empties the full name. A new password and `is_active: false` log the user out everywhere.
   * @throws {403} A market owner updates employees only, and not their role.
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
   * @remarks An admin deletes anyone, a market owner employees, and everybody themselves. The user is logged out
   * everywhere and stays on record, marked as deleted.
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
