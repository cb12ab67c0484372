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
   * Lists the entries changed at this moment or later only. To miss none, ask from one minute before the newest `updated_at` that you
   * have: a change may be seen a little later than one with a newer time.
   */
  @TimestampField({ optional: true })
  updated_since?: string;

  /**
   * Lists the stock as it stood at this moment, by when movements happened. A quantity is below zero where a sale was before
   * the delivery that it was sold from, or the delivery was recorded late.
   */
  @AsOfField()
  as_of?: string;
}
