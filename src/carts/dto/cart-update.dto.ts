import { TextField } from '../../platform/validation/fields.js';

/** In characters. */
export const MAX_DESK_NUMBER_LENGTH = 20;

/** Fields that are left out do not change. */
export class CartUpdate {
  /**
   * The table or counter it belongs to, unique among drafts; null for none.
   * @example "7"
   */
  @TextField({ min: 1, max: MAX_DESK_NUMBER_LENGTH, nullable: true, optional: true })
  desk_number?: string | null;
}
