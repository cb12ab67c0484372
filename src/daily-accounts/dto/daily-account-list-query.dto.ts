import { PageQuery } from '../../platform/lists/page-query.dto.js';
import { offerSortOrders } from '../../platform/lists/sort-order.js';

/** What accounts can be sorted by. */
export const DAILY_ACCOUNT_SORT_ORDERS = offerSortOrders(
  'daily accounts',
  { account_date: { column: 'account_date', type: 'text', unique: true } },
  { descendingFirst: true },
);

const LIMITS = { limit: 30, maxLimit: 100 };

/** There is one more every day: they are answered page by page. */
export class DailyAccountListQuery extends PageQuery(DAILY_ACCOUNT_SORT_ORDERS, LIMITS) {}
