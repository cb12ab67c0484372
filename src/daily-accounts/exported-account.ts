import { PaymentMethod } from '../carts/cart-payment.entity.js';
import { fromHundredthsIfAny } from '../platform/validation/decimal.js';
import type { PaidAccount, PaymentColumn } from './daily-accounts.repository.js';
import { dailyAccountBodyOf, type DailyAccountResponse } from './dto/daily-account-response.dto.js';

/** A row of the file that has all accounts: one for each day, with a pair of columns for each method of payment. */
type ExportedAccount = Omit<DailyAccountResponse, 'payments'> & Record<PaymentColumn, number | null>;

const PAYMENT_COLUMNS = Object.values(PaymentMethod).flatMap((method): PaymentColumn[] => [
  `${method}_amount`,
  `${method}_refunded`,
]);

/** Those of the account as JSON, its payments side by side. */
export const ACCOUNT_COLUMNS: readonly (keyof ExportedAccount)[] = [
  'id',
  'account_date',
  'sequence',
  'subtotal',
  'discount_total',
  'tax_total',
  'total',
  'refund_total',
  'carts_count',
  'items_count',
  'open_carts',
  ...PAYMENT_COLUMNS,
  'opening_float',
  'counted_cash',
  'cash_difference',
  'is_closed',
  'closed_at',
  'closed_by',
  'created_by',
  'updated_by',
  'created_at',
  'updated_at',
  'ledger_head_id',
  'ledger_head',
  'hash',
];

export function exportedAccountOf(account: PaidAccount): ExportedAccount {
  const payments = PAYMENT_COLUMNS.map((column) => [column, fromHundredthsIfAny(account[column])]);
  return {
    ...dailyAccountBodyOf(account, []),
    ...(Object.fromEntries(payments) as Record<PaymentColumn, number | null>),
  };
}
