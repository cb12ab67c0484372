import { JsonOrCsvQuery } from '../../platform/csv/csv-query.dto.js';
import { AsOfField } from '../../stock/dto/as-of.field.js';
import { AccountDateField } from '../../trading-days/account-date.field.js';
import type { Group } from '../report-groups.js';
import { GroupByField } from './group-by.field.js';

export const MOVEMENT_GROUPS: readonly Group[] = ['reason', 'item', 'category', 'day', 'user'];
export const SALES_GROUPS: readonly Group[] = ['day', 'item', 'category', 'hour', 'user'];

/** A span of trading days, at most 366. */
class SpanQuery extends JsonOrCsvQuery {
  /**
   * The first day, or `today`.
   * @example "2026-03-01"
   */
  @AccountDateField()
  from!: string;

  /**
   * The last day, itself included, or `today`.
   * @example "2026-03-31"
   */
  @AccountDateField()
  to!: string;
}

export class MovementReportQuery extends SpanQuery {
  /**
   * What the rows are grouped and sorted by.
   * @example "reason,day"
   */
  @GroupByField(MOVEMENT_GROUPS)
  group_by = 'reason';
}

export class SalesReportQuery extends SpanQuery {
  /**
   * What the rows are grouped and sorted by.
   * @example "day,category"
   */
  @GroupByField(SALES_GROUPS)
  group_by = 'day';
}

export class StockValueQuery extends JsonOrCsvQuery {
  /** The stock as of this time, at the prices and costs of then. */
  @AsOfField()
  as_of?: string;
}
