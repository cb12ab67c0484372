import { atIndex } from '../platform/errors/coded.exception.js';
import { type LineSums, lineSumsOf } from './cart-sums.js';
import type { PricedCartItem } from './carts.repository.js';

export type SummedCartItem = PricedCartItem & LineSums;

/** A line with its sums: frozen ones stay as they are, those of a draft follow its prices. */
export function withSums<Line extends PricedCartItem>(
  line: Line,
  pricesIncludeTax: boolean,
): Line & LineSums {
  return isSummed(line) ? line : { ...line, ...lineSumsOf(line, pricesIncludeTax) };
}

/** A line as it is kept when its cart ends: with its names, prices and sums, and no longer holding the item in stock. */
export function freeze(line: PricedCartItem, pricesIncludeTax: boolean): SummedCartItem {
  return { ...withSums(line, pricesIncludeTax), stock_entry_id: null };
}

/** By item: everybody who changes the stock of several items goes in this order, so that nobody waits for each other. */
export function byItem(one: { item_id: number }, other: { item_id: number }): number {
  return one.item_id - other.item_id;
}

/** The error of one of several lines that were sent, with its index. */
export function atLine(error: unknown, index: number): unknown {
  return atIndex(error, 'Line', index);
}

function isSummed<Line extends PricedCartItem>(line: Line): line is Line & LineSums {
  return line.line_total !== null;
}
