import { ApiProperty, IntersectionType } from '@nestjs/swagger';
import { MovementReason } from '../../ledger/movement-reason.js';

/** Fields of the groups that were not asked for are left out. */
export class GroupColumns {
  /**
   * The trading day.
   * @example "2026-03-01"
   */
  day?: string;

  /**
   * The hour of the shop's clock, from 0 to 23.
   * @example 9
   */
  hour?: number;

  /** Why the stock changed. */
  @ApiProperty({ enum: MovementReason, enumName: 'MovementReason', required: false })
  reason?: MovementReason;

  /**
   * The item, which may be deleted by now.
   * @example 1
   */
  item_id?: number;

  /**
   * The name of today; of a deleted item the last one.
   * @example "Red Apples"
   */
  item_name?: string | null;

  /**
   * The stock keeping unit of today; of a deleted item the last one.
   * @example "FP-APPLE-RED"
   */
  sku?: string | null;

  /**
   * The category in which the item is today; null for deleted items.
   * @example 1
   */
  category_id?: number | null;

  /**
   * Null when the id is null.
   * @example "Fresh Produce"
   */
  category_name?: string | null;

  /**
   * Who recorded it, completed the cart or paid it back.
   * @example 1
   */
  user_id?: number;

  /**
   * The name that this user logs in with.
   * @example "admin"
   */
  username?: string;
}

export class MovementReportTotals {
  /**
   * How many movements there were.
   * @example 12
   */
  movements!: number;

  /**
   * What came, less what went, each item in its unit.
   * @example -4.5
   */
  quantity!: number;

  /**
   * The same at the price of then. Each movement is rounded half up by itself, so that rows add up to the totals.
   * @example -17.96
   */
  at_price!: number;

  /**
   * The same at the cost of then, to 4 decimals.
   * @example -9.8765
   */
  at_cost!: number;

  /**
   * How many movements have no price: those from before prices were recorded.
   * @example 0
   */
  without_price!: number;

  /**
   * How many movements have no cost: nobody knew it.
   * @example 0
   */
  without_cost!: number;
}

export class MovementReportRow extends IntersectionType(GroupColumns, MovementReportTotals) {}

export class MovementReport {
  /**
   * The first trading day.
   * @example "2026-03-01"
   */
  from!: string;

  /**
   * The last trading day, itself included.
   * @example "2026-03-31"
   */
  to!: string;

  /** Sorted by the groups. */
  rows!: MovementReportRow[];

  /** The sums of all rows. */
  totals!: MovementReportTotals;
}

export class SalesReportTotals {
  /**
   * How much was sold, each item in its unit.
   * @example 12.5
   */
  quantity!: number;

  /**
   * What customers paid, with tax, before refunds.
   * @example 49.88
   */
  revenue!: number;

  /**
   * What was taken off the prices.
   * @example 2.5
   */
  discount!: number;

  /**
   * The part of the revenue that is tax.
   * @example 4.53
   */
  tax!: number;

  /**
   * What it cost, to 4 decimals.
   * @example 21.25
   */
  cost!: number;

  /**
   * The revenue without tax, less the cost.
   * @example 24.1
   */
  margin!: number;

  /**
   * What was paid back meanwhile, of sales of any day.
   * @example 0
   */
  refunded!: number;

  /**
   * How many sold lines have no cost, which counts as 0: nobody knew it.
   * @example 0
   */
  without_cost!: number;
}

export class SalesReportRow extends IntersectionType(GroupColumns, SalesReportTotals) {}

export class SalesReport {
  /**
   * The first trading day.
   * @example "2026-03-01"
   */
  from!: string;

  /**
   * The last trading day, itself included.
   * @example "2026-03-31"
   */
  to!: string;

  /** Sorted by the groups. */
  rows!: SalesReportRow[];

  /** The sums of all rows. */
  totals!: SalesReportTotals;
}

export class StockValueTotals {
  /**
   * How many items are in stock.
   * @example 32
   */
  items!: number;

  /**
   * How much is in stock, each item in its unit.
   * @example 410.5
   */
  quantity!: number;

  /**
   * What it would be sold for. Each item is rounded half up by itself, so that rows add up to the totals.
   * @example 1294.5
   */
  at_price!: number;

  /**
   * What it cost, to 4 decimals.
   * @example 801.25
   */
  at_cost!: number;

  /**
   * How many items have no price: those that were deleted before prices were recorded.
   * @example 0
   */
  without_price!: number;

  /**
   * How many items have no cost: nobody knew it.
   * @example 3
   */
  without_cost!: number;
}

export class StockValueRow extends StockValueTotals {
  /**
   * The category in which the items are today; null for items that were deleted since.
   * @example 1
   */
  category_id!: number | null;

  /**
   * Null when the id is null.
   * @example "Fresh Produce"
   */
  category_name!: string | null;
}

export class StockValueReport {
  /** A row for each category, sorted by name. */
  rows!: StockValueRow[];

  /** The sums of all rows. */
  totals!: StockValueTotals;
}
