import { CodedException } from '../platform/errors/coded.exception.js';
import {
  divideHalfUp,
  fromHundredths,
  type Hundredths,
  hundredths,
  type Thousandths,
} from '../platform/validation/decimal.js';

/** What the sums of a line are made of: a price, a quantity, and rates in hundredths of a percent. */
export interface PricedLine {
  unit_price: Hundredths;
  quantity: Thousandths;
  discount_rate: Hundredths;
  tax_rate: Hundredths;
}

export interface LineSums {
  line_subtotal: Hundredths;
  line_discount: Hundredths;
  line_tax: Hundredths;
  line_total: Hundredths;
}

export interface CartTotals {
  subtotal: Hundredths;
  discount_total: Hundredths;
  tax_total: Hundredths;
  total: Hundredths;
}

/** What has been sold of a line, and how much of that was refunded so far. */
export interface RefundableLine {
  line_total: Hundredths;
  quantity: Thousandths;
  refunded_quantity: Thousandths;
}

/**
 * The largest amount of a sale, in hundredths: 10^12 in the shop's currency. A JSON number holds amounts of up to 15 digits
 * exactly, so there is room for the sums of days and reports.
 */
export const MAX_AMOUNT = hundredths(10 ** 14);

/** In hundredths of a percent. */
const WHOLE = 10_000n;
const THOUSANDTHS_PER_UNIT = 1000n;

/**
 * The sums of a line, exact, and rounded half up at each step. Amounts above {@link MAX_AMOUNT} are approximate: see
 * {@link assertExact}.
 *
 * @param pricesIncludeTax whether the tax is contained in the price; otherwise it is added on top
 */
export function lineSumsOf(line: PricedLine, pricesIncludeTax: boolean): LineSums {
  const taxRate = BigInt(line.tax_rate);
  const subtotal = exactSubtotalOf(line);
  const discount = divideHalfUp(subtotal * BigInt(line.discount_rate), WHOLE);
  const discounted = subtotal - discount;
  const tax = divideHalfUp(discounted * taxRate, pricesIncludeTax ? WHOLE + taxRate : WHOLE);
  return {
    line_subtotal: toHundredths(subtotal),
    line_discount: toHundredths(discount),
    line_tax: toHundredths(tax),
    line_total: toHundredths(pricesIncludeTax ? discounted : discounted + tax),
  };
}

/** A line's subtotal, without its rates. */
export function subtotalOf(line: Pick<PricedLine, 'unit_price' | 'quantity'>): Hundredths {
  return toHundredths(exactSubtotalOf(line));
}

/** The sums of all lines. They add up to the totals by themselves, as each line is rounded already. */
export function totalsOf(lines: readonly LineSums[]): CartTotals {
  const totals = { subtotal: 0, discount_total: 0, tax_total: 0, total: 0 };
  for (const { line_subtotal, line_discount, line_tax, line_total } of lines) {
    totals.subtotal += line_subtotal;
    totals.discount_total += line_discount;
    totals.tax_total += line_tax;
    totals.total += line_total;
  }
  return totals as CartTotals;
}

export function sumOf(amounts: readonly Hundredths[]): Hundredths {
  return hundredths(amounts.reduce((sum, amount) => sum + amount, 0));
}

/**
 * What is paid back for a part of a line: the share of all that is refunded by now, half up, less what was paid back before. So
 * the amounts of all parts add up to the line's total.
 *
 * @param quantity at most what is not refunded yet
 */
export function refundAmountOf(
  { line_total, quantity: sold, refunded_quantity }: RefundableLine,
  quantity: Thousandths,
): Hundredths {
  const share = (refunded: bigint) => divideHalfUp(BigInt(line_total) * refunded, BigInt(sold));
  const before = BigInt(refunded_quantity);
  return toHundredths(share(before + BigInt(quantity)) - share(before));
}

/**
 * @param amounts the subtotal and the total of a line or a cart: all others are smaller
 * @throws CodedException 409 for an amount that a JSON number may not hold exactly
 */
export function assertExact(...amounts: Hundredths[]): void {
  if (amounts.every((amount) => amount <= MAX_AMOUNT)) return;
  const sentence = `An amount of a sale is at most ${fromHundredths(MAX_AMOUNT)}`;
  throw new CodedException(409, 'amount_too_large', sentence);
}

function exactSubtotalOf({ unit_price, quantity }: Pick<PricedLine, 'unit_price' | 'quantity'>): bigint {
  return divideHalfUp(BigInt(unit_price) * BigInt(quantity), THOUSANDTHS_PER_UNIT);
}

function toHundredths(amount: bigint): Hundredths {
  return hundredths(Number(amount));
}
