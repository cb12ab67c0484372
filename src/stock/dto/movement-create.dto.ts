import { MovementReason } from '../../ledger/movement-reason.js';
import { DecimalField, EnumField, TextField } from '../../platform/validation/fields.js';
import { MAX_IN_STOCK } from '../quantity.js';
import { CountedQuantityField, DeltaField, OccurredAtField } from './movement.fields.js';
import type { Thousandths } from '../../platform/validation/decimal.js';

/** The others are the program's own: they come with a stay in stock, and with its end. */
const { Delivery, Sale, Return, Waste, Correction, Count } = MovementReason;
const RECORDED_REASONS = { Delivery, Sale, Return, Waste, Correction, Count };

const OPTIONAL = { optional: true, nullable: true };

/** What to do when there is less in stock than a movement takes away. */
export enum OnShortfall {
  Refuse = 'refuse',
  Correct = 'correct',
}

/** How a quantity changed, or what was counted: one of both. */
export class MovementCreate {
  /**
   * How much came, or went (below zero), in the item's unit, with at most 3 decimals: above zero for a delivery, below for a sale and for waste.
   * @example -1.5
   */
  @DeltaField()
  delta?: Thousandths | null;

  /**
   * In place of delta, with a count or a correction: how much is there. Never null without delta.
   * @example 12.5
   */
  @CountedQuantityField()
  counted_quantity?: Thousandths | null;

  /** Why it changed. */
  @EnumField(RECORDED_REASONS, 'RecordedReason')
  reason!: MovementReason;

  /**
   * What else there is to say of it.
   * @example "For the Saturday market"
   */
  @TextField({ max: 500, multiline: true, ...OPTIONAL })
  note?: string | null;

  /**
   * The number of an invoice, an order, a receipt …
   * @example "INV-2026-0815"
   */
  @TextField({ min: 1, max: 100, ...OPTIONAL })
  reference?: string | null;

  /**
   * When it happened: from 7 days back to 5 minutes ahead; now unless it is given.
   * @example "2026-03-01T07:00:00Z"
   */
  @OccurredAtField()
  occurred_at?: string | null;

  /**
   * What the client believes to be in stock: when it isn't, nothing is changed.
   * @example 14
   */
  @DecimalField({ places: 3, min: 0, max: MAX_IN_STOCK, ...OPTIONAL })
  expected_quantity?: Thousandths | null;

  /**
   * When less is in stock than goes: `refuse` (409, the default), or `correct`, for what has happened all the same. What was
   * missing is then added before, as a `correction`, and told in `corrected`.
   * @example "refuse"
   */
  @EnumField(OnShortfall, 'OnShortfall', { optional: true })
  on_shortfall?: OnShortfall;
}
