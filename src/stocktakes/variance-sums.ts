import {
  divideHalfUp,
  fromHundredthsIfAny,
  fromTenThousandthsIfAny,
  type Hundredths,
  minus,
  type TenThousandths,
  type Thousandths,
} from '../platform/validation/decimal.js';
import type { Variance } from './stocktake-counts.repository.js';

/** By how much a count differs, and what that is worth; null where that is not known, or too large to be told exactly. */
export interface Difference {
  quantity: Thousandths | null;
  at_price: Hundredths | null;
  at_cost: TenThousandths | null;
}

const NONE: Difference = { quantity: null, at_price: null, at_cost: null };

/** Adds up what differs. */
export class VarianceSums {
  private readonly counts = { items: 0, counted: 0, differing: 0, without_price: 0, without_cost: 0 };
  private atPrice = 0n;
  private atCost = 0n;

  get totals() {
    const { items, counted, differing, without_price, without_cost } = this.counts;
    const at_price = fromHundredthsIfAny(exactOrNull(this.atPrice) as Hundredths | null);
    const at_cost = fromTenThousandthsIfAny(exactOrNull(this.atCost) as TenThousandths | null);
    return { items, counted, differing, at_price, at_cost, without_price, without_cost };
  }

  /** A count that could not be recorded makes no difference. */
  add({
    expected,
    quantity: counted,
    counted_at,
    unit_price,
    unit_cost,
    refused_because,
  }: Variance): Difference {
    this.counts.items++;
    if (counted_at !== null) this.counts.counted++;
    if (counted === null || expected === null || refused_because !== null) return NONE;
    const quantity = minus(counted, expected);
    const [atPrice, atCost] = [unit_price, unit_cost].map((value) => valueOf(quantity, value));
    if (quantity !== 0) {
      this.counts.differing++;
      if (unit_price === null) this.counts.without_price++;
      if (unit_cost === null) this.counts.without_cost++;
    }
    this.atPrice += atPrice ?? 0n;
    this.atCost += atCost ?? 0n;
    return {
      quantity,
      at_price: exactOrNull(atPrice) as Hundredths | null,
      at_cost: exactOrNull(atCost) as TenThousandths | null,
    };
  }
}

/** A quantity times a price or a cost, in the unit of that, rounded half away from zero, as reports do. */
function valueOf(quantity: Thousandths, value: number | null): bigint | undefined {
  if (value === null) return undefined;
  const amount = divideHalfUp(BigInt(Math.abs(quantity)) * BigInt(value), 1000n);
  return quantity < 0 ? -amount : amount;
}

function exactOrNull(value: bigint | undefined): number | null {
  return value !== undefined && Number.isSafeInteger(Number(value)) ? Number(value) : null;
}
