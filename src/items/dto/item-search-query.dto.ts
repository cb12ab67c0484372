import { PageQuery } from '../../platform/lists/page-query.dto.js';
import { TextField } from '../../platform/validation/fields.js';
import { ITEM_SORT_ORDERS } from '../item.sort-orders.js';

export class ItemSearchQuery extends PageQuery(ITEM_SORT_ORDERS) {
  /**
   * A part of the name, in any letter case, with or without accents. Equivalent characters match too, such as `1/2` for
   * `½`.
   * @example "apple"
   */
  @TextField({ min: 1, max: 200 })
  q!: string;
}
