import { fromHundredths, fromThousandths } from '../../platform/validation/decimal.js';
import { averagePrice, type CategorySales, type ItemSales, lastSold } from '../sales-analysis.js';

export class ItemSalesResponse {
  /** @example 1 */
  item_id!: number;

  /**
   * How much was sold, in the item's unit.
   * @example 12.5
   */
  total_quantity!: number;

  /**
   * What customers paid for it, before refunds.
   * @example 49.88
   */
  total_revenue!: number;

  /**
   * On how many days it was sold.
   * @example 5
   */
  days_sold!: number;

  /**
   * The average of the prices of all units sold, before discounts: the exact average, rounded half up to 2 decimals. 0 when none
   * was sold.
   * @example 3.99
   */
  avg_unit_price!: number;
}

export class TopSellerResponse {
  /** @example 1 */
  item_id!: number;

  /**
   * The name of the item when it was sold last.
   * @example "Red Apples"
   */
  item_name!: string;

  /**
   * The stock keeping unit of the item when it was sold last.
   * @example "FP-APPLE-RED"
   */
  sku!: string | null;

  /**
   * How much was sold, in the item's unit.
   * @example 12.5
   */
  total_quantity!: number;

  /**
   * What customers paid for it, before refunds.
   * @example 49.88
   */
  total_revenue!: number;

  /**
   * The average of the prices of all units sold, before discounts: the exact average, rounded half up to 2 decimals.
   * @example 3.99
   */
  avg_unit_price!: number;
}

export class CategorySalesResponse {
  /**
   * The category in which the items are today; null for items that are deleted.
   * @example 1
   */
  category_id!: number | null;

  /**
   * Null when the id is null.
   * @example "Fresh Produce"
   */
  category_name!: string | null;

  /**
   * How much was sold, each item in its unit.
   * @example 12.5
   */
  total_quantity!: number;

  /**
   * What customers paid, before refunds.
   * @example 49.88
   */
  total_revenue!: number;

  /**
   * How many different items were sold.
   * @example 3
   */
  items_count!: number;
}

export function itemSalesResponseOf(sales: ItemSales): ItemSalesResponse {
  return {
    item_id: sales.item_id,
    total_quantity: fromThousandths(sales.quantity),
    total_revenue: fromHundredths(sales.revenue),
    days_sold: sales.days,
    avg_unit_price: fromHundredths(averagePrice(sales.prices)),
  };
}

export function topSellerResponseOf(sales: ItemSales): TopSellerResponse {
  const { item_name, sku } = lastSold(sales.prices);
  return {
    item_id: sales.item_id,
    item_name,
    sku,
    total_quantity: fromThousandths(sales.quantity),
    total_revenue: fromHundredths(sales.revenue),
    avg_unit_price: fromHundredths(averagePrice(sales.prices)),
  };
}

export function categorySalesResponseOf(sales: CategorySales): CategorySalesResponse {
  return {
    category_id: sales.category_id,
    category_name: sales.category_name,
    total_quantity: fromThousandths(sales.quantity),
    total_revenue: fromHundredths(sales.revenue),
    items_count: sales.items,
  };
}
