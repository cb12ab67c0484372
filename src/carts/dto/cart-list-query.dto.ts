import { offerSortOrders } from '../../platform/lists/sort-order.js';
import { PageQuery } from '../../platform/lists/page-query.dto.js';
import { EnumField, PatternField, TextField } from '../../platform/validation/fields.js';
import { CartStatus } from '../cart.entity.js';
import { MAX_DESK_NUMBER_LENGTH } from './cart-update.dto.js';

export const CART_SORT_ORDERS = offerSortOrders(
  'carts',
  { id: { column: 'id', type: 'integer', unique: true } },
  { descendingFirst: true },
);

/** Without any of them, the drafts at desks are listed. */
export class CartListQuery extends PageQuery(CART_SORT_ORDERS) {
  /** Lists only the carts with this status. */
  @EnumField(CartStatus, 'CartStatus', { optional: true })
  status?: CartStatus;

  /** Lists only the carts of this desk, also earlier ones. */
  @TextField({ min: 1, max: MAX_DESK_NUMBER_LENGTH, optional: true })
  desk_number?: string;

  /** Lists only the carts of this trading day, such as `2026-03-01`. */
  @PatternField(/^\d{4}-\d\d-\d\d$/, { max: 10, optional: true })
  account_date?: string;
}
