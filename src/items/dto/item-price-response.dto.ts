import { isOwner, type Role } from '../../platform/authorization/role.js';
import { fromHundredths, fromTenThousandthsIfAny } from '../../platform/validation/decimal.js';
import type { ItemPrice } from '../item-price.entity.js';

/** What an item cost and was sold for from a time on, until the next change. */
export class ItemPriceResponse {
  /**
   * Price of one unit.
   * @example 3.99
   */
  unit_price!: number;

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
   * From when on it was so.
   * @example "2026-03-01T07:00:00.000Z"
   */
  valid_from!: string;

  /**
   * The id of the user who changed it.
   * @example 1
   */
  created_by!: number;

  /**
   * For owners only: what one unit cost the shop; null when it was not known.
   * @example 2.125
   */
  unit_cost?: number | null;
}

/** @param role of the user who gets it */
export function itemPriceResponseOf(price: ItemPrice, role: Role): ItemPriceResponse {
  const response: ItemPriceResponse = {
    unit_price: fromHundredths(price.unit_price),
    tax_rate: fromHundredths(price.tax_rate),
    discount_rate: fromHundredths(price.discount_rate),
    valid_from: price.valid_from,
    created_by: price.created_by,
  };
  if (isOwner(role)) response.unit_cost = fromTenThousandthsIfAny(price.unit_cost);
  return response;
}
