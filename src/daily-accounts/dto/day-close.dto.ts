import type { Examples } from '../../platform/docs/examples.js';
import type { Hundredths } from '../../platform/validation/decimal.js';
import { DecimalField } from '../../platform/validation/fields.js';

/** Far more than any till holds. */
const MAX_CASH = 9_999_999_999.99;

export class DayClose {
  /**
   * The cash that was in the till when the day began.
   * @example 100
   */
  @DecimalField({ places: 2, min: 0, max: MAX_CASH, optional: true, nullable: true })
  opening_float?: Hundredths | null;

  /**
   * The cash that was counted in the till at the end. The account then tells the difference to what should be there.
   * @example 123.45
   */
  @DecimalField({ places: 2, min: 0, max: MAX_CASH, optional: true, nullable: true })
  counted_cash?: Hundredths | null;
}

export const DAY_CLOSE_EXAMPLES: Examples<DayClose> = {
  counted: {
    summary: 'With the cash that was counted',
    value: { opening_float: 100, counted_cash: 123.45 },
  },
  plain: { summary: 'Nothing was counted', value: {} },
};
