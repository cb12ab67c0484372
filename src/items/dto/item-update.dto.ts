import type { Examples } from '../../platform/docs/examples.js';
import { PartialType } from '@nestjs/swagger';
import { ItemCreate } from './item-create.dto.js';

/** Fields that are left out do not change. Null empties a field that may be empty. */
export class ItemUpdate extends PartialType(ItemCreate, { skipNullProperties: false }) {}

export const ITEM_UPDATE_EXAMPLES: Examples<ItemUpdate> = {
  price: { summary: 'Change the price', value: { unit_price: 3.99 } },
  threshold: {
    summary: 'When the stock is low, and how much to order then',
    value: { low_stock_threshold: 5, reorder_quantity: 20 },
  },
  cost: { summary: 'Change what it costs the shop (owners only)', value: { unit_cost: 2.125 } },
  empty: { summary: 'Without a picture', value: { image_url: null } },
};
