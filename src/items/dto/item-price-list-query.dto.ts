import { DEFAULT_LIMIT } from '../../platform/lists/page.js';
import { PageQuery } from '../../platform/lists/page-query.dto.js';
import { offerSortOrders } from '../../platform/lists/sort-order.js';

/** What the prices of an item can be sorted by. */
export const ITEM_PRICE_SORT_ORDERS = offerSortOrders(
  'item prices',
  { valid_from: { column: 'valid_from', type: 'text' } },
  { descendingFirst: true },
);

/** Prices are added for ever: they are listed page by page. */
export class ItemPriceListQuery extends PageQuery(ITEM_PRICE_SORT_ORDERS, { limit: DEFAULT_LIMIT }) {}
