import type { Examples } from '../../platform/docs/examples.js';
import { IntegerField, TextField } from '../../platform/validation/fields.js';

/** The largest value of both engines' integer columns. */
const MAX_SORT_ORDER = 2 ** 31 - 1;

export class CategoryCreate {
  /**
   * What the shelf is called; unique.
   * @example "Fresh Produce"
   */
  @TextField({ min: 1, max: 100 })
  name!: string;

  /**
   * What belongs on the shelf.
   * @example "Fruit and vegetables, delivered every morning"
   */
  @TextField({ max: 500, multiline: true, nullable: true, optional: true })
  description?: string | null;

  /**
   * Where the category stands in the list: lower numbers come first, equal ones are sorted by name. A new category has 0
   * unless it says otherwise.
   * @example 10
   */
  @IntegerField({ min: 0, max: MAX_SORT_ORDER, optional: true })
  sort_order?: number;
}

export const CATEGORY_CREATE_EXAMPLES: Examples<CategoryCreate> = {
  shelf: {
    summary: 'A new shelf',
    value: { name: 'Frozen Food', description: 'Ice cream, peas and pizza', sort_order: 10 },
  },
};
