import { hash } from 'node:crypto';
import { PaymentMethod } from '../carts/cart-payment.entity.js';
import type { CompletedCart, DayRefund, PaidAmount, SoldLines } from '../carts/completed-sales.repository.js';
import { type Hundredths, hundredths, plus } from '../platform/validation/decimal.js';
import type { DailyAccount } from './daily-account.entity.js';
import type { DailyAccountItem } from './daily-account-item.entity.js';
import type { DailyAccountPayment } from './daily-account-payment.entity.js';

export type SalesLine = Omit<DailyAccountItem, 'id' | 'account_id' | 'created_at'>;
export type SalesPayment = Pick<DailyAccountPayment, 'method' | 'amount' | 'refunded'>;

/** The figures of an account that its carts and refunds add up to. */
export type SalesTotals = Pick<
  DailyAccount,
  'subtotal' | 'discount_total' | 'tax_total' | 'total' | 'refund_total' | 'carts_count' | 'items_count'
>;

/** Rows and a hash over the hashes of all of them, by id. */
export interface Digest {
  count: number;
  digest: string;
}

const METHODS = Object.values(PaymentMethod);
const NOTHING = hundredths(0);

/** Adds up the carts and refunds of a day. Each is added once, in any order. */
export class DaySales {
  readonly totals: SalesTotals = {
    subtotal: NOTHING,
    discount_total: NOTHING,
    tax_total: NOTHING,
    total: NOTHING,
    refund_total: NOTHING,
    carts_count: 0,
    items_count: 0,
  };
  private readonly cartHashes = new HashesById();
  private readonly refundHashes = new HashesById();
  private readonly linesByKey = new Map<string, SalesLine>();
  private readonly paymentsByMethod = new Map<PaymentMethod, SalesPayment>();

  /**
   * @param lines all of the carts' lines
   * @param payments all of the carts' payments
   */
  addCarts(carts: CompletedCart[], lines: SoldLines[], payments: PaidAmount[]): void {
    const { totals } = this;
    for (const cart of carts) {
      this.cartHashes.add(cart);
      totals.subtotal = plus(totals.subtotal, cart.subtotal);
      totals.discount_total = plus(totals.discount_total, cart.discount_total);
      totals.tax_total = plus(totals.tax_total, cart.tax_total);
      totals.total = plus(totals.total, cart.total);
      totals.carts_count++;
    }
    for (const line of lines) this.addLine(line);
    for (const { method, amount } of payments) {
      const payment = this.paymentBy(method);
      payment.amount = plus(payment.amount, amount);
    }
  }

  addRefunds(refunds: DayRefund[]): void {
    for (const refund of refunds) {
      this.refundHashes.add(refund);
      this.totals.refund_total = plus(this.totals.refund_total, refund.amount);
      const payment = this.paymentBy(refund.method);
      payment.refunded = plus(payment.refunded, refund.amount);
    }
  }

  /** How many carts and refunds were added. */
  get count(): { carts: number; refunds: number } {
    return { carts: this.cartHashes.size, refunds: this.refundHashes.size };
  }

  /** Whether a JSON number holds every sum exactly. */
  get isExact(): boolean {
    return [this.totals, ...this.linesByKey.values(), ...this.paymentsByMethod.values()].every((sums) =>
      Object.values(sums).every((sum) => typeof sum !== 'number' || Number.isSafeInteger(sum)),
    );
  }

  /** By item, then by price and rates. */
  get lines(): SalesLine[] {
    return [...this.linesByKey.values()].sort(compareLines);
  }

  get payments(): SalesPayment[] {
    return METHODS.map((method) => this.paymentsByMethod.get(method)).filter(
      (payment) => payment !== undefined,
    );
  }

  get carts(): Digest {
    return this.cartHashes.digest();
  }

  get refunds(): Digest {
    return this.refundHashes.digest();
  }

  /** Those of a day's carts that are not added yet. */
  missingCarts(ids: number[]): number[] {
    return this.cartHashes.missing(ids);
  }

  /** Those of a day's refunds that are not added yet. */
  missingRefunds(ids: number[]): number[] {
    return this.refundHashes.missing(ids);
  }

  private addLine({ lines, ...sold }: SoldLines): void {
    this.totals.items_count += lines;
    const { name, ...values } = sold;
    const key = JSON.stringify([
      values.item_id,
      name,
      values.sku,
      values.unit_price,
      values.discount_rate,
      values.tax_rate,
    ]);
    const line = this.linesByKey.get(key);
    if (!line) {
      this.linesByKey.set(key, { item_name: name, ...values });
      return;
    }
    line.quantity = plus(line.quantity, values.quantity);
    line.line_subtotal = plus(line.line_subtotal, values.line_subtotal);
    line.line_discount = plus(line.line_discount, values.line_discount);
    line.line_tax = plus(line.line_tax, values.line_tax);
    line.line_total = plus(line.line_total, values.line_total);
  }

  private paymentBy(method: PaymentMethod): SalesPayment {
    let payment = this.paymentsByMethod.get(method);
    if (!payment) {
      payment = { method, amount: NOTHING, refunded: NOTHING };
      this.paymentsByMethod.set(method, payment);
    }
    return payment;
  }
}

/** Hashes of rows, each row once. */
class HashesById {
  private readonly hashes = new Map<number, string>();
  private known?: Digest;

  get size(): number {
    return this.hashes.size;
  }

  add({ id, hash: ofRow }: { id: number; hash: string }): void {
    this.hashes.set(id, ofRow);
    this.known = undefined;
  }

  missing(ids: number[]): number[] {
    return ids.filter((id) => !this.hashes.has(id));
  }

  /** SHA-256 over the hashes by id. */
  digest(): Digest {
    return (this.known ??= { count: this.size, digest: hash('sha256', this.inOrder().join('')) });
  }

  private inOrder(): string[] {
    return [...this.hashes].sort(([one], [other]) => one - other).map(([, ofRow]) => ofRow);
  }
}

function compareLines(one: SalesLine, other: SalesLine): number {
  return (
    one.item_id - other.item_id ||
    one.unit_price - other.unit_price ||
    one.discount_rate - other.discount_rate ||
    one.tax_rate - other.tax_rate ||
    compareTexts(one.item_name, other.item_name) ||
    compareTexts(one.sku ?? '', other.sku ?? '')
  );
}

function compareTexts(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** What should be in the till by cash alone: what was there in the morning, what came in, less what was paid back. */
export function expectedCash(openingFloat: Hundredths | null, payments: SalesPayment[]): Hundredths {
  const { amount, refunded } = payments.find(({ method }) => method === PaymentMethod.Cash) ?? {
    amount: NOTHING,
    refunded: NOTHING,
  };
  return hundredths((openingFloat ?? NOTHING) + amount - refunded);
}
