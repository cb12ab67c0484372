import { hash } from 'node:crypto';
import type { CartItem } from './cart-item.entity.js';
import type { CartPayment } from './cart-payment.entity.js';
import type { CartRefundLine } from './cart-refund-line.entity.js';
import type { CartRefund } from './cart-refund.entity.js';
import type { Cart } from './cart.entity.js';

/** What the hash of a completed cart covers: all that completing it froze. What is refunded later is not a part of it. */
export type HashedCart = Omit<Cart, 'status' | 'hash'>;
export type HashedLine = Omit<CartItem, 'cart_id' | 'stock_entry_id' | 'refunded_quantity'>;
export type HashedPayment = Pick<CartPayment, 'method' | 'amount'>;

/** What the hash of a refund covers: everything. */
export type HashedRefund = Omit<CartRefund, 'hash'>;
export type HashedRefundLine = Omit<CartRefundLine, 'id' | 'refund_id'>;

/**
 * A number inside the hashed text that says which fields it covers. Stored hashes are verified by them for ever: add a version,
 * never change one.
 */
const CART_VERSION = 1;
const REFUND_VERSION = 1;

const CART_FIELDS = [
  'id',
  'desk_number',
  'account_date',
  'completed_at',
  'prices_include_tax',
  'subtotal',
  'discount_total',
  'tax_total',
  'total',
  'adopted_at',
  'created_by',
  'updated_by',
  'created_at',
  'updated_at',
] as const satisfies readonly (keyof HashedCart)[];

const LINE_FIELDS = [
  'id',
  'item_id',
  'quantity',
  'name',
  'sku',
  'unit_price',
  'unit_cost',
  'discount_rate',
  'tax_rate',
  'line_subtotal',
  'line_discount',
  'line_tax',
  'line_total',
  'created_by',
  'updated_by',
  'created_at',
  'updated_at',
] as const satisfies readonly (keyof HashedLine)[];

const PAYMENT_FIELDS = ['method', 'amount'] as const satisfies readonly (keyof HashedPayment)[];

const REFUND_FIELDS = [
  'id',
  'cart_id',
  'account_date',
  'reason',
  'method',
  'amount',
  'created_by',
  'created_at',
] as const satisfies readonly (keyof HashedRefund)[];

const REFUND_LINE_FIELDS = [
  'cart_item_id',
  'item_id',
  'quantity',
  'restock',
  'amount',
] as const satisfies readonly (keyof HashedRefundLine)[];

/**
 * SHA-256, in hexadecimal, over a completed cart: one changed byte leads to another hash.
 *
 * @param lines by id
 * @param payments by id
 */
export function cartHash(
  cart: HashedCart,
  lines: readonly HashedLine[],
  payments: readonly HashedPayment[],
): string {
  const frozen = { ...cart, prices_include_tax: toFlag(cart.prices_include_tax) };
  return hashOf([
    CART_VERSION,
    valuesOf(frozen, CART_FIELDS),
    lines.map((line) => valuesOf(line, LINE_FIELDS)),
    payments.map((payment) => valuesOf(payment, PAYMENT_FIELDS)),
  ]);
}

/**
 * SHA-256, in hexadecimal, over a refund.
 *
 * @param lines by id
 */
export function refundHash(refund: HashedRefund, lines: readonly HashedRefundLine[]): string {
  return hashOf([
    REFUND_VERSION,
    valuesOf(refund, REFUND_FIELDS),
    lines.map((line) => valuesOf({ ...line, restock: toFlag(line.restock) }, REFUND_LINE_FIELDS)),
  ]);
}

function valuesOf<Row>(row: Row, fields: readonly (keyof Row)[]): unknown[] {
  return fields.map((field) => row[field] ?? null);
}

/** SQLite has no booleans: it returns 0 and 1. */
function toFlag(value: boolean | number | null): boolean | null {
  return value === null ? null : Boolean(value);
}

function hashOf(content: unknown[]): string {
  return hash('sha256', JSON.stringify(content));
}
