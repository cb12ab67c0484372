import type { FieldDecorator } from '../platform/validation/field.js';
import { DateField } from '../platform/validation/fields.js';

/** The trading day of now, in place of a date. */
export const TODAY = 'today';

/** A trading day: a date, or `today`. */
export function AccountDateField(): FieldDecorator<string> {
  return DateField({ words: [TODAY] });
}
