import { TextField } from '../../validation/fields.js';

export class ItemSearchQuery {
  /**
   * Part of the name, in any letter case, with or without accents.
   * @example "apple"
   */
  @TextField({ min: 1, max: 200 })
  q!: string;
}
