import { offerSortOrders } from '../../platform/lists/sort-order.js';
import { PageQuery } from '../../platform/lists/page-query.dto.js';
import { FlagField } from '../../platform/validation/fields.js';

export const COUNTED_ITEM_SORT_ORDERS = offerSortOrders('stocktake items', {
  item_id: { column: 'item_id', type: 'integer', unique: true },
});

export class CountedItemListQuery extends PageQuery(COUNTED_ITEM_SORT_ORDERS) {
  /** Lists only the items that are counted, or, when false, those that are left. */
  @FlagField({ optional: true })
  counted?: boolean;
}
