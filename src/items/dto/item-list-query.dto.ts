import { PageQuery } from '../../platform/lists/page-query.dto.js';
import { IdField, TextField, TimestampField } from '../../platform/validation/fields.js';
import { MAX_SCANNED_LENGTH } from '../barcode.js';
import { ITEM_SORT_ORDERS } from '../item.sort-orders.js';

export class ItemListQuery extends PageQuery(ITEM_SORT_ORDERS) {
  /** Lists only the items of this category. */
  @IdField({ optional: true })
  category_id?: number;

  /** Lists only the items with this barcode, compared as `GET /items/by-barcode/{code}` does. */
  @TextField({ min: 1, max: MAX_SCANNED_LENGTH, optional: true })
  barcode?: string;

  /** Lists only the item with exactly this SKU. */
  @TextField({ min: 1, max: 50, optional: true })
  sku?: string;

  /**
   * Lists only the items that were changed at this time or later. To miss none, ask from one minute before the newest
   * `updated_at` that you have: a change may become visible a little later than one with a newer time.
   */
  @TimestampField({ optional: true })
  updated_since?: string;
}
