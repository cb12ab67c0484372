import { Injectable } from '@nestjs/common';
import { createdBy, updatedBy } from '../platform/database/authorship.js';
import { Database } from '../platform/database/database.js';
import { hasOneOfVersions, type RowVersion } from '../platform/database/row-version.js';
import { allOf, sql, type SqlFragment } from '../platform/database/sql.js';
import { type List, readList } from '../platform/lists/page.js';
import type { PageRequest } from '../platform/lists/page-query.dto.js';
import { Task, TaskStatus } from './task.entity.js';

export type TaskValues = Pick<
  Task,
  'title' | 'note' | 'status' | 'assigned_to' | 'item_id' | 'stocktake_id' | 'due_at'
>;

/** Conditions on a list of tasks, combined with AND. */
export interface TaskFilter {
  /** Null for the tasks that are assigned to nobody. */
  assigned_to?: number | null;
  /** The user whose tasks they have to be. */
  visible_to?: number;
  status?: TaskStatus;
  item_id?: number;
  stocktake_id?: number;
  updated_since?: string;
}

/** The queries on `tasks`. */
@Injectable()
export class TasksRepository {
  constructor(private readonly database: Database) {}

  /** @throws ConstraintViolation `fk_tasks_item` */
  insert(values: TaskValues, userId: number): Promise<Task> {
    const now = this.database.clock.now();
    const completed_at = values.status === TaskStatus.Done ? new Date(now).toISOString() : null;
    return this.database.insert(Task, { ...values, completed_at, ...createdBy(userId, now) });
  }

  list(filter: TaskFilter, page: PageRequest): Promise<List<Task>> {
    const { assigned_to, visible_to, status, item_id, stocktake_id, updated_since } = filter;
    const condition = allOf(
      assigned_to === undefined ? undefined : isAssignedTo(assigned_to),
      visible_to === undefined ? undefined : isAssignedTo(visible_to),
      status === undefined ? undefined : sql`status = ${status}`,
      item_id === undefined ? undefined : sql`item_id = ${item_id}`,
      stocktake_id === undefined ? undefined : sql`stocktake_id = ${stocktake_id}`,
      updated_since === undefined ? undefined : sql`updated_at >= ${updated_since}`,
    );
    return readList(this.database, 'tasks', condition, page);
  }

  /** @param assigneeId whose task it has to be, if given */
  async findById(id: number, assigneeId?: number): Promise<Task | undefined> {
    const [task] = await this.database.read<Task>`
      select * from tasks where id = ${id} and ${isAnyOr(assigneeId)}`;
    return task;
  }

  /**
   * A task keeps the time at which it was done for the first time until it is opened again.
   *
   * @param assigneeId whose task it has to be, if given
   * @throws ConstraintViolation `fk_tasks_item`
   */
  update(
    id: number,
    changes: Partial<TaskValues>,
    userId: number,
    { assigneeId, states }: { assigneeId?: number; states?: RowVersion[] },
  ): Promise<Task | undefined> {
    const now = this.database.clock.now();
    const time = new Date(now).toISOString();
    const condition = sql`id = ${id} and ${isAnyOr(assigneeId)} and ${hasOneOfVersions(states)}`;
    return this.database.update(Task, condition, {
      ...changes,
      completed_at:
        changes.status === undefined
          ? undefined
          : changes.status === TaskStatus.Done
            ? sql`coalesce(completed_at, ${time})`
            : null,
      ...updatedBy(userId, now),
    });
  }

  /** Returns whether there was such a task in an expected version. */
  async delete(id: number, expected?: RowVersion[]): Promise<boolean> {
    const deleted = await this.database.write`
      delete from tasks where id = ${id} and ${hasOneOfVersions(expected)} returning id`;
    return deleted.length > 0;
  }
}

function isAssignedTo(userId: number | null): SqlFragment {
  return userId === null ? sql`assigned_to is null` : sql`assigned_to = ${userId}`;
}

function isAnyOr(assigneeId: number | undefined): SqlFragment {
  return assigneeId === undefined ? sql`true` : isAssignedTo(assigneeId);
}
