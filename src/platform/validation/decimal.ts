declare const unit: unique symbol;

/** A whole number of hundredths: a price in the shop's currency, a rate in percent. The compiler does not mix it with other numbers. */
export type Hundredths = number & { readonly [unit]: 'hundredths' };

/** A whole number of thousandths: a quantity in an item's unit. The compiler does not mix it with other numbers. */
export type Thousandths = number & { readonly [unit]: 'thousandths' };

/** A whole number of ten-thousandths: a cost in the shop's currency. The compiler does not mix it with other numbers. */
export type TenThousandths = number & { readonly [unit]: 'ten-thousandths' };

type ScaledNumber = Hundredths | Thousandths | TenThousandths;

/** A whole number of 10^-places. */
export type Scaled<Places extends number> = Places extends 2
  ? Hundredths
  : Places extends 3
    ? Thousandths
    : Places extends 4
      ? TenThousandths
      : number;

/** A value as JSON has it: with plain decimals. */
export type Unscaled<T> = T extends ScaledNumber
  ? number
  : T extends object
    ? { [Key in keyof T]: Unscaled<T[Key]> }
    : T;

export function hundredths(value: number): Hundredths {
  return value as Hundredths;
}

export function thousandths(value: number): Thousandths {
  return value as Thousandths;
}

export function tenThousandths(value: number): TenThousandths {
  return value as TenThousandths;
}

/** The sum of two numbers of one unit. */
export function plus<T extends ScaledNumber>(one: T, other: NoInfer<T>): T {
  return (one + other) as T;
}

/** The difference of two numbers of one unit. */
export function minus<T extends ScaledNumber>(one: T, other: NoInfer<T>): T {
  return (one - other) as T;
}

/** A quotient, rounded half up, for numbers that are not negative. */
export function divideHalfUp(dividend: bigint, divisor: bigint): bigint {
  return (2n * dividend + divisor) / (2n * divisor);
}

export function negated<T extends ScaledNumber>(value: T): T {
  return -(value as number) as T;
}

/**
 * The decimal that a whole number of hundredths, thousandths or ten-thousandths stands for. A quotient of whole numbers below 2^53 is the
 * binary float nearest to the decimal, which JSON then writes with just its own digits: 399 becomes 3.99.
 */
export function fromHundredths(value: Hundredths): number {
  return value / 100;
}

export function fromHundredthsIfAny(value: Hundredths | null): number | null {
  return value === null ? null : fromHundredths(value);
}

export function fromThousandths(value: Thousandths): number {
  return value / 1000;
}

export function fromThousandthsIfAny(value: Thousandths | null): number | null {
  return value === null ? null : fromThousandths(value);
}

export function fromTenThousandths(value: TenThousandths): number {
  return value / 10_000;
}

export function fromTenThousandthsIfAny(value: TenThousandths | null): number | null {
  return value === null ? null : fromTenThousandths(value);
}
