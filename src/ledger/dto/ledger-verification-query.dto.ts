import { IdField } from '../../platform/validation/fields.js';

export class LedgerVerificationQuery {
  /**
   * Up to which movement the head is to go: the `head_id` of an earlier answer, whose `head_hash` it then has again.
   */
  @IdField({ optional: true })
  until_id?: number;
}
