import { hash } from 'node:crypto';
import type { DailyAccount } from './daily-account.entity.js';
import type { DailyAccountEvent } from './daily-account-event.entity.js';
import type { Digest, SalesLine, SalesPayment } from './day-sales.js';

/** The fields of an account that its closing settles. */
export type SealedAccount = Omit<
  DailyAccount,
  'is_closed' | 'hash' | 'created_by' | 'created_at' | 'updated_by' | 'updated_at'
>;

/** Who opened a day again, when and why. */
export type Reopening = Pick<DailyAccountEvent, 'created_at' | 'created_by' | 'reason'>;

/** All that a closing covers. Amounts are in hundredths, quantities in thousandths. */
export interface Closing {
  account: SealedAccount;
  payments: SalesPayment[];
  lines: SalesLine[];
  carts: Digest;
  refunds: Digest;
  /** Since the day was closed the time before; null when it is closed for the first time. */
  reopening: Reopening | null;
}

/**
 * The version of the text. Stored closings are verified by it for ever: add a version, never change one.
 */
const VERSION = 1;

export const ACCOUNT_FIELDS = [
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
  'opening_float',
  'counted_cash',
  'cash_difference',
  'closed_at',
  'closed_by',
  'ledger_head_id',
  'ledger_head',
  'adopted_at',
] as const satisfies readonly (keyof SealedAccount)[];

const PAYMENT_FIELDS = ['method', 'amount', 'refunded'] as const satisfies readonly (keyof SalesPayment)[];

const LINE_FIELDS = [
  'item_id',
  'item_name',
  'sku',
  'quantity',
  'unit_price',
  'discount_rate',
  'tax_rate',
  'line_subtotal',
  'line_discount',
  'line_tax',
  'line_total',
] as const satisfies readonly (keyof SalesLine)[];

/** The JSON text that the hash of a closing covers: the same fields in the same order for ever. */
export function contentOf({ account, payments, lines, carts, refunds, reopening }: Closing): string {
  return JSON.stringify({
    version: VERSION,
    account: pick(account, ACCOUNT_FIELDS),
    payments: payments.map(valuesOfPayment),
    lines: lines.map(valuesOfLine),
    carts: pick(carts, ['count', 'digest']),
    refunds: pick(refunds, ['count', 'digest']),
    reopening: reopening && pick(reopening, ['created_at', 'created_by', 'reason']),
  });
}

/** A payment as {@link contentOf} writes it. */
export function valuesOfPayment(payment: SalesPayment): unknown[] {
  return PAYMENT_FIELDS.map((field) => payment[field]);
}

/** A line as {@link contentOf} writes it. */
export function valuesOfLine(line: SalesLine): unknown[] {
  return LINE_FIELDS.map((field) => line[field]);
}

/** What {@link contentOf} has written, with lists of values in place of payments and lines. */
export interface ClosingContent extends Pick<Closing, 'account' | 'carts' | 'refunds' | 'reopening'> {
  payments: unknown[][];
  lines: unknown[][];
}

/** @returns undefined for a text that is not of {@link contentOf} */
export function readContent(content: string): ClosingContent | undefined {
  try {
    const closing = JSON.parse(content) as ClosingContent & { version: number };
    return closing.version === VERSION ? closing : undefined;
  } catch {
    return undefined;
  }
}

/**
 * SHA-256, in hexadecimal, over a closing and the one before it. Changing or deleting a closing breaks the chain from there on.
 *
 * @param previous the hash of the closing with the sequence before; null for the first one
 */
export function closingHash(content: string, previous: string | null): string {
  return hash('sha256', (previous ?? '') + content);
}

function pick<Row, Field extends keyof Row>(row: Row, fields: readonly Field[]): Pick<Row, Field> {
  return Object.fromEntries(fields.map((field) => [field, row[field]])) as Pick<Row, Field>;
}
