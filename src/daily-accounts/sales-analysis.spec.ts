import { hundredths, thousandths } from '../platform/validation/decimal.js';
import { averagePrice, lastSold, type PricedSales } from './sales-analysis.js';

function sold(unit_price: number, quantity: number, values: Partial<PricedSales> = {}): PricedSales {
  return {
    item_id: 1,
    item_name: 'Apples',
    sku: null,
    unit_price: hundredths(unit_price),
    quantity: thousandths(quantity),
    last_date: '2026-03-01',
    last_id: 1,
    ...values,
  };
}

describe('The average price', () => {
  it.each<[string, PricedSales[], number]>([
    ['of nothing is 0', [], 0],
    ['of one price is that price, however little was sold', [sold(399, 1)], 399],
    ['is weighted by quantity', [sold(200, 2000), sold(250, 1000)], 217],
    ['is rounded half up', [sold(1, 1000), sold(2, 1000)], 2],
    ['is rounded down below the half', [sold(1, 1001), sold(2, 1000)], 1],
    ['is exact beyond what a double holds', [sold(99_999_999, 9_007_199_254_740_991)], 99_999_999],
  ])('%s', (_, sales, average) => {
    expect(averagePrice(sales)).toBe(average);
  });
});

describe('The last sale', () => {
  it('is that of the last day, and of the last line of a day', () => {
    const [first, late, last] = [
      sold(1, 1, { last_date: '2026-03-02', last_id: 9 }),
      sold(2, 1, { last_date: '2026-03-03', last_id: 4 }),
      sold(3, 1, { last_date: '2026-03-03', last_id: 5 }),
    ];
    expect(lastSold([late, last, first])).toBe(last);
  });
});
