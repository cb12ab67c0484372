import { IntegerField } from '../../platform/validation/fields.js';

const MAX_ID = 2 ** 31 - 1;

export class MovementStreamQuery {
  /** Sends the movements after this one first. `Last-Event-ID` does the same, and comes first. */
  @IntegerField({ min: 0, max: MAX_ID, optional: true })
  after?: number;
}
