import type { Examples } from '../../platform/docs/examples.js';
import { TextField } from '../../platform/validation/fields.js';

export class DayOpen {
  /**
   * Why the day is opened again. It is kept among the events of the account.
   * @example "A sale of the market stall was not recorded"
   */
  @TextField({ max: 500, multiline: true, optional: true, nullable: true, emptyAsNull: true })
  reason?: string | null;
}

export const DAY_OPEN_EXAMPLES: Examples<DayOpen> = {
  forgotten: {
    summary: 'With a reason',
    value: { reason: 'A sale of the market stall was not recorded' },
  },
  plain: { summary: 'Without a reason', value: {} },
};
