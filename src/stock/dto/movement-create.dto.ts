import { MovementReason } from '../../ledger/movement-reason.js';
import { DecimalField, EnumField, TextField } from '../../platform/validation/fields.js';
import { MAX_IN_STOCK } from '../quantity.js';
import { CountedQuantityField, DeliveryCostField, DeltaField, OccurredAtField } from './movement.fields.js';
import type { TenThousandths, Thousandths } from '../../platform/validation/decimal.js';

/** The others are the program's own: they come with a stay in stock, and with its end. */
const { Delivery, Sale, Return, Waste, Correction, Count } = MovementReason;
const RECORDED_REASONS = { Delivery, Sale, Return, Waste, Correction, Count };

const OPTIONAL = { optional: true, nullable: true };

/** What to do when less is in stock than a movement takes. */
export enum OnShortfall {
  Refuse = 'refuse',
  Correct = 'correct',
}

/** Either how a quantity changed, or what was counted. */
export class MovementCreate {
  /**
   * The change in the item's unit, with at most 3 decimals: above zero for what comes in (a delivery), below zero for what
   * goes out (a sale, waste).
   * @example -1.5
   */
  @DeltaField()
  delta?: Thousandths | null;

  /**
   * The quantity that is there, for a count or a correction, in place of `delta`. Null only together with `delta`.
   * @example 12.5
   */
  @CountedQuantityField()
  counted_quantity?: Thousandths | null;

  /** Why it changed. */
  @EnumField(RECORDED_REASONS, 'RecordedReason')
  reason!: MovementReason;

  /**
   * Further details.
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
   * When it happened: at most 7 days ago, at most 5 minutes ahead. The default is now.
   * @example "2026-03-01T07:00:00Z"
   */
  @OccurredAtField()
  occurred_at?: string | null;

  /**
   * The quantity that the client expects in stock. If the quantity is another one, nothing changes (409).
   * @example 14
   */
  @DecimalField({ places: 3, min: 0, max: MAX_IN_STOCK, ...OPTIONAL })
  expected_quantity?: Thousandths | null;

  /**
   * What to do when less is in stock than the movement takes: `refuse` (409, the default), or `correct`, for what has already
   * happened. Then a `correction` adds what is missing first, and `corrected` says how much that was.
   * @example "refuse"
   */
  @EnumField(OnShortfall, 'OnShortfall', { optional: true })
  on_shortfall?: OnShortfall;

  /**
   * For a delivery: what one unit cost the shop, with at most 4 decimals. From then on the item costs as much. Owners only may send
   * it.
   * @example 2.125
   */
  @DeliveryCostField()
  unit_cost?: TenThousandths | null;
}
