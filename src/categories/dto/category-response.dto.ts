import type { Category } from '../category.entity.js';

export class CategoryResponse {
  /** @example 1 */
  id!: number;

  /**
   * The name of the category.
   * @example "Fresh Produce"
   */
  name!: string;

  /**
   * What belongs in the category.
   * @example "Fruit and vegetables, delivered every morning"
   */
  description!: string | null;

  /**
   * The position in the list: lower numbers come first, equal numbers are sorted by name.
   * @example 10
   */
  sort_order!: number;

  /**
   * The id of the user who created it.
   * @example 1
   */
  created_by!: number;

  /**
   * The id of the user who last changed it.
   * @example 1
   */
  updated_by!: number;

  /** @example "2026-03-01T07:00:00.000Z" */
  created_at!: string;

  /** @example "2026-03-01T07:00:00.000Z" */
  updated_at!: string;
}

export function categoryResponseOf(category: Category): CategoryResponse {
  const { id, name, description, sort_order, created_by, updated_by, created_at, updated_at } = category;
  return { id, name, description, sort_order, created_by, updated_by, created_at, updated_at };
}
