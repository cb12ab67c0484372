import type { FieldDecorator, Presence } from '../../platform/validation/field.js';
import { IntegerField } from '../../platform/validation/fields.js';

const MAX_ID = 2 ** 31 - 1;

export class MovementStreamQuery {
  /** Sends the movements after this one first. `Last-Event-ID` does the same, and comes first. */
  @MovementPlaceField({ optional: true })
  after?: number;
}

/** The id after which a client continues to read movements; 0 for the beginning. */
export function MovementPlaceField(presence: Presence = {}): FieldDecorator<number> {
  return IntegerField({ min: 0, max: MAX_ID, ...presence });
}
