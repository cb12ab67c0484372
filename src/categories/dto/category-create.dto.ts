import type { Examples } from '../../platform/docs/examples.js';
import { IntegerField, TextField } from '../../platform/validation/fields.js';

/** The largest value of an integer column. */
const MAX_SORT_ORDER = 2 ** 31 - 1;

/** In characters. */
export const CATEGORY_NAME_LENGTH = { min: 1, max: 100 };

export class CategoryCreate {
  /**
   * The name of the category; unique.
   * @example "Fresh Produce"
   */
  @TextField(CATEGORY_NAME_LENGTH)
  name!: string;

  /**
   * What belongs in the category.
   * @example "Fruit and vegetables, delivered every morning"
   */
  @TextField({ max: 500, multiline: true, nullable: true, optional: true })
  description?: string | null;

  /**
   * The position of the category in the list: lower numbers come first, equal numbers are sorted by name. The default for a
   * new category is 0.
   * @example 10
   */
  @IntegerField({ min: 0, max: MAX_SORT_ORDER, optional: true })
  sort_order?: number;
}

export const CATEGORY_CREATE_EXAMPLES: Examples<CategoryCreate> = {
  shelf: {
    summary: 'A new category',
    value: { name: 'Frozen Food', description: 'Ice cream, peas and pizza', sort_order: 10 },
  },
};
