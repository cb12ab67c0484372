import { IdField } from '../../platform/validation/fields.js';

export class LedgerVerificationQuery {
  /**
   * Computes the head up to this movement: for the `head_id` of an earlier response, `head_hash` is the same again.
   */
  @IdField({ optional: true })
  until_id?: number;
}
