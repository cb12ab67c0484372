import { offerSortOrders } from '../../platform/lists/sort-order.js';
import { PageQuery } from '../../platform/lists/page-query.dto.js';
import { TimestampField } from '../../platform/validation/fields.js';
import { AsOfField } from './as-of.field.js';

/** What stock entries can be sorted by; each has an index. */
export const STOCK_SORT_ORDERS = offerSortOrders('stock', {
  item_id: { column: 'item_id', type: 'integer', unique: true },
  quantity: { column: 'quantity', type: 'bigint' },
  created_at: { column: 'created_at', type: 'text' },
  updated_at: { column: 'updated_at', type: 'text' },
});

export class StockListQuery extends PageQuery(STOCK_SORT_ORDERS) {
  /**
   * Lists only the entries that were changed at this time or later. To miss none, ask from one minute before the newest
   * `updated_at` that you have: a change may become visible a little later than one with a newer time.
   */
  @TimestampField({ optional: true })
  updated_since?: string;

  /**
   * Lists the stock as of this time, by when movements happened. A quantity is below zero where a sale happened before the
   * delivery it was sold from.
   */
  @AsOfField()
  as_of?: string;
}
