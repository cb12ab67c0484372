import { offerSortOrders } from '../../platform/lists/sort-order.js';
import { PageQuery } from '../../platform/lists/page-query.dto.js';
import { Check, Field } from '../../platform/validation/field.js';
import { toId } from '../../platform/validation/conversions.js';
import { EnumField, IdField, TimestampField } from '../../platform/validation/fields.js';
import { TaskStatus } from '../task.entity.js';

/** The sort orders of tasks. Each has an index. */
export const TASK_SORT_ORDERS = offerSortOrders(
  'tasks',
  {
    id: { column: 'id', type: 'integer', unique: true },
    due_at: { column: 'due_at', type: 'text', nullable: true },
    updated_at: { column: 'updated_at', type: 'text' },
  },
  { descendingFirst: true },
);

export const ME = 'me';
export const NOBODY = 'nobody';

export class TaskListQuery extends PageQuery(TASK_SORT_ORDERS) {
  /** Lists only the tasks of this user: an id, `me`, or `nobody` for those that are assigned to nobody. */
  @AssigneeField()
  assigned_to?: number | typeof ME | typeof NOBODY;

  /** Lists only the tasks with this status. */
  @EnumField(TaskStatus, 'TaskStatus', { optional: true })
  status?: TaskStatus;

  /** Lists only the tasks about this item. */
  @IdField({ optional: true })
  item_id?: number;

  /** Lists only the tasks to count this stocktake. */
  @IdField({ optional: true })
  stocktake_id?: number;

  /** Lists only the tasks that were changed at this time or later. */
  @TimestampField({ optional: true })
  updated_since?: string;
}

function AssigneeField(): PropertyDecorator {
  return Field(
    { optional: true },
    { type: 'string', pattern: `^(\\d+|${ME}|${NOBODY})$` },
    (sent) => toId(sent),
    [
      Check(
        'int_parsing',
        (value) => typeof value === 'number' || value === ME || value === NOBODY,
        `Input should be the id of a user, '${ME}' or '${NOBODY}'`,
      ),
    ],
  );
}
