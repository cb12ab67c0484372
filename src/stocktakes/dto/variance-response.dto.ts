import { ApiProperty } from '@nestjs/swagger';
import type { ErrorCode } from '../../platform/errors/error-code.js';
import {
  fromHundredthsIfAny,
  fromTenThousandthsIfAny,
  fromThousandthsIfAny,
} from '../../platform/validation/decimal.js';
import type { Variance } from '../stocktake-counts.repository.js';
import type { Difference } from '../variance-sums.js';
import { StocktakeResponse } from './stocktake-response.dto.js';

/** The codes of why a count can't be recorded. */
const REFUSALS: ErrorCode[] = ['taken_out_of_stock', 'quantity_too_large'];

/** What was counted of an item beside what was expected. */
export class VarianceResponse {
  /** @example 1 */
  item_id!: number;

  /**
   * The name of today; of a deleted item the last one.
   * @example "Red Apples"
   */
  item_name!: string;

  /** @example "FP-APPLE-RED" */
  sku!: string | null;

  /**
   * What a scanner reads.
   * @example "2000000000015"
   */
  barcode!: string | null;

  /**
   * Null for a deleted item.
   * @example "kg"
   */
  unit_type!: string | null;

  /**
   * What was in stock at `counted_at` by what is recorded. Of an item that is not counted: what is in stock now, or was when the
   * stocktake was approved or cancelled. Null when it was not in stock then.
   * @example 14
   */
  expected!: number | null;

  /**
   * What was counted; null when nobody has counted it, unless it was approved as `zero`.
   * @example 12.5
   */
  counted!: number | null;

  /**
   * When it was counted; null when nobody has.
   * @example "2026-03-01T07:00:00.000Z"
   */
  counted_at!: string | null;

  /**
   * The id of the user who counted it.
   * @example 1
   */
  counted_by!: number | null;

  /**
   * `counted` less `expected`: below zero for what is missing. Null also for a count that could not be recorded.
   * @example -1.5
   */
  difference!: number | null;

  /**
   * What one unit sells for: now, or, once it is recorded, when that was.
   * @example 3.99
   */
  unit_price!: number | null;

  /**
   * What one unit costs, likewise.
   * @example 2.125
   */
  unit_cost!: number | null;

  /**
   * What the difference is worth at the price, rounded half away from zero. Null when that is too large to be told exactly.
   * @example -5.99
   */
  at_price!: number | null;

  /**
   * What it is worth at cost, likewise.
   * @example -3.1875
   */
  at_cost!: number | null;

  /**
   * The id of the `count` movement that the approval has recorded.
   * @example null
   */
  movement_id!: number | null;

  /** Why the approval could record none: the code of an error. Null unless it could not. */
  @ApiProperty({ type: 'string', enum: [...REFUSALS, null], nullable: true })
  refused_because!: ErrorCode | null;
}

export class VarianceTotals {
  /**
   * How many items there are.
   * @example 32
   */
  items!: number;

  /**
   * How many of them are counted.
   * @example 12
   */
  counted!: number;

  /**
   * How many differ.
   * @example 3
   */
  differing!: number;

  /**
   * What the differences are worth at prices. Null when that is too large to be told exactly: then something was miscounted.
   * @example -12.4
   */
  at_price!: number | null;

  /**
   * What they are worth at cost, likewise.
   * @example -6.375
   */
  at_cost!: number | null;

  /**
   * How many differ whose price is not known, which is left out of the sum.
   * @example 0
   */
  without_price!: number;

  /**
   * How many differ whose cost is not known.
   * @example 1
   */
  without_cost!: number;
}

export class StocktakeVariancesResponse {
  /** The stocktake itself. */
  stocktake!: StocktakeResponse;

  /** By id of the item. */
  items!: VarianceResponse[];

  /** What it comes to. */
  totals!: VarianceTotals;
}

export function varianceResponseOf(variance: Variance, difference: Difference): VarianceResponse {
  return {
    item_id: variance.item_id,
    item_name: variance.item_name,
    sku: variance.sku,
    barcode: variance.barcode,
    unit_type: variance.unit_type,
    expected: fromThousandthsIfAny(variance.expected),
    counted: fromThousandthsIfAny(variance.quantity),
    counted_at: variance.counted_at,
    counted_by: variance.counted_by,
    difference: fromThousandthsIfAny(difference.quantity),
    unit_price: fromHundredthsIfAny(variance.unit_price),
    unit_cost: fromTenThousandthsIfAny(variance.unit_cost),
    at_price: fromHundredthsIfAny(difference.at_price),
    at_cost: fromTenThousandthsIfAny(difference.at_cost),
    movement_id: variance.movement_id,
    refused_because: variance.refused_because,
  };
}
