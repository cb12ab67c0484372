import { array, assert, boolean, integer, property, record } from 'fast-check';
import { hundredths, type Thousandths, thousandths } from '../platform/validation/decimal.js';
import {
  assertExact,
  lineSumsOf,
  MAX_AMOUNT,
  type PricedLine,
  refundAmountOf,
  totalsOf,
} from './cart-sums.js';

const rate = integer({ min: 0, max: 10_000 });

/** Prices and quantities that people sell, so that amounts stay exact. */
const pricedLine = record({
  unit_price: integer({ min: 0, max: 10_000_000 }),
  quantity: integer({ min: 1, max: 10_000_000 }),
  discount_rate: rate,
  tax_rate: rate,
}).map((line) => line as PricedLine);

/** The decimal that a fraction is nearest to, half up, by comparing and not by dividing. */
function isHalfUp(rounded: number, dividend: bigint, divisor: bigint): boolean {
  const twice = 2n * dividend;
  return twice >= (2n * BigInt(rounded) - 1n) * divisor && twice < (2n * BigInt(rounded) + 1n) * divisor;
}

function lineOf(price: number, quantity: number, discount: number, tax: number): PricedLine {
  return {
    unit_price: hundredths(price * 100),
    quantity: thousandths(quantity * 1000),
    discount_rate: hundredths(discount * 100),
    tax_rate: hundredths(tax * 100),
  };
}

describe('The sums of a line', () => {
  it('are half up to two decimals at each step', () => {
    expect(lineSumsOf(lineOf(3.99, 2.5, 5, 10), false)).toEqual({
      line_subtotal: 998,
      line_discount: 50,
      line_tax: 95,
      line_total: 1043,
    });
  });

  it('contain the tax where prices include it', () => {
    expect(lineSumsOf(lineOf(3.99, 2.5, 5, 10), true)).toEqual({
      line_subtotal: 998,
      line_discount: 50,
      line_tax: 86,
      line_total: 948,
    });
  });

  it('round each step half up, exactly', () => {
    assert(
      property(pricedLine, boolean(), (line, pricesIncludeTax) => {
        const { line_subtotal, line_discount, line_tax, line_total } = lineSumsOf(line, pricesIncludeTax);
        const discounted = line_subtotal - line_discount;
        expect(isHalfUp(line_subtotal, BigInt(line.unit_price) * BigInt(line.quantity), 1000n)).toBe(true);
        expect(isHalfUp(line_discount, BigInt(line_subtotal) * BigInt(line.discount_rate), 10_000n)).toBe(
          true,
        );
        const taxBase = 10_000n + (pricesIncludeTax ? BigInt(line.tax_rate) : 0n);
        expect(isHalfUp(line_tax, BigInt(discounted) * BigInt(line.tax_rate), taxBase)).toBe(true);
        expect(line_total).toBe(pricesIncludeTax ? discounted : discounted + line_tax);
      }),
    );
  });

  it('come to nothing with a discount of 100 %', () => {
    assert(
      property(pricedLine, boolean(), (line, pricesIncludeTax) => {
        const sums = lineSumsOf({ ...line, discount_rate: hundredths(10_000) }, pricesIncludeTax);
        expect(sums.line_discount).toBe(sums.line_subtotal);
        expect([sums.line_tax, sums.line_total]).toEqual([0, 0]);
      }),
    );
  });

  it('are never below zero, and contained tax is never more than the price', () => {
    assert(
      property(pricedLine, (line) => {
        const sums = lineSumsOf(line, true);
        expect(Math.min(...(Object.values(sums) as number[]))).toBeGreaterThanOrEqual(0);
        expect(sums.line_tax).toBeLessThanOrEqual(sums.line_total);
      }),
    );
  });

  it('are refused where a JSON number would not hold them exactly', () => {
    const amountsOf = (...line: Parameters<typeof lineOf>) => {
      const { line_subtotal, line_total } = lineSumsOf(lineOf(...line), false);
      return [line_subtotal, line_total];
    };
    expect(() => {
      assertExact(...amountsOf(1_000_000_000, 1000, 0, 0));
    }).not.toThrow();
    expect(JSON.stringify(MAX_AMOUNT / 100)).toBe('1000000000000');
    for (const amounts of [
      amountsOf(1_000_000_000, 1000, 0, 0.01),
      amountsOf(1_000_000_000, 1000.001, 100, 0),
      amountsOf(1_000_000_000, 1_000_000_000, 100, 100),
    ]) {
      expect(() => {
        assertExact(...amounts);
      }).toThrow(expect.objectContaining({ code: 'amount_too_large' }) as Error);
    }
  });
});

describe('The totals of a cart', () => {
  it('are what its lines add up to', () => {
    assert(
      property(array(pricedLine), boolean(), (lines, pricesIncludeTax) => {
        const sums = lines.map((line) => lineSumsOf(line, pricesIncludeTax));
        const sum = (amounts: number[]) => amounts.reduce((one, other) => one + other, 0);
        const { subtotal, discount_total, tax_total, total } = totalsOf(sums);
        expect(subtotal).toBe(sum(sums.map((line) => line.line_subtotal)));
        expect(discount_total).toBe(sum(sums.map((line) => line.line_discount)));
        expect(tax_total).toBe(sum(sums.map((line) => line.line_tax)));
        expect(total).toBe(sum(sums.map((line) => line.line_total)));
        expect(total).toBe(subtotal - discount_total + (pricesIncludeTax ? 0 : tax_total));
      }),
    );
  });
});

describe('Refunds of a line', () => {
  it('add up to its total in whatever parts it comes back', () => {
    const parts = array(integer({ min: 1, max: 10_000 }), { minLength: 1, maxLength: 30 });
    assert(
      property(parts, integer({ min: 0, max: MAX_AMOUNT }), (quantities, total) => {
        const line_total = hundredths(total);
        const quantity = thousandths(quantities.reduce((one, other) => one + other, 0));
        let [refunded, paid] = [0, 0];
        for (const part of quantities) {
          const line = { line_total, quantity, refunded_quantity: thousandths(refunded) };
          const amount = refundAmountOf(line, thousandths(part));
          expect(amount).toBeGreaterThanOrEqual(0);
          [refunded, paid] = [refunded + part, paid + amount];
          expect(isHalfUp(paid, BigInt(total) * BigInt(refunded), BigInt(quantity))).toBe(true);
        }
        expect(paid).toBe(total);
      }),
    );
  });

  it('pay the difference to what was paid back before', () => {
    const line = { line_total: hundredths(1000), quantity: thousandths(3000) };
    const amounts = [0, 1000, 2000].map((refunded) =>
      refundAmountOf({ ...line, refunded_quantity: refunded as Thousandths }, thousandths(1000)),
    );
    expect(amounts).toEqual([333, 334, 333]);
  });
});
