import { ForbiddenException, Injectable } from '@nestjs/common';
import type { CurrentUser } from '../platform/authorization/current-user.decorator.js';
import { Role } from '../platform/authorization/role.js';
import { Database } from '../platform/database/database.js';
import type { RowVersion } from '../platform/database/row-version.js';
import { CodedException } from '../platform/errors/coded.exception.js';
import { PreconditionFailedException } from '../platform/errors/precondition-failed.exception.js';
import { Versioned } from '../platform/http/versioned.js';
import { type ListResponse, toListResponse } from '../platform/lists/page.js';
import { StocktakesService } from '../stocktakes/stocktakes.service.js';
import { UsersService } from '../users/users.service.js';
import type { TaskCreate } from './dto/task-create.dto.js';
import { ME, NOBODY, type TaskListQuery } from './dto/task-list-query.dto.js';
import { type TaskResponse, taskResponseOf } from './dto/task-response.dto.js';
import type { TaskUpdate } from './dto/task-update.dto.js';
import { TaskStatus } from './task.entity.js';
import { TasksRepository } from './tasks.repository.js';

/** What an employee changes of a task (SPEC.md: "can view/update assigned tasks"). */
const EMPLOYEE_FIELDS = ['status', 'note'];

/**
 * What is to do in the shop. Owners (admins and market owners) see and change all tasks; employees see those that are assigned to
 * them, say how far they are, and take notes.
 */
@Injectable()
export class TasksService {
  constructor(
    private readonly tasks: TasksRepository,
    private readonly users: UsersService,
    private readonly stocktakes: StocktakesService,
    private readonly database: Database,
  ) {}

  /** @throws CodedException 404 when there is no such active user, or no such stocktake */
  async create(
    {
      title,
      note = null,
      status = TaskStatus.Open,
      assigned_to = null,
      item_id = null,
      stocktake_id = null,
      due_at = null,
    }: TaskCreate,
    actor: CurrentUser,
  ): Promise<Versioned<TaskResponse>> {
    return this.database.transaction(async () => {
      if (assigned_to !== null) await this.users.assertActive(assigned_to);
      if (stocktake_id !== null) await this.stocktakes.assertExists(stocktake_id);
      const values = { title, note, status, assigned_to, item_id, stocktake_id, due_at };
      const task = await this.tasks.insert(values, actor.id);
      return new Versioned(task, taskResponseOf(task));
    });
  }

  /** An employee gets their own tasks only, whatever the query says. */
  async list(
    { assigned_to, ...query }: TaskListQuery,
    actor: CurrentUser,
  ): Promise<ListResponse<TaskResponse>> {
    const asked = assigned_to === ME ? actor.id : assigned_to === NOBODY ? null : assigned_to;
    const filter = { ...query, assigned_to: asked, visible_to: assigneeOf(actor) };
    return toListResponse(await this.tasks.list(filter, query), taskResponseOf);
  }

  /** @throws CodedException 404, also for an employee whose task it is not */
  async get(id: number, actor: CurrentUser): Promise<Versioned<TaskResponse>> {
    const task = (await this.tasks.findById(id, assigneeOf(actor))) ?? throwNotFound();
    return new Versioned(task, taskResponseOf(task));
  }

  /**
   * @throws CodedException 404, also for an employee whose task it is not
   * @throws ForbiddenException when an employee changes more than status and note
   * @throws PreconditionFailedException when the task is in none of the expected versions
   */
  async update(
    id: number,
    changes: TaskUpdate,
    actor: CurrentUser,
    expected?: RowVersion[],
  ): Promise<Versioned<TaskResponse>> {
    const assigneeId = assigneeOf(actor);
    return this.database.transaction(async () => {
      if (assigneeId !== undefined) await this.assertAllowed(id, changes, assigneeId);
      if (changes.assigned_to != null) await this.users.assertActive(changes.assigned_to);
      if (changes.stocktake_id != null) await this.stocktakes.assertExists(changes.stocktake_id);
      const task = await this.tasks.update(id, changes, actor.id, { assigneeId, states: expected });
      if (!task) return this.throwNotFoundOrModified(id, assigneeId, expected);
      return new Versioned(task, taskResponseOf(task));
    });
  }

  /** @throws CodedException 404, PreconditionFailedException */
  async delete(id: number, expected?: RowVersion[]): Promise<void> {
    if (!(await this.tasks.delete(id, expected))) await this.throwNotFoundOrModified(id, undefined, expected);
  }

  private async assertAllowed(id: number, changes: TaskUpdate, assigneeId: number): Promise<void> {
    const changed = Object.entries(changes).filter(([, value]) => value !== undefined);
    if (changed.every(([field]) => EMPLOYEE_FIELDS.includes(field))) return;
    if (!(await this.tasks.findById(id, assigneeId))) throwNotFound();
    throw new ForbiddenException('You may change the status and the note of a task, and nothing else');
  }

  /** Says why a write met no row: it is gone, or in none of the expected versions. */
  private async throwNotFoundOrModified(
    id: number,
    assigneeId: number | undefined,
    expected: RowVersion[] | undefined,
  ): Promise<never> {
    if (expected && (await this.tasks.findById(id, assigneeId))) throw new PreconditionFailedException();
    throwNotFound();
  }
}

/** Whose tasks a user may see; undefined for all. */
function assigneeOf({ id, role }: CurrentUser): number | undefined {
  return role === Role.Employee ? id : undefined;
}

function throwNotFound(): never {
  throw new CodedException(404, 'task_not_found', 'Task not found');
}
