import { isOwner, type Role } from '../../platform/authorization/role.js';
import {
  fromHundredthsIfAny,
  fromTenThousandthsIfAny,
  fromThousandths,
} from '../../platform/validation/decimal.js';
import { type MovementReason } from '../../ledger/movement-reason.js';
import type { StockMovement } from '../../ledger/stock-movement.entity.js';

export class MovementResponse {
  /** @example 1 */
  id!: number;

  /** @example 1 */
  item_id!: number;

  /**
   * The name of the item at that time.
   * @example "Red Apples"
   */
  item_name!: string;

  /**
   * The stock keeping unit of the item at that time.
   * @example "FP-APPLE-RED"
   */
  sku!: string | null;

  /**
   * The change in the item's unit; below zero for what went out.
   * @example -1.5
   */
  delta!: number;

  /**
   * The quantity in stock before the movement.
   * @example 14
   */
  quantity_before!: number;

  /**
   * The quantity in stock after the movement.
   * @example 12.5
   */
  quantity_after!: number;

  /**
   * Why it changed.
   * @example "sale"
   */
  reason!: MovementReason;

  /**
   * Further details.
   * @example "For the Saturday market"
   */
  note!: string | null;

  /**
   * The number of an invoice, an order, a receipt …
   * @example "INV-2026-0815"
   */
  reference!: string | null;

  /**
   * When it happened.
   * @example "2026-03-01T07:00:00.000Z"
   */
  occurred_at!: string;

  /**
   * When it was recorded.
   * @example "2026-03-01T07:00:00.000Z"
   */
  recorded_at!: string;

  /**
   * The id of the user who recorded it.
   * @example 2
   */
  created_by!: number;

  /** The id of the movement that this one reverses. */
  reverses_id!: number | null;

  /**
   * What was there at `occurred_at`, where the movement says so: a count, what was put in stock, or taken out (0).
   * @example 12.5
   */
  counted_quantity!: number | null;

  /** The id of the movement that was recorded late, and that this one makes up for at the count behind it. */
  compensates_id!: number | null;

  /**
   * The price of one unit when it was recorded; null in movements from before prices were kept.
   * @example 3.99
   */
  unit_price!: number | null;

  /**
   * SHA-256 over this movement and the hash of the one before it of the same item, 64 hexadecimal digits.
   * @example "9f86d081884c7d65…"
   */
  hash!: string;

  /**
   * Told once, to who records it with `on_shortfall: correct`: how much was missing in stock, and was added by a `correction`
   * before.
   * @example 1.5
   */
  corrected?: number;

  /**
   * For owners only: what one unit cost the shop when it was recorded; null when it was not known.
   * @example 2.125
   */
  unit_cost?: number | null;
}

/** @param role of the user who gets it */
export function movementResponseOf(movement: StockMovement, role: Role): MovementResponse {
  const response: MovementResponse = {
    id: movement.id,
    item_id: movement.item_id,
    item_name: movement.item_name,
    sku: movement.sku,
    delta: fromThousandths(movement.delta),
    quantity_before: fromThousandths(movement.quantity_before),
    quantity_after: fromThousandths(movement.quantity_after),
    reason: movement.reason,
    note: movement.note,
    reference: movement.reference,
    occurred_at: movement.occurred_at,
    recorded_at: movement.recorded_at,
    created_by: movement.created_by,
    reverses_id: movement.reverses_id,
    counted_quantity: movement.counted_quantity === null ? null : fromThousandths(movement.counted_quantity),
    compensates_id: movement.compensates_id,
    unit_price: fromHundredthsIfAny(movement.unit_price),
    hash: movement.hash,
  };
  if (isOwner(role)) response.unit_cost = fromTenThousandthsIfAny(movement.unit_cost);
  return response;
}
