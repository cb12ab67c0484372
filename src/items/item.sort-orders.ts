import { offerSortOrders } from '../platform/lists/sort-order.js';

/** The sort orders of items. Each has an index, and another one within a category. */
export const ITEM_SORT_ORDERS = offerSortOrders('items', {
  name: { column: 'name_key', type: 'text' },
  sku: { column: 'sku', type: 'text', nullable: true },
  unit_price: { column: 'unit_price', type: 'bigint' },
  created_at: { column: 'created_at', type: 'text' },
  updated_at: { column: 'updated_at', type: 'text' },
});
