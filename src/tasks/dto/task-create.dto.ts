import type { Examples } from '../../platform/docs/examples.js';
import { EnumField, IdField, TextField, TimestampField } from '../../platform/validation/fields.js';
import { TaskStatus } from '../task.entity.js';

const OPTIONAL = { optional: true, nullable: true };

export class TaskCreate {
  /**
   * What is to do.
   * @example "Move the milk to the front"
   */
  @TextField({ min: 1, max: 200 })
  title!: string;

  /**
   * Further details, and what came of it.
   * @example "The date is the day after tomorrow"
   */
  @TextField({ max: 2000, multiline: true, ...OPTIONAL })
  note?: string | null;

  /** The default for a new task is `open`. */
  @EnumField(TaskStatus, 'TaskStatus', { optional: true })
  status?: TaskStatus;

  /**
   * The id of the user who does it, who has to be active; null for whoever has time.
   * @example 1
   */
  @IdField(OPTIONAL)
  assigned_to?: number | null;

  /**
   * The id of the item that it is about.
   * @example 1
   */
  @IdField(OPTIONAL)
  item_id?: number | null;

  /**
   * The id of the stocktake to count. Who is assigned to the task is not thereby assigned to the stocktake.
   * @example null
   */
  @IdField(OPTIONAL)
  stocktake_id?: number | null;

  /**
   * When it has to be done.
   * @example "2026-03-01T16:00:00Z"
   */
  @TimestampField(OPTIONAL)
  due_at?: string | null;
}

export const TASK_CREATE_EXAMPLES: Examples<TaskCreate> = {
  assigned: {
    summary: 'A task for one user, about an item',
    value: {
      title: 'Move the milk to the front',
      assigned_to: 1,
      item_id: 1,
      due_at: '2026-03-01T16:00:00Z',
    },
  },
  short: { summary: 'A task for whoever has time', value: { title: 'Clean the coffee machine' } },
};
