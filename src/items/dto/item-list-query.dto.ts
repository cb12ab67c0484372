import { IdField } from '../../validation/fields.js';

export class ItemListQuery {
  /** Lists the items of this category only. */
  @IdField({ optional: true })
  category_id?: number;
}
