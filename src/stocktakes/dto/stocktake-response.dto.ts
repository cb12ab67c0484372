import { ApiProperty } from '@nestjs/swagger';
import { type Stocktake, StocktakeStatus, type Uncounted } from '../stocktake.entity.js';

export class StocktakeResponse {
  /** @example 1 */
  id!: number;

  /**
   * What it is called.
   * @example "Sunday count"
   */
  name!: string;

  /** `approving`: it is approved, and what was counted is being recorded. */
  @ApiProperty({ enum: StocktakeStatus, enumName: 'StocktakeStatus', example: 'open' })
  status!: StocktakeStatus;

  /**
   * The category that is counted, if one was chosen; null also when it was deleted.
   * @example null
   */
  category_id!: number | null;

  /**
   * The ids of the users who count, ascending.
   * @example [1]
   */
  @ApiProperty({ type: 'array', items: { type: 'integer' } })
  assigned_to!: number[];

  /**
   * When it has to be done.
   * @example "2026-03-01T16:00:00.000Z"
   */
  due_at!: string | null;

  /**
   * How many items there are to count.
   * @example 32
   */
  items_count!: number;

  /**
   * How many of them are counted.
   * @example 12
   */
  counted_count!: number;

  /** What becomes of the others; null until it is approved. */
  uncounted!: Uncounted | null;

  /**
   * The id of the user who approved it.
   * @example null
   */
  approved_by!: number | null;

  /**
   * When it was approved.
   * @example null
   */
  approved_at!: string | null;

  /**
   * The id of the user who cancelled it.
   * @example null
   */
  cancelled_by!: number | null;

  /**
   * When it was cancelled.
   * @example null
   */
  cancelled_at!: string | null;

  /**
   * The id of the user who created it.
   * @example 1
   */
  created_by!: number;

  /**
   * The id of the user who last changed it. Counting does not change it.
   * @example 1
   */
  updated_by!: number;

  /** @example "2026-03-01T07:00:00.000Z" */
  created_at!: string;

  /** @example "2026-03-01T07:00:00.000Z" */
  updated_at!: string;
}

/** @param counted how many of its items are counted */
export function stocktakeResponseOf(
  stocktake: Stocktake,
  assigned_to: number[],
  counted: number,
): StocktakeResponse {
  return {
    id: stocktake.id,
    name: stocktake.name,
    status: stocktake.status,
    category_id: stocktake.category_id,
    assigned_to,
    due_at: stocktake.due_at,
    items_count: stocktake.items_count,
    counted_count: counted,
    uncounted: stocktake.uncounted,
    approved_by: stocktake.approved_by,
    approved_at: stocktake.approved_at,
    cancelled_by: stocktake.cancelled_by,
    cancelled_at: stocktake.cancelled_at,
    created_by: stocktake.created_by,
    updated_by: stocktake.updated_by,
    created_at: stocktake.created_at,
    updated_at: stocktake.updated_at,
  };
}
