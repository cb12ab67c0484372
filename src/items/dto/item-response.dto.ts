import { isOwner, type Role } from '../../platform/authorization/role.js';
import {
  fromHundredths,
  fromTenThousandthsIfAny,
  fromThousandthsIfAny,
} from '../../platform/validation/decimal.js';
import type { Item } from '../item.entity.js';

export class ItemResponse {
  /** @example 1 */
  id!: number;

  /** @example 1 */
  category_id!: number;

  /**
   * The name of the item.
   * @example "Red Apples"
   */
  name!: string;

  /**
   * Further details.
   * @example "Crisp and sweet, from the valley"
   */
  description!: string | null;

  /** @example "FP-APPLE-RED" */
  sku!: string | null;

  /**
   * An EAN, a UPC or a code of the shop's own.
   * @example "2000000000015"
   */
  barcode!: string | null;

  /**
   * The address of its picture.
   * @example "https://images.corner-cafe.example/red-apples.jpg"
   */
  image_url!: string | null;

  /**
   * Price of one unit.
   * @example 3.99
   */
  unit_price!: number;

  /**
   * The unit in which it is counted.
   * @example "kg"
   */
  unit_type!: string;

  /**
   * Tax in percent.
   * @example 7
   */
  tax_rate!: number;

  /**
   * Discount in percent.
   * @example 12.5
   */
  discount_rate!: number;

  /**
   * The stock is low at this quantity or below; null for an item whose stock is never low.
   * @example 5
   */
  low_stock_threshold!: number | null;

  /**
   * How much to order when the stock is low, in its unit.
   * @example 20
   */
  reorder_quantity!: number | null;

  /**
   * The id of the user who created it.
   * @example 1
   */
  created_by!: number;

  /**
   * The id of the user who last changed it.
   * @example 1
   */
  updated_by!: number;

  /** @example "2026-03-01T07:00:00.000Z" */
  created_at!: string;

  /** @example "2026-03-01T07:00:00.000Z" */
  updated_at!: string;

  /**
   * For owners only: what one unit costs the shop; null when it is not known.
   * @example 2.125
   */
  unit_cost?: number | null;
}

/** @param role of the user who gets it */
export function itemResponseOf(item: Item, role: Role): ItemResponse {
  const response: ItemResponse = {
    id: item.id,
    category_id: item.category_id,
    name: item.name,
    description: item.description,
    sku: item.sku,
    barcode: item.barcode,
    image_url: item.image_url,
    unit_price: fromHundredths(item.unit_price),
    unit_type: item.unit_type,
    tax_rate: fromHundredths(item.tax_rate),
    discount_rate: fromHundredths(item.discount_rate),
    low_stock_threshold: fromThousandthsIfAny(item.low_stock_threshold),
    reorder_quantity: fromThousandthsIfAny(item.reorder_quantity),
    created_by: item.created_by,
    updated_by: item.updated_by,
    created_at: item.created_at,
    updated_at: item.updated_at,
  };
  if (isOwner(role)) response.unit_cost = fromTenThousandthsIfAny(item.unit_cost);
  return response;
}
