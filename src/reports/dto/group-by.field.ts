import { Check, Field, type FieldDecorator } from '../../platform/validation/field.js';
import type { Group } from '../report-groups.js';

/** Groups, separated by commas, each once. */
export function GroupByField(groups: readonly Group[]): FieldDecorator<string> {
  const choices = groups.join('|');
  const quoted = groups.map((group) => `'${group}'`).join(', ');
  return Field(
    { optional: true },
    { type: 'string', pattern: `^(${choices})(,(${choices}))*$`, default: groups[0] },
    (sent) => sent,
    [
      Check(
        'enum',
        (text) => typeof text === 'string' && groupsOf(text).every((group) => groups.includes(group)),
        `Input should be some of ${quoted}, separated by commas`,
      ),
      Check<string>(
        'value_error',
        (text) => new Set(groupsOf(text)).size === groupsOf(text).length,
        'Value error, each group may be named once',
      ),
    ],
  );
}

/** @param text of a {@link GroupByField} */
export function groupsOf(text: string): Group[] {
  return text.split(',') as Group[];
}
