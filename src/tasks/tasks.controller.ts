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
} from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiParam, ApiTags } from '@nestjs/swagger';
import { CurrentUser } from '../platform/authorization/current-user.decorator.js';
import { OWNERS } from '../platform/authorization/role.js';
import { Roles } from '../platform/authorization/roles.decorator.js';
import { ApiErrors } from '../platform/errors/api-errors.decorator.js';
import { IfMatch } from '../platform/http/if-match.decorator.js';
import { Located } from '../platform/http/location.js';
import type { Versioned } from '../platform/http/versioned.js';
import { Idempotent } from '../platform/idempotency/idempotent.decorator.js';
import type { RunIdempotent } from '../platform/idempotency/idempotent.pipe.js';
import { ConditionalGet, ConditionalWrite } from '../platform/lists/conditional.decorators.js';
import type { ListResponse } from '../platform/lists/page.js';
import { PathIdPipe } from '../platform/validation/path-id.pipe.js';
import { TASK_CREATE_EXAMPLES, TaskCreate } from './dto/task-create.dto.js';
import { TaskListQuery } from './dto/task-list-query.dto.js';
import { TaskResponse } from './dto/task-response.dto.js';
import { TASK_UPDATE_EXAMPLES, TaskUpdate } from './dto/task-update.dto.js';
import { TasksService } from './tasks.service.js';

@ApiTags('Tasks')
@Controller('tasks')
export class TasksController {
  constructor(private readonly tasks: TasksService) {}

  /**
   * Create a task
   *
   * @remarks When the user it is assigned to is deactivated or deleted before it is done, it is assigned to nobody.
   * @throws {404} There is no such active user, no such item, or no such stocktake.
   */
  @Post()
  @ApiErrors('user_not_found', 'item_not_found', 'stocktake_not_found')
  @Roles(...OWNERS)
  @Located('tasks/{id}')
  @ApiCreatedResponse({ type: TaskResponse })
  @ApiBody({ type: TaskCreate, examples: TASK_CREATE_EXAMPLES })
  createTask(
    @Body() task: TaskCreate,
    @CurrentUser() actor: CurrentUser,
    @Idempotent() runIdempotent: RunIdempotent,
  ): Promise<Versioned<TaskResponse>> {
    return runIdempotent([task], () => this.tasks.create(task, actor));
  }

  /**
   * List tasks, newest first
   *
   * @remarks Employees get the tasks that are assigned to them, owners all. Returns all of them, or one page with `limit`.
   */
  @Get()
  @ApiOkResponse({ type: [TaskResponse] })
  listTasks(
    @Query() query: TaskListQuery,
    @CurrentUser() actor: CurrentUser,
  ): Promise<ListResponse<TaskResponse>> {
    return this.tasks.list(query, actor);
  }

  /**
   * Get a task
   *
   * @remarks The `ETag` of the response can be sent as `If-Match` to change the task.
   * @throws {404} There is no such task, or it is not yours.
   */
  @Get(':task_id')
  @ApiErrors('task_not_found')
  @ConditionalGet()
  @ApiOkResponse({ type: TaskResponse })
  getTask(
    @Param('task_id', PathIdPipe) id: number,
    @CurrentUser() actor: CurrentUser,
  ): Promise<Versioned<TaskResponse>> {
    return this.tasks.get(id, actor);
  }

  /**
   * Update a task
   *
   * @remarks Fields that are left out stay unchanged; null clears a field that may be null. Employees change `status` and
   * `note` of their own tasks.
   * @throws {403} Employees change the status and the note only.
   * @throws {404} There is no such task, or it is not yours; or there is no such active user, item or stocktake.
   */
  @Patch(':task_id')
  @ApiOkResponse({ type: TaskResponse })
  @ApiErrors('task_not_found', 'user_not_found', 'item_not_found', 'stocktake_not_found', 'forbidden')
  @ConditionalWrite()
  @ApiBody({ type: TaskUpdate, examples: TASK_UPDATE_EXAMPLES })
  updateTask(
    @Param('task_id', PathIdPipe) id: number,
    @Body() changes: TaskUpdate,
    @CurrentUser() actor: CurrentUser,
    @IfMatch() expected: IfMatch,
  ): Promise<Versioned<TaskResponse>> {
    return this.tasks.update(id, changes, actor, expected);
  }

  /**
   * Delete a task
   *
   * @remarks Set the status to `done` instead, to keep what was done, and when.
   * @throws {404} There is no such task.
   */
  @Delete(':task_id')
  @ApiErrors('task_not_found')
  @Roles(...OWNERS)
  @ConditionalWrite()
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiParam({ name: 'task_id', example: 1 })
  deleteTask(@Param('task_id', PathIdPipe) id: number, @IfMatch() expected: IfMatch): Promise<void> {
    return this.tasks.delete(id, expected);
  }
}
