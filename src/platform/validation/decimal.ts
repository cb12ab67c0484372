/**
 * The decimal that a whole number of hundredths or thousandths stands for. A quotient of whole numbers below 2^53 is the
 * binary float nearest to the decimal, which JSON then writes with just its own digits: 399 becomes 3.99.
 */
export function fromHundredths(value: number): number {
  return value / 100;
}

export function fromHundredthsIfAny(value: number | null): number | null {
  return value === null ? null : fromHundredths(value);
}

export function fromThousandths(value: number): number {
  return value / 1000;
}

export function fromThousandthsIfAny(value: number | null): number | null {
  return value === null ? null : fromThousandths(value);
}
