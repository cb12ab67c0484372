import { Check, type FieldDecorator } from '../../platform/validation/field.js';
import { TimestampField } from '../../platform/validation/fields.js';
import { isAhead } from '../occurred-at.js';

/** A time that is not in the future, whichever clock it was read from. */
export function AsOfField(): FieldDecorator<string> {
  return TimestampField({ optional: true }, [
    Check<string>('value_error', (time) => !isAhead(time), 'Value error, nobody knows what will be in stock'),
  ]);
}
