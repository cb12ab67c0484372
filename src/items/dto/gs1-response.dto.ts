import { fromHundredths } from '../../platform/validation/decimal.js';
import { type Gs1Data, type MeasureKind } from '../gs1.js';
import { priceOnLabel } from '../label-amounts.js';

export class MeasureResponse {
  /**
   * What was measured.
   * @example "net_weight"
   */
  kind!: MeasureKind;

  /**
   * Exactly as on the label, with up to 5 decimals.
   * @example 1.25
   */
  value!: number;

  /**
   * Its unit: `kg`, `lb`, `oz`, `l`, `m3`, `m` or `m2`.
   * @example "kg"
   */
  unit!: string;
}

/** What a GS1 barcode says besides the item; null where it says nothing. */
export class Gs1Response {
  /**
   * The number of the item as GTIN-14.
   * @example "09506000134352"
   */
  gtin!: string;

  /** Each package has another weight or size (a GTIN that begins with 9). Without a measure, ask for it. */
  is_variable_measure!: boolean;

  /**
   * Batch or lot: application identifier (AI) 10.
   * @example "ABC123"
   */
  batch!: string | null;

  /**
   * Serial number: AI 21.
   * @example "12345"
   */
  serial!: string | null;

  /**
   * The number of pieces: AI 30, or AI 37 for a carton.
   * @example 12
   */
  count!: number | null;

  /** Net weight, net volume, length, width, height and area: AI 310n to 316n, 320n, 357n. */
  measures!: MeasureResponse[];

  /**
   * Price of all of it: AI 392n or 393n.
   * @example 4.99
   */
  price!: number | null;

  /**
   * The currency of the price as an ISO 4217 number: AI 393n.
   * @example "978"
   */
  price_currency!: string | null;

  /**
   * Price of one unit of measure: AI 395n.
   * @example 3.99
   */
  unit_price!: number | null;

  /**
   * Discount in percent: AI 394n.
   * @example 10
   */
  discount_rate!: number | null;

  /**
   * Production date: AI 11.
   * @example "2026-11-20"
   */
  production_date!: string | null;

  /**
   * Packaging date: AI 13.
   * @example "2026-11-21"
   */
  packaging_date!: string | null;

  /**
   * Best-before date: AI 15.
   * @example "2026-12-24"
   */
  best_before_date!: string | null;

  /**
   * Sell-by date: AI 16.
   * @example "2026-12-20"
   */
  sell_by_date!: string | null;

  /**
   * Expiry date, the last day of use: AI 17.
   * @example "2026-12-31"
   */
  expiry_date!: string | null;
}

/** @throws CodedException 409 for a price with more decimals than prices have */
export function gs1ResponseOf(gs1: Gs1Data): Gs1Response {
  return {
    gtin: gs1.gtin,
    is_variable_measure: gs1.gtin.startsWith('9'),
    batch: gs1.batch ?? null,
    serial: gs1.serial ?? null,
    count: gs1.count === undefined ? null : Number(gs1.count),
    measures: gs1.measures.map(({ kind, value, unit }) => ({ kind, value: Number(value), unit })),
    price: priceIfAny(gs1.price),
    price_currency: gs1.priceCurrency ?? null,
    unit_price: priceIfAny(gs1.unitPrice),
    discount_rate: priceIfAny(gs1.discountRate),
    production_date: gs1.productionDate ?? null,
    packaging_date: gs1.packagingDate ?? null,
    best_before_date: gs1.bestBeforeDate ?? null,
    sell_by_date: gs1.sellByDate ?? null,
    expiry_date: gs1.expiryDate ?? null,
  };
}

function priceIfAny(amount: string | undefined): number | null {
  return amount === undefined ? null : fromHundredths(priceOnLabel(amount));
}
