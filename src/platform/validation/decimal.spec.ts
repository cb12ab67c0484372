import { fromHundredths, hundredths, minus, plus, thousandths } from './decimal.js';
import { DecimalField } from './fields.js';

describe('Units of decimals', () => {
  it('are kept by sums and differences, and no two of them mix', () => {
    expect(fromHundredths(minus(plus(hundredths(399), hundredths(1)), hundredths(50)))).toBe(3.5);
    // @ts-expect-error a price and a quantity have no sum
    plus(hundredths(1), thousandths(1));
    // @ts-expect-error a quantity is no price
    fromHundredths(thousandths(1));
    // @ts-expect-error a plain number has no unit
    fromHundredths(1);
  });

  it('are those of the property that a field is for', () => {
    class Body {
      price = hundredths(0);
      plain = 0;
    }
    DecimalField({ places: 2, min: 0, max: 1 })(Body.prototype, 'price');
    // @ts-expect-error a field of thousandths on a property of hundredths
    DecimalField({ places: 3, min: 0, max: 1 })(Body.prototype, 'price');
    // @ts-expect-error a field of thousandths on a property of plain numbers
    DecimalField({ places: 3, min: 0, max: 1 })(Body.prototype, 'plain');
    expect(new Body()).toEqual({ price: 0, plain: 0 });
  });
});
