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

/** The item units that fit a measure on a label, and the power of ten between item unit and label unit. */
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

/** Other names of units. */
const UNIT_NAMES: Record<string, string> = {
  ...{ kilo: 'kg', kilogram: 'kg', gr: 'g', gram: 'g', pound: 'lb', ounce: 'oz' },
  ...{ lt: 'l', litre: 'l', liter: 'l', metre: 'm', meter: 'm' },
};

/**
 * Returns the quantity in a GS1 barcode: the measure in the item's unit, otherwise the count, otherwise one.
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
 * Reads a price or a rate on a label.
 *
 * @throws CodedException 409 for more decimals than a price has
 */
export function priceOnLabel(amount: string): Hundredths {
  return exactly(amount, 2, 'price');
}

/** Never rounds: throws for too many decimals or a too large amount. */
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
