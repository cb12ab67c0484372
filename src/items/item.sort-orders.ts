import { offerSortOrders } from '../platform/lists/sort-order.js';

/** What items can be sorted by; each has an index, and one within a category. */
export const ITEM_SORT_ORDERS = offerSortOrders('items', {
  name: { column: 'name_key', type: 'text' },
  sku: { column: 'sku', type: 'text', nullable: true },
  unit_price: { column: 'unit_price', type: 'bigint' },
  created_at: { column: 'created_at', type: 'text' },
  updated_at: { column: 'updated_at', type: 'text' },
});
