import type { Examples } from '../../platform/docs/examples.js';
import { Check } from '../../platform/validation/field.js';
import { DecimalField, TimestampField } from '../../platform/validation/fields.js';
import type { Thousandths } from '../../platform/validation/decimal.js';
import { isAhead } from '../../stock/occurred-at.js';
import { MAX_IN_STOCK } from '../../stock/quantity.js';

export class CountUpdate {
  /**
   * How much is there, in the item's unit, with at most 3 decimals.
   * @example 12.5
   */
  @DecimalField({ places: 3, min: 0, max: MAX_IN_STOCK })
  quantity!: Thousandths;

  /**
   * When it was counted: at most 7 days ago, at most 5 minutes ahead. The default is now. Send it, so that a count that is sent
   * again after a lost answer is still the same one.
   * @example "2026-03-01T07:00:00Z"
   */
  @TimestampField({ optional: true, nullAsMissing: true }, [
    Check<string>(
      'value_error',
      (time) => !isAhead(time),
      'Value error, a count is not recorded ahead of time',
    ),
  ])
  counted_at?: string;
}

export const COUNT_UPDATE_EXAMPLES: Examples<CountUpdate> = {
  now: { summary: 'Counted just now', value: { quantity: 12.5 } },
};
