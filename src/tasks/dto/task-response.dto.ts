import { type Task, type TaskStatus } from '../task.entity.js';

export class TaskResponse {
  /** @example 1 */
  id!: number;

  /**
   * What is to do.
   * @example "Move the milk to the front"
   */
  title!: string;

  /**
   * Further details, and what came of it.
   * @example "The date is the day after tomorrow"
   */
  note!: string | null;

  /**
   * How far it is.
   * @example "open"
   */
  status!: TaskStatus;

  /**
   * The id of the user who does it; null for whoever has time.
   * @example 1
   */
  assigned_to!: number | null;

  /**
   * The id of the item that it is about; null also when that item was deleted.
   * @example 1
   */
  item_id!: number | null;

  /**
   * The id of the stocktake to count.
   * @example null
   */
  stocktake_id!: number | null;

  /**
   * When it has to be done.
   * @example "2026-03-01T16:00:00.000Z"
   */
  due_at!: string | null;

  /**
   * When it was done; null until then.
   * @example null
   */
  completed_at!: string | null;

  /**
   * The id of the user who created it.
   * @example 1
   */
  created_by!: number;

  /**
   * The id of the user who last changed it.
   * @example 1
   */
  updated_by!: number;

  /** @example "2026-03-01T07:00:00.000Z" */
  created_at!: string;

  /** @example "2026-03-01T07:00:00.000Z" */
  updated_at!: string;
}

export function taskResponseOf(task: Task): TaskResponse {
  return {
    id: task.id,
    title: task.title,
    note: task.note,
    status: task.status,
    assigned_to: task.assigned_to,
    item_id: task.item_id,
    stocktake_id: task.stocktake_id,
    due_at: task.due_at,
    completed_at: task.completed_at,
    created_by: task.created_by,
    updated_by: task.updated_by,
    created_at: task.created_at,
    updated_at: task.updated_at,
  };
}
