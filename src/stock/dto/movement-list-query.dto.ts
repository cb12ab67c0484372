import { offerSortOrders } from '../../platform/lists/sort-order.js';
import { DEFAULT_LIMIT } from '../../platform/lists/page.js';
import { PageQuery } from '../../platform/lists/page-query.dto.js';
import { Check, type FieldDecorator } from '../../platform/validation/field.js';
import {
  EnumField,
  IdField,
  isTimestamp,
  TextField,
  TimestampField,
} from '../../platform/validation/fields.js';
import { MovementReason } from '../../ledger/movement-reason.js';

/** What movements can be sorted by. Their ids count up in the order in which they were written down. */
export const MOVEMENT_SORT_ORDERS = offerSortOrders(
  'movements',
  {
    id: { column: 'id', type: 'integer', unique: true },
    occurred_at: { column: 'occurred_at', type: 'text' },
  },
  { descendingFirst: true },
);

/** A ledger grows for ever: it is answered page by page. */
export class MovementListQuery extends PageQuery(MOVEMENT_SORT_ORDERS, { limit: DEFAULT_LIMIT }) {
  /** Lists only the movements with this reason. */
  @EnumField(MovementReason, 'MovementReason', { optional: true })
  reason?: MovementReason;

  /** Lists only what happened at this time or later. */
  @TimestampField({ optional: true })
  from?: string;

  /** Lists only what happened before this time. */
  @ToField()
  to?: string;

  /** Lists only what this user recorded. */
  @IdField({ optional: true })
  created_by?: number;

  /** Lists only the movements with exactly this reference. */
  @TextField({ min: 1, max: 100, optional: true })
  reference?: string;
}

function ToField(): FieldDecorator<string> {
  return TimestampField({ optional: true }, [
    Check<string, { from?: unknown }>(
      'value_error',
      (to, { from }) => !isTimestamp(from) || to >= from,
      'Value error, to is before from',
    ),
  ]);
}
