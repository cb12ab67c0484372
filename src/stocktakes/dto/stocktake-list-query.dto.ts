import { offerSortOrders } from '../../platform/lists/sort-order.js';
import { PageQuery } from '../../platform/lists/page-query.dto.js';
import { EnumField } from '../../platform/validation/fields.js';
import { StocktakeStatus } from '../stocktake.entity.js';

export const STOCKTAKE_SORT_ORDERS = offerSortOrders(
  'stocktakes',
  { id: { column: 'id', type: 'integer', unique: true } },
  { descendingFirst: true },
);

export class StocktakeListQuery extends PageQuery(STOCKTAKE_SORT_ORDERS, { limit: 30, maxLimit: 100 }) {
  /** Lists only the stocktakes with this status. */
  @EnumField(StocktakeStatus, 'StocktakeStatus', { optional: true })
  status?: StocktakeStatus;
}
