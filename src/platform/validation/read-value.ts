import type { FieldDecorator } from './field.js';
import { readDto } from './read-dto.js';
import { ValidationException } from './validation.exception.js';
import type { Location } from './validation-issue.js';

/**
 * Reads one value (of a path, of a header) by the decorator of a field.
 *
 * @returns a function that takes the value and where it comes from, and throws a ValidationException when it is refused
 */
export function valueReader<Value>(
  field: FieldDecorator<Value>,
): (value: unknown, ...loc: Location) => Value {
  class Single {
    value!: Value;
  }
  field(Single.prototype, 'value');
  return (value, ...loc) => {
    try {
      return readDto(Single, { value }, ...loc).value;
    } catch (error) {
      if (!(error instanceof ValidationException)) throw error;
      throw new ValidationException(error.issues.map((issue) => ({ ...issue, loc })));
    }
  };
}
