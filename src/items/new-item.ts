import { hundredths } from '../platform/validation/decimal.js';

/** What a new item is unless somebody says so. */
export const NEW_ITEM = {
  description: null,
  sku: null,
  barcode: null,
  image_url: null,
  unit_cost: null,
  unit_type: 'piece',
  tax_rate: hundredths(0),
  discount_rate: hundredths(0),
  low_stock_threshold: null,
  reorder_quantity: null,
};
