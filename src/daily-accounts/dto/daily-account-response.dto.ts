import type { PaymentMethod } from '../../carts/cart-payment.entity.js';
import { fromHundredths, fromHundredthsIfAny, fromThousandths } from '../../platform/validation/decimal.js';
import type { RowVersion } from '../../platform/database/row-version.js';
import { Versioned } from '../../platform/http/versioned.js';
import type { DailyAccountItem } from '../daily-account-item.entity.js';
import type { DailyAccount } from '../daily-account.entity.js';
import type { SalesPayment } from '../day-sales.js';

export class DailyPaymentResponse {
  /**
   * How it was paid; `unspecified` where nobody said.
   * @example "cash"
   */
  method!: PaymentMethod;

  /**
   * What was paid, before refunds.
   * @example 31.5
   */
  amount!: number;

  /**
   * What was paid back.
   * @example 0
   */
  refunded!: number;
}

export class DailyAccountResponse {
  /** @example 1 */
  id!: number;

  /**
   * The trading day.
   * @example "2026-03-01"
   */
  account_date!: string;

  /**
   * The number of its last closing. All closings of all days are numbered from 1, without a gap.
   * @example 1
   */
  sequence!: number;

  /**
   * What was sold at full price.
   * @example 30.5
   */
  subtotal!: number;

  /**
   * What was taken off by discounts.
   * @example 1.5
   */
  discount_total!: number;

  /**
   * The tax that customers paid.
   * @example 2.5
   */
  tax_total!: number;

  /**
   * What customers paid, before refunds.
   * @example 31.5
   */
  total!: number;

  /**
   * What was paid back on this day.
   * @example 0
   */
  refund_total!: number;

  /**
   * How many carts were completed.
   * @example 12
   */
  carts_count!: number;

  /**
   * How many lines they had.
   * @example 40
   */
  items_count!: number;

  /**
   * How many carts were neither completed nor deleted when the day was closed.
   * @example 0
   */
  open_carts!: number;

  /** What was paid by each method. */
  payments!: DailyPaymentResponse[];

  /**
   * The cash that was in the till when the day began.
   * @example 100
   */
  opening_float!: number | null;

  /**
   * The cash that was counted at the end.
   * @example 123.45
   */
  counted_cash!: number | null;

  /**
   * What was counted less what should be there: `opening_float` and all cash payments, less what was paid back in cash.
   * @example -8.05
   */
  cash_difference!: number | null;

  /** False for a day that was opened again: its figures are those of its last closing. */
  is_closed!: boolean;

  /**
   * When it was closed last.
   * @example "2026-03-01T19:00:00.000Z"
   */
  closed_at!: string;

  /**
   * The id of the user who closed it.
   * @example 2
   */
  closed_by!: number;

  /** @example 2 */
  created_by!: number;

  /** @example 2 */
  updated_by!: number;

  /** @example "2026-03-01T19:00:00.000Z" */
  created_at!: string;

  /** @example "2026-03-01T19:00:00.000Z" */
  updated_at!: string;

  /**
   * The last movement that `ledger_head` covers: `GET /stock/ledger/verify?until_id=` comes to the same hash.
   * @example 4711
   */
  ledger_head_id!: number | null;

  /**
   * SHA-256 over all movements up to `ledger_head_id`.
   * @example "9f86d081884c7d65…"
   */
  ledger_head!: string | null;

  /**
   * SHA-256 over the account, its carts and refunds, the ledger's head and the closing before it.
   * @example "60303ae22b998861…"
   */
  hash!: string;
}

/** @param payments of the account */
export function dailyAccountBodyOf(account: DailyAccount, payments: SalesPayment[]): DailyAccountResponse {
  return {
    id: account.id,
    account_date: account.account_date,
    sequence: account.sequence,
    ...dailyTotalsOf(account),
    refund_total: fromHundredths(account.refund_total),
    carts_count: account.carts_count,
    items_count: account.items_count,
    open_carts: account.open_carts,
    payments: payments.map(({ method, amount, refunded }) => ({
      method,
      amount: fromHundredths(amount),
      refunded: fromHundredths(refunded),
    })),
    opening_float: fromHundredthsIfAny(account.opening_float),
    counted_cash: fromHundredthsIfAny(account.counted_cash),
    cash_difference: fromHundredthsIfAny(account.cash_difference),
    is_closed: account.is_closed,
    closed_at: account.closed_at,
    closed_by: account.closed_by,
    created_by: account.created_by,
    updated_by: account.updated_by,
    created_at: account.created_at,
    updated_at: account.updated_at,
    ledger_head_id: account.ledger_head_id,
    ledger_head: account.ledger_head,
    hash: account.hash,
  };
}

export function dailyAccountResponseOf(
  account: DailyAccount,
  payments: SalesPayment[],
): Versioned<DailyAccountResponse> {
  return new Versioned(versionOf(account), dailyAccountBodyOf(account, payments));
}

/** An account changes by being closed, with the next sequence, and opened again, by turns. */
function versionOf({ id, sequence, is_closed }: DailyAccount): RowVersion {
  return { id, version: 2 * sequence + (is_closed ? 0 : 1) };
}

class DailyTotalsResponse {
  /**
   * What was sold at full price.
   * @example 30.5
   */
  subtotal!: number;

  /**
   * What was taken off by discounts.
   * @example 1.5
   */
  discount_total!: number;

  /**
   * The tax that customers paid.
   * @example 2.5
   */
  tax_total!: number;

  /**
   * What customers paid, before refunds.
   * @example 31.5
   */
  total!: number;
}

function dailyTotalsOf(
  account: Pick<DailyAccount, 'subtotal' | 'discount_total' | 'tax_total' | 'total'>,
): DailyTotalsResponse {
  return {
    subtotal: fromHundredths(account.subtotal),
    discount_total: fromHundredths(account.discount_total),
    tax_total: fromHundredths(account.tax_total),
    total: fromHundredths(account.total),
  };
}

export class DailyItemResponse {
  /** @example 1 */
  id!: number;

  /**
   * The id of the account.
   * @example 1
   */
  account_id!: number;

  /** @example 1 */
  item_id!: number;

  /**
   * The name of the item when it was sold.
   * @example "Red Apples"
   */
  item_name!: string;

  /**
   * The stock keeping unit of the item when it was sold.
   * @example "FP-APPLE-RED"
   */
  sku!: string | null;

  /**
   * How much was sold, in the item's unit.
   * @example 2.5
   */
  quantity!: number;

  /**
   * Price of one unit.
   * @example 3.99
   */
  unit_price!: number;

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
   * What it comes to at full price.
   * @example 9.98
   */
  line_subtotal!: number;

  /**
   * What was taken off by discounts.
   * @example 0.5
   */
  line_discount!: number;

  /**
   * The tax on it.
   * @example 0.95
   */
  line_tax!: number;

  /**
   * What customers paid for it.
   * @example 10.43
   */
  line_total!: number;

  /** @example "2026-03-01T19:00:00.000Z" */
  created_at!: string;
}

export class DailySummaryResponse {
  /** The figures of the day. */
  account!: DailyAccountResponse;

  /** What was sold: a line for each item, name, price and pair of rates. Sums are those of the carts' lines. */
  items!: DailyItemResponse[];

  /** The sums of the items. */
  totals!: DailyTotalsResponse;
}

export function dailySummaryResponseOf(
  account: DailyAccount,
  payments: SalesPayment[],
  items: DailyAccountItem[],
): Versioned<DailySummaryResponse> {
  return new Versioned(versionOf(account), {
    account: dailyAccountBodyOf(account, payments),
    items: items.map(dailyItemResponseOf),
    totals: dailyTotalsOf(account),
  });
}

function dailyItemResponseOf(item: DailyAccountItem): DailyItemResponse {
  return {
    id: item.id,
    account_id: item.account_id,
    item_id: item.item_id,
    item_name: item.item_name,
    sku: item.sku,
    quantity: fromThousandths(item.quantity),
    unit_price: fromHundredths(item.unit_price),
    discount_rate: fromHundredths(item.discount_rate),
    tax_rate: fromHundredths(item.tax_rate),
    line_subtotal: fromHundredths(item.line_subtotal),
    line_discount: fromHundredths(item.line_discount),
    line_tax: fromHundredths(item.line_tax),
    line_total: fromHundredths(item.line_total),
    created_at: item.created_at,
  };
}
