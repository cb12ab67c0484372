import { MovementReason } from '../ledger/movement-reason.js';
import {
  fromHundredths,
  fromThousandths,
  negated,
  thousandths,
  type Thousandths,
} from '../platform/validation/decimal.js';
import type { CartItem } from './cart-item.entity.js';
import type { CartRefundLine } from './cart-refund-line.entity.js';
import { type Cart, CartStatus } from './cart.entity.js';
import { type CartTotals, type LineSums, lineSumsOf, type PricedLine, totalsOf } from './cart-sums.js';
import type { CartMovements, StoredRefund, StoredSale } from './sales-verification.repository.js';
import { cartHash, refundHash } from './sale-hash.js';

/** What is not as it has to be. */
export interface SaleProblem {
  cart_id: number;
  /** The line that is wrong; null where it is the cart or the refund as a whole. */
  cart_item_id: number | null;
  refund_id: number | null;
  problem: string;
}

const NOTHING = thousandths(0);
const LINE_SUMS = ['line_subtotal', 'line_discount', 'line_tax', 'line_total'] as const;
const TOTALS = ['subtotal', 'discount_total', 'tax_total', 'total'] as const;

/**
 * The first thing that is wrong with a completed cart: its hash, its sums, what was refunded of it, or what the ledger says of it.
 * A cart that was brought over from the first version has a hash alone: that version kept no prices, and its movements name no
 * cart.
 */
export function problemOfSale(sale: StoredSale): SaleProblem | undefined {
  const { cart, lines, payments } = sale;
  if (cart.adopted_at === null) {
    const problem = problemOfMovements(sale) ?? problemOfSums(sale);
    if (problem) return problem;
  }
  return cart.hash === cartHash(cart, lines, payments)
    ? undefined
    : problemOf(cart, 'Its hash is not that of its content: the cart, a line or a payment was changed');
}

/** The first thing that is wrong with a draft, which has taken off the shelf what is in it, or a deleted cart, which has put it back. */
export function problemOfUnsold(sale: StoredSale): SaleProblem | undefined {
  return sale.cart.adopted_at === null ? problemOfMovements(sale) : undefined;
}

/** The first thing that is wrong with a refund: its hash, or its sum. */
export function problemOfRefund({ refund, lines }: StoredRefund): SaleProblem | undefined {
  const problem = (text: string): SaleProblem => ({
    cart_id: refund.cart_id,
    cart_item_id: null,
    refund_id: refund.id,
    problem: text,
  });
  const sum = lines.reduce((amount, line) => amount + line.amount, 0);
  if (sum !== refund.amount) {
    return problem(`It pays back ${fromHundredths(refund.amount)}, and its lines add up to ${sum / 100}`);
  }
  return refund.hash === refundHash(refund, lines)
    ? undefined
    : problem('Its hash is not that of its content: the refund or a line of it was changed');
}

/** What is in the cart is what the ledger says left the shelf for it; nothing once it is deleted. */
function problemOfMovements({ cart, lines, movements }: StoredSale): SaleProblem | undefined {
  for (const line of lines) {
    const taken = negated(deltaOf(movements, line, MovementReason.Sale));
    const held = cart.status === CartStatus.Deleted ? NOTHING : line.quantity;
    if (taken !== held) {
      const text = `It sells ${inUnits(held)}, and the ledger says that ${inUnits(taken)} left the shelf`;
      return problemOf(cart, text, line);
    }
  }
  const foreign = movements.find(
    ({ item_id, delta }) => delta !== 0 && lines.every((line) => line.item_id !== item_id),
  );
  return (
    foreign &&
    problemOf(cart, `The ledger has movements of item ${foreign.item_id}, which is not in the cart`)
  );
}

function problemOfSums(sale: StoredSale): SaleProblem | undefined {
  for (const line of sale.lines) {
    const text = problemOfLine(sale, line);
    if (text !== undefined) return problemOf(sale.cart, text, line);
  }
  const text = problemOfTotals(sale);
  return text === undefined ? undefined : problemOf(sale.cart, text);
}

function problemOfLine({ cart, movements, refunded }: StoredSale, line: CartItem): string | undefined {
  const sums = lineSumsOf(line as PricedLine, Boolean(cart.prices_include_tax));
  const wrong = LINE_SUMS.find((name) => line[name] !== sums[name]);
  if (wrong) return `Its ${wrong} is not that of its price, quantity and rates`;
  const own = refunded.filter(({ cart_item_id }) => cart_item_id === line.id);
  if (quantityOf(own) !== line.refunded_quantity) {
    return `It says that ${inUnits(line.refunded_quantity)} was refunded, and its refunds add up to ${inUnits(quantityOf(own))}`;
  }
  const restocked = quantityOf(own.filter(({ restock }) => restock));
  const returned = deltaOf(movements, line, MovementReason.Return);
  return returned === restocked
    ? undefined
    : `Its refunds put ${inUnits(restocked)} back, and the ledger says ${inUnits(returned)}`;
}

function problemOfTotals({ cart, lines, payments }: StoredSale): string | undefined {
  const totals: CartTotals = totalsOf(lines as unknown as LineSums[]);
  const wrong = TOTALS.find((name) => cart[name] !== totals[name]);
  if (wrong) return `Its ${wrong} is not the sum of its lines, ${fromHundredths(totals[wrong])}`;
  const paid = payments.reduce((sum, { amount }) => sum + amount, 0);
  return paid === cart.total ? undefined : `Its payments add up to ${paid / 100}, and its total is another`;
}

function problemOf(cart: Cart, problem: string, line?: CartItem): SaleProblem {
  return { cart_id: cart.id, cart_item_id: line?.id ?? null, refund_id: null, problem };
}

function deltaOf(movements: CartMovements[], { item_id }: CartItem, reason: MovementReason): Thousandths {
  return movements.find((one) => one.item_id === item_id && one.reason === reason)?.delta ?? NOTHING;
}

function quantityOf(lines: CartRefundLine[]): Thousandths {
  return thousandths(lines.reduce((sum, { quantity }) => sum + quantity, 0));
}

function inUnits(quantity: Thousandths): string {
  return String(fromThousandths(quantity));
}
