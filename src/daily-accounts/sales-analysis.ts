import {
  divideHalfUp,
  type Hundredths,
  hundredths,
  type Thousandths,
} from '../platform/validation/decimal.js';

/** How much of an item was sold under one name at one price. */
export interface PricedSales {
  item_id: number;
  item_name: string;
  sku: string | null;
  unit_price: Hundredths;
  quantity: Thousandths;
  /** The last day with such a line, and the id of the last such line. */
  last_date: string;
  last_id: number;
}

/** What was sold of an item. */
export interface ItemSales {
  item_id: number;
  quantity: Thousandths;
  revenue: Hundredths;
  days: number;
  prices: PricedSales[];
}

/** What was sold of the items of a category. */
export interface CategorySales {
  category_id: number | null;
  category_name: string | null;
  quantity: Thousandths;
  revenue: Hundredths;
  items: number;
}

/** The average price of all units, exact, then rounded half up; 0 when there are none. */
export function averagePrice(sales: PricedSales[]): Hundredths {
  const units = sales.reduce((sum, { quantity }) => sum + BigInt(quantity), 0n);
  if (units === 0n) return hundredths(0);
  const value = sales.reduce(
    (sum, { unit_price, quantity }) => sum + BigInt(unit_price) * BigInt(quantity),
    0n,
  );
  return hundredths(Number(divideHalfUp(value, units)));
}

/** Names and prices change: the one of the last sale. */
export function lastSold(sales: PricedSales[]): PricedSales {
  return sales.reduce((last, one) => {
    const isLater =
      one.last_date > last.last_date || (one.last_date === last.last_date && one.last_id > last.last_id);
    return isLater ? one : last;
  });
}
