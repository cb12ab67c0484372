import { Check, type FieldDecorator } from '../../platform/validation/field.js';
import { DateField, IdField, IntegerField, isDate } from '../../platform/validation/fields.js';

/** A span of trading days. Only closed accounts count. */
export class SalesQuery {
  /**
   * The first day.
   * @example "2026-03-01"
   */
  @DateField()
  start_date!: string;

  /**
   * The last day, itself included.
   * @example "2026-03-31"
   */
  @EndDateField()
  end_date!: string;
}

export class ItemSalesQuery extends SalesQuery {
  /**
   * The item, which may be deleted by now.
   * @example 1
   */
  @IdField()
  item_id!: number;
}

export class TopSellersQuery extends SalesQuery {
  /** How many items to return at most. */
  @IntegerField({ min: 1, max: 100, optional: true })
  limit?: number;
}

function EndDateField(): FieldDecorator<string> {
  return DateField({}, [
    Check<string, { start_date?: unknown }>(
      'value_error',
      (end, { start_date }) => !isDate(start_date) || end >= start_date,
      'Value error, end_date is before start_date',
    ),
  ]);
}
