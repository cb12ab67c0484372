import type { Cart } from '../carts/cart.entity.js';
import { problemOfRefund, problemOfSale, problemOfUnsold, type SaleProblem } from '../carts/sale-problems.js';
import type { SalesVerificationRepository, StoredSale } from '../carts/sales-verification.repository.js';
import type { CompletedCart, PaidAmount, SoldLines } from '../carts/completed-sales.repository.js';
import { problemOfDay } from './account-problems.js';
import type { AccountVerificationRepository } from './account-verification.repository.js';
import { DaySales } from './day-sales.js';

/** What is not as it has to be. */
export interface SalesProblem extends Partial<SaleProblem> {
  /** Null for a cart that is not sold, or not there. */
  account_date: string | null;
  problem: string;
}

export interface VerifiedSales {
  carts: number;
  refunds: number;
  /** Days with an account that is closed. */
  closedDays: number;
  problems: number;
  firstProblem: SalesProblem | null;
}

/** Called with the number of carts that have been verified, and of all. */
export type SalesProgress = (carts: number, total: number) => void;

/**
 * Verifies every cart, every refund, every account and the chain of closings: hashes, sums, and what the ledger says of
 * them. Others go on selling meanwhile. Each day is read from a snapshot of its own, and memory does not grow with their number.
 *
 * @param heads hashes of a verified ledger up to the movements of {@link AccountVerificationRepository.findLedgerHeadIds}; a day
 *   that is closed meanwhile has another one, which is not verified
 */
export async function verifySales(
  sales: SalesVerificationRepository,
  accounts: AccountVerificationRepository,
  heads: ReadonlyMap<number, string | null>,
  progress: SalesProgress = () => undefined,
): Promise<VerifiedSales> {
  const verification = new SalesVerification(sales, accounts, heads, progress);
  await verification.verifyDays();
  await verification.verifyChain();
  await verification.verifyUnsold();
  return verification.result;
}

class SalesVerification {
  readonly result: VerifiedSales = { carts: 0, refunds: 0, closedDays: 0, problems: 0, firstProblem: null };

  constructor(
    private readonly sales: SalesVerificationRepository,
    private readonly accounts: AccountVerificationRepository,
    private readonly heads: ReadonlyMap<number, string | null>,
    private readonly progress: SalesProgress,
  ) {}

  async verifyDays(): Promise<void> {
    const total = await this.accounts.countCarts();
    for (let day: string | undefined = ''; (day = await this.accounts.findNextDay(day)) !== undefined;) {
      await this.verifyDay(day, total);
    }
  }

  /** Closings are numbered from 1 without a gap, and each names the hash of the one before. */
  async verifyChain(): Promise<void> {
    let [sequence, hash]: [number, string | null] = [0, null];
    for await (const closings of this.accounts.streamClosings()) {
      for (const closing of closings) {
        sequence++;
        if (closing.sequence !== sequence) {
          this.note(
            closing.account_date,
            `Closing ${sequence} is missing before closing ${closing.sequence}`,
          );
          sequence = closing.sequence as number;
        } else if (closing.previous_hash !== hash) {
          this.note(
            closing.account_date,
            `Closing ${sequence} does not follow the one before it: it was changed`,
          );
        }
        ({ hash } = closing);
      }
    }
  }

  /** Drafts and deleted carts, and movements of carts that are not there. */
  async verifyUnsold(): Promise<void> {
    const carts = this.sales.streamUnsoldCarts();
    for await (const batch of carts) {
      for await (const slice of this.sales.readSales(carts, batch)) {
        for (const sale of slice) this.noteSale(null, problemOfUnsold(sale));
      }
    }
    const cart_id = await this.sales.findMissingCart();
    if (cart_id === undefined) return;
    this.count({
      account_date: null,
      cart_id,
      problem: 'The ledger has movements of it, and it is not there',
    });
  }

  private async verifyDay(day: string, total: number): Promise<void> {
    const sums = new DaySales();
    const carts = this.sales.streamCarts(day);
    try {
      const stored = await this.accounts.readDay(carts, day);
      for await (const refunds of this.sales.readRefunds(carts, day)) {
        this.result.refunds += refunds.length;
        sums.addRefunds(refunds.map(({ refund }) => refund));
        for (const refund of refunds) this.noteSale(day, problemOfRefund(refund));
      }
      for await (const batch of carts) await this.verifyCarts(day, carts, batch, sums, total);
      this.note(day, problemOfDay(stored, sums));
      if (!stored.account) return;
      const { is_closed, ledger_head_id, ledger_head } = stored.account.row;
      if (is_closed) this.result.closedDays++;
      const head = this.heads.get(ledger_head_id ?? 0);
      if (head !== undefined && head !== ledger_head) {
        this.note(day, `The ledger up to movement ${ledger_head_id} is not that of its closing`);
      }
    } finally {
      await carts.return();
    }
  }

  private async verifyCarts(
    day: string,
    snapshot: ReturnType<SalesVerificationRepository['streamCarts']>,
    carts: Cart[],
    sums: DaySales,
    total: number,
  ): Promise<void> {
    for await (const slice of this.sales.readSales(snapshot, carts)) {
      for (const sale of slice) this.noteSale(day, problemOfSale(sale));
      add(sums, slice);
      this.result.carts += slice.length;
      this.progress(this.result.carts, total);
    }
  }

  private noteSale(account_date: string | null, problem: SaleProblem | undefined): void {
    if (problem) this.count({ account_date, ...problem });
  }

  private note(account_date: string, problem: string | undefined): void {
    if (problem !== undefined) this.count({ account_date, problem });
  }

  private count(problem: SalesProblem): void {
    this.result.problems++;
    this.result.firstProblem ??= problem;
  }
}

/** Adds completed carts up as a closing does. */
function add(sums: DaySales, sales: StoredSale[]): void {
  sums.addCarts(
    sales.map(({ cart }) => cart as CompletedCart),
    sales.flatMap(({ lines }) => lines.map(soldLinesOf)),
    sales.flatMap(({ payments }): PaidAmount[] => payments),
  );
}

function soldLinesOf(line: StoredSale['lines'][number]): SoldLines {
  return {
    item_id: line.item_id,
    name: line.name,
    sku: line.sku,
    unit_price: line.unit_price,
    discount_rate: line.discount_rate,
    tax_rate: line.tax_rate,
    quantity: line.quantity,
    line_subtotal: line.line_subtotal,
    line_discount: line.line_discount,
    line_tax: line.line_tax,
    line_total: line.line_total,
    lines: 1,
  } as SoldLines;
}
