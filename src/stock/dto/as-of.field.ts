import { Field } from '../../platform/validation/fields.js';
import { moment, type Parser } from '../../platform/validation/conversions.js';
import { Problem } from '../../platform/validation/validation-issue.js';
import { isAhead } from '../occurred-at.js';

/** A moment that has been, by whose clock ever. */
export function AsOfField(): PropertyDecorator {
  const parse: Parser<string> = (value) => {
    const parsed = moment(value);
    return typeof parsed === 'string' && isAhead(parsed)
      ? new Problem('value_error', 'Value error, nobody knows what will be in stock')
      : parsed;
  };
  return Field(parse, { optional: true }, { type: 'string', format: 'date-time' });
}
