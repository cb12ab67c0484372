import { type Arbitrary, array, assert, boolean, constantFrom, integer, property, record } from 'fast-check';
import { PaymentMethod } from '../carts/cart-payment.entity.js';
import { lineSumsOf, totalsOf } from '../carts/cart-sums.js';
import type { CompletedCart, DayRefund, PaidAmount, SoldLines } from '../carts/completed-sales.repository.js';
import { hundredths, minus, thousandths } from '../platform/validation/decimal.js';
import { DaySales, expectedCash } from './day-sales.js';

const METHODS = Object.values(PaymentMethod);

interface Sale {
  cart: CompletedCart;
  lines: SoldLines[];
  payments: PaidAmount[];
}

const line = record({
  item_id: integer({ min: 1, max: 5 }),
  unit_price: constantFrom(0, 1, 99, 399, 129_999),
  quantity: integer({ min: 1, max: 12_000 }),
  discount_rate: constantFrom(0, 500, 3333, 10_000),
  tax_rate: constantFrom(0, 700, 1900, 2550),
});

/** What was sold at once, and the part of it that was paid by card. */
const sale = record({
  lines: array(line, { minLength: 1, maxLength: 8 }),
  cardPercent: integer({ min: 0, max: 100 }),
  method: constantFrom(...METHODS),
});

type Sold = typeof sale extends Arbitrary<infer Value> ? Value : never;

function saleOf(sold: Sold, id: number, pricesIncludeTax: boolean): Sale {
  const lines = sold.lines.map((sent): SoldLines => {
    const priced = {
      unit_price: hundredths(sent.unit_price),
      quantity: thousandths(sent.quantity),
      discount_rate: hundredths(sent.discount_rate),
      tax_rate: hundredths(sent.tax_rate),
    };
    const { item_id } = sent;
    const sums = lineSumsOf(priced, pricesIncludeTax);
    return { item_id, name: `Item ${item_id}`, sku: null, lines: 1, ...priced, ...sums };
  });
  const totals = totalsOf(lines);
  const card = hundredths(Math.floor((totals.total * sold.cardPercent) / 100));
  const payments = [
    { method: PaymentMethod.Card, amount: card },
    { method: sold.method, amount: minus(totals.total, card) },
  ];
  return { cart: { id, ...totals, hash: `hash of cart ${id}` }, lines, payments };
}

function addedUp(parts: Sale[][], refunds: DayRefund[] = []): DaySales {
  const day = new DaySales();
  for (const part of parts) {
    day.addCarts(
      part.map(({ cart }) => cart),
      part.flatMap(({ lines }) => lines),
      part.flatMap(({ payments }) => payments),
    );
  }
  day.addRefunds(refunds);
  return day;
}

function resultOf({ totals, lines, payments, carts, refunds }: DaySales): object {
  return { totals, lines, payments, carts, refunds };
}

const APPLE = { item_id: 1, unit_price: 399, quantity: 1000, discount_rate: 0, tax_rate: 0 } as const;
const ONE_APPLE: Sold = { lines: [APPLE], cardPercent: 0, method: PaymentMethod.Cash };

function sum(amounts: number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0);
}

describe('DaySales', () => {
  it('lets lines and payments add up to the totals of the carts, whether prices include the tax or not', () => {
    assert(
      property(array(sale, { maxLength: 40 }), boolean(), (sold, pricesIncludeTax) => {
        const sales = sold.map((one, index) => saleOf(one, index + 1, pricesIncludeTax));
        const { totals, lines, payments } = addedUp(sales.map((one) => [one]));
        expect(totals.total).toBe(sum(sales.map(({ cart }) => cart.total)));
        expect([totals.subtotal, totals.discount_total, totals.tax_total, totals.total]).toEqual([
          sum(lines.map(({ line_subtotal }) => line_subtotal)),
          sum(lines.map(({ line_discount }) => line_discount)),
          sum(lines.map(({ line_tax }) => line_tax)),
          sum(lines.map(({ line_total }) => line_total)),
        ]);
        const onTop = pricesIncludeTax ? 0 : totals.tax_total;
        expect(totals.total).toBe(totals.subtotal - totals.discount_total + onTop);
        expect(sum(payments.map(({ amount }) => amount))).toBe(totals.total);
        expect(totals.carts_count).toBe(sales.length);
        expect(totals.items_count).toBe(sum(sales.map(({ lines: { length } }) => length)));
        const keys = lines.map(({ item_id, unit_price, discount_rate, tax_rate }) =>
          [item_id, unit_price, discount_rate, tax_rate].join(),
        );
        expect(new Set(keys).size).toBe(keys.length);
        for (const free of lines.filter(({ discount_rate }) => discount_rate === 10_000)) {
          expect([free.line_tax, free.line_total]).toEqual([0, 0]);
        }
      }),
    );
  });

  it('comes to the same in whatever order and slices the sales are added', () => {
    assert(
      property(array(sale, { minLength: 1, maxLength: 30 }), integer({ min: 0, max: 30 }), (sold, place) => {
        const sales = sold.map((one, index) => saleOf(one, index + 1, false));
        const refunds: DayRefund[] = sales.map(({ cart }, index) => ({
          id: index + 1,
          method: METHODS[index % METHODS.length] as PaymentMethod,
          amount: cart.total,
          hash: `hash of refund ${index + 1}`,
        }));
        const all = addedUp([sales], refunds);
        expect(all.totals.refund_total).toBe(all.totals.total);
        const inParts = addedUp([sales.slice(place), sales.slice(0, place)], [...refunds].reverse());
        expect(resultOf(inParts)).toEqual(resultOf(all));
        expect(addedUp([sales.slice(1)], refunds).carts.digest).not.toBe(all.carts.digest);
      }),
    );
  });

  it('knows which sales are missing', () => {
    const day = addedUp([[saleOf(ONE_APPLE, 7, false)]]);
    expect(day.missingCarts([5, 7, 9])).toEqual([5, 9]);
    expect(day.missingRefunds([1])).toEqual([1]);
    expect(day.count).toEqual({ carts: 1, refunds: 0 });
  });

  it('knows when a JSON number does not hold a sum exactly', () => {
    const { cart, lines, payments } = saleOf(ONE_APPLE, 1, false);
    const day = addedUp([[{ cart, lines, payments }]]);
    expect(day.isExact).toBe(true);
    day.addCarts([{ ...cart, id: 2, total: hundredths(2 ** 53) }], [], []);
    expect(day.isExact).toBe(false);
  });

  it('expects the cash of the morning, with what came and without what was paid back', () => {
    const payment = { amount: hundredths(955), refunded: hundredths(250) };
    const payments = [
      { method: PaymentMethod.Card, ...payment },
      { method: PaymentMethod.Cash, ...payment },
    ];
    expect(expectedCash(hundredths(10_000), payments)).toBe(10_705);
    expect(expectedCash(null, payments)).toBe(705);
    expect(expectedCash(null, payments.slice(0, 1))).toBe(0);
  });
});
