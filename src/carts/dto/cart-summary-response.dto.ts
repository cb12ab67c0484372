import { ApiProperty } from '@nestjs/swagger';
import { fromHundredths, fromThousandths } from '../../platform/validation/decimal.js';
import { type CartPayment, PaymentMethod } from '../cart-payment.entity.js';
import { type CartTotals, totalsOf } from '../cart-sums.js';
import type { ShownCart } from '../carts.repository.js';
import type { SummedCartItem } from '../cart-lines.js';
import { CartResponse, cartResponseOf } from './cart-response.dto.js';
import { RefundResponse } from './refund-response.dto.js';

/** A line with its sums: of today in a draft, frozen in a completed cart. */
export class CartLineResponse {
  /** @example 1 */
  id!: number;

  /** @example 1 */
  item_id!: number;

  /**
   * The name of the item.
   * @example "Red Apples"
   */
  name!: string;

  /** @example "FP-APPLE-RED" */
  sku!: string | null;

  /**
   * Price of one unit.
   * @example 3.99
   */
  unit_price!: number;

  /**
   * In the item's unit.
   * @example 2.5
   */
  quantity!: number;

  /**
   * Discount in percent.
   * @example 5
   */
  discount_rate!: number;

  /**
   * Tax in percent.
   * @example 10
   */
  tax_rate!: number;

  /**
   * `unit_price` times `quantity`.
   * @example 9.98
   */
  line_subtotal!: number;

  /**
   * The discount on it.
   * @example 0.5
   */
  line_discount!: number;

  /**
   * The tax on what is left: on top, or contained where prices include the tax.
   * @example 0.95
   */
  line_tax!: number;

  /**
   * What the customer pays for it.
   * @example 10.43
   */
  line_total!: number;
}

/** The sums of all lines. */
export class CartTotalsResponse {
  /**
   * Before discounts.
   * @example 9.98
   */
  subtotal!: number;

  /**
   * All discounts.
   * @example 0.5
   */
  discount_total!: number;

  /**
   * All taxes.
   * @example 0.95
   */
  tax_total!: number;

  /**
   * What the customer pays.
   * @example 10.43
   */
  total!: number;
}

export class CartPaymentResponse {
  /** How it was paid. */
  @ApiProperty({ enum: PaymentMethod, enumName: 'PaymentMethod' })
  method!: PaymentMethod;

  /**
   * What was kept.
   * @example 10.43
   */
  amount!: number;
}

export class CartSummaryResponse {
  /** The cart itself. */
  cart!: CartResponse;

  /** Its lines, in the order in which they were added. */
  @ApiProperty({ type: [CartLineResponse] })
  items!: CartLineResponse[];

  /** The sums of its lines. */
  totals!: CartTotalsResponse;

  /** How it was paid; empty until it is completed. */
  @ApiProperty({ type: [CartPaymentResponse] })
  payments!: CartPaymentResponse[];

  /** What was paid back of it, the first refund first. */
  @ApiProperty({ type: [RefundResponse] })
  refunds!: RefundResponse[];
}

export function cartSummaryResponseOf(
  cart: ShownCart,
  lines: SummedCartItem[],
  payments: CartPayment[],
  refunds: RefundResponse[],
): CartSummaryResponse {
  return {
    cart: cartResponseOf(cart),
    items: lines.map(cartLineResponseOf),
    totals: totalsResponseOf(totalsOf(lines)),
    payments: payments.map(({ method, amount }) => ({ method, amount: fromHundredths(amount) })),
    refunds,
  };
}

export function cartLineResponseOf(line: SummedCartItem): CartLineResponse {
  return {
    id: line.id,
    item_id: line.item_id,
    name: line.name,
    sku: line.sku,
    unit_price: fromHundredths(line.unit_price),
    quantity: fromThousandths(line.quantity),
    discount_rate: fromHundredths(line.discount_rate),
    tax_rate: fromHundredths(line.tax_rate),
    line_subtotal: fromHundredths(line.line_subtotal),
    line_discount: fromHundredths(line.line_discount),
    line_tax: fromHundredths(line.line_tax),
    line_total: fromHundredths(line.line_total),
  };
}

function totalsResponseOf({ subtotal, discount_total, tax_total, total }: CartTotals): CartTotalsResponse {
  return {
    subtotal: fromHundredths(subtotal),
    discount_total: fromHundredths(discount_total),
    tax_total: fromHundredths(tax_total),
    total: fromHundredths(total),
  };
}
