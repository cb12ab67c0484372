import { isOwner, type Role } from '../platform/authorization/role.js';
import { type ItemResponse, itemResponseOf } from './dto/item-response.dto.js';
import type { CategorizedItem } from './items.repository.js';

/** A row of the file that has all items. */
export interface ExportedItem extends ItemResponse {
  /** The name of its category, by which an import finds it. */
  category: string;
}

const EMPLOYEES_COLUMNS = [
  'id',
  'category_id',
  'category',
  'name',
  'description',
  'sku',
  'barcode',
  'image_url',
  'unit_price',
  'unit_type',
  'tax_rate',
  'discount_rate',
  'low_stock_threshold',
  'reorder_quantity',
  'created_by',
  'updated_by',
  'created_at',
  'updated_at',
] as const satisfies (keyof ExportedItem)[];

/** The columns for owners: those of the item as JSON, and the category. */
export const ITEM_COLUMNS = [...EMPLOYEES_COLUMNS, 'unit_cost'] as const satisfies (keyof ExportedItem)[];

/** The name of a column of the file. An import takes the same names. */
export type ItemColumn = (typeof ITEM_COLUMNS)[number];

/** The columns that a role sees. */
export function itemColumnsFor(role: Role): readonly ItemColumn[] {
  return isOwner(role) ? ITEM_COLUMNS : EMPLOYEES_COLUMNS;
}

export function exportedItemOf(item: CategorizedItem, role: Role): ExportedItem {
  return { ...itemResponseOf(item, role), category: item.category };
}
