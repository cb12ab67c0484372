import { offerSortOrders } from '../../platform/lists/sort-order.js';
import { PageQuery } from '../../platform/lists/page-query.dto.js';
import { TimestampField } from '../../platform/validation/fields.js';

/** The sort orders of categories. Each has an index. */
export const CATEGORY_SORT_ORDERS = offerSortOrders('categories', {
  sort_order: { column: 'sort_order', type: 'integer', then: [{ column: 'name_key', type: 'text' }] },
  name: { column: 'name_key', type: 'text' },
  created_at: { column: 'created_at', type: 'text' },
  updated_at: { column: 'updated_at', type: 'text' },
});

export class CategoryListQuery extends PageQuery(CATEGORY_SORT_ORDERS) {
  /**
   * Lists only the categories that were changed at this time or later. To miss none, ask from one minute before the newest
   * `updated_at` that you have: a change may become visible a little later than one with a newer time.
   */
  @TimestampField({ optional: true })
  updated_since?: string;
}
