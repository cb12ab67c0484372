import { CodedException } from '../platform/errors/coded.exception.js';
import { toScaled } from '../platform/validation/conversions.js';
import { type Gs1Data, MeasureKind } from './gs1.js';
import {
  type Hundredths,
  type Scaled,
  type Thousandths,
  thousandths,
} from '../platform/validation/decimal.js';

const ONE_UNIT = thousandths(1000);

const MAX_AMOUNT = 1_000_000_000;

/** The units of items in which a measure on a label can be counted, and which power of ten is between the two. */
const MEASURED_UNITS: Record<string, readonly [MeasureKind, unit: string, power: number]> = {
  kg: [MeasureKind.NetWeight, 'kg', 0],
  g: [MeasureKind.NetWeight, 'kg', 3],
  lb: [MeasureKind.NetWeight, 'lb', 0],
  oz: [MeasureKind.NetWeight, 'oz', 0],
  l: [MeasureKind.NetVolume, 'l', 0],
  cl: [MeasureKind.NetVolume, 'l', 2],
  ml: [MeasureKind.NetVolume, 'l', 3],
  m: [MeasureKind.Length, 'm', 0],
  cm: [MeasureKind.Length, 'm', 2],
};

/** What else people call them. */
const UNIT_NAMES: Record<string, string> = {
  ...{ kilo: 'kg', kilogram: 'kg', gr: 'g', gram: 'g', pound: 'lb', ounce: 'oz' },
  ...{ lt: 'l', litre: 'l', liter: 'l', metre: 'm', meter: 'm' },
};

/**
 * How much of an item a GS1 barcode stands for: the measure that is in the item's unit, else the count, else one.
 *
 * @param itemUnit `unit_type` of the item
 * @returns a quantity in that unit
 * @throws CodedException 409 for more decimals than a quantity has
 */
export function quantityOnLabel({ measures, count }: Gs1Data, itemUnit: string): Thousandths {
  const name = itemUnit.toLowerCase();
  const [kind, unit, power = 0] = MEASURED_UNITS[UNIT_NAMES[name] ?? name] ?? [];
  const measure = measures.find((one) => one.kind === kind && one.unit === unit);
  if (measure) return thousandths(exactly(measure.value, 3 + power, 'quantity', ` ${measure.unit}`));
  return count === undefined ? ONE_UNIT : exactly(count, 3, 'quantity');
}

/**
 * A price or a rate on a label.
 *
 * @throws CodedException 409 for more decimals than a price has
 */
export function priceOnLabel(amount: string): Hundredths {
  return exactly(amount, 2, 'price');
}

/** Nothing is rounded: what has too many decimals, or is too large, is said. */
function exactly<Places extends number>(
  amount: string,
  places: Places,
  what: string,
  unit = '',
): Scaled<Places> {
  const scaled = toScaled(amount, places);
  if (scaled === undefined || scaled > MAX_AMOUNT * 10 ** places) {
    throw new CodedException(
      409,
      'too_many_digits',
      `The ${what} on the label, ${amount}${unit}, has more digits than can be kept`,
    );
  }
  return scaled;
}
