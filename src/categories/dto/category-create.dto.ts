import { TextField } from '../../validation/fields.js';

export class CategoryCreate {
  /**
   * What the shelf is called; unique.
   * @example "Fresh Produce"
   */
  @TextField({ min: 1, max: 100 })
  name!: string;

  /** @example "Fruit and vegetables, delivered every morning" */
  @TextField({ max: 500, verbatim: true, nullable: true, optional: true })
  description?: string | null;
}
