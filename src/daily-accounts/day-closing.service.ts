import { setImmediate as nextTurn } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import {
  type CompletedCart,
  CompletedSalesRepository,
  type SalesReader,
} from '../carts/completed-sales.repository.js';
import type { HeadHash } from '../ledger/head-hash.js';
import { LedgerHeadService } from '../ledger/ledger-head.service.js';
import type { CurrentUser } from '../platform/authorization/current-user.decorator.js';
import { Database } from '../platform/database/database.js';
import { CodedException } from '../platform/errors/coded.exception.js';
import { Versioned } from '../platform/http/versioned.js';
import { minus } from '../platform/validation/decimal.js';
import { ValidationException } from '../platform/validation/validation.exception.js';
import { TradingDaysService } from '../trading-days/trading-days.service.js';
import { closingHash, contentOf } from './closing-seal.js';
import { type ClosedAccount, DailyAccountsRepository } from './daily-accounts.repository.js';
import { DaySales, expectedCash } from './day-sales.js';
import { TODAY } from './dto/account-date.field.js';
import { type DailyAccountResponse, dailyAccountResponseOf } from './dto/daily-account-response.dto.js';
import type { DayClose } from './dto/day-close.dto.js';

/** Carts that are added up at a time, about a millisecond's work. */
const SLICE = 50;

const TO_COME = { type: 'value_error', msg: 'Value error, the day has not begun yet' };

/** A day added up, before it is closed. */
export interface PreparedClosing {
  day: string;
  /** Undefined when the day was closed already. */
  sums?: { sales: DaySales; head: HeadHash };
}

/**
 * Closes days. What takes long is done before the transaction, so that nobody waits for it: reading the day's carts, and the
 * ledger since the last closing. The transaction then locks the day and adds only what was sold meanwhile.
 */
@Injectable()
export class DayClosingService {
  constructor(
    private readonly sales: CompletedSalesRepository,
    private readonly accounts: DailyAccountsRepository,
    private readonly days: TradingDaysService,
    private readonly ledger: LedgerHeadService,
    private readonly database: Database,
  ) {}

  /**
   * Adds up a day, outside of any transaction.
   *
   * @param named a date, or `today`
   * @throws ValidationException for a day to come
   */
  async prepare(named: string): Promise<PreparedClosing> {
    const today = this.days.today();
    const day = named === TODAY ? today : named;
    if (day > today) throw ValidationException.of(TO_COME, 'query', 'account_date');
    if (await this.days.isClosed(day)) return { day };
    const sales = new DaySales();
    const stream = this.sales.streamCarts(day);
    for await (const carts of stream) await this.addCarts(sales, carts, stream);
    for await (const refunds of this.sales.streamRefunds(day)) sales.addRefunds(refunds);
    const head = await this.ledger.advance(await this.accounts.findLastLedgerHead());
    return { day, sums: { sales, head } };
  }

  /**
   * Closes a day as it is now.
   *
   * @throws CodedException 409 when it is closed already
   * @throws CodedException 400 when nothing was sold or refunded on it
   */
  async close(
    { day, sums }: PreparedClosing,
    cash: DayClose,
    actor: CurrentUser,
  ): Promise<Versioned<DailyAccountResponse>> {
    if (!sums) throw closedAlready();
    return this.database.transaction(async () => {
      await this.accounts.lock();
      if (!(await this.days.close(day))) throw closedAlready();
      await this.addMissing(day, sums.sales);
      return this.record(day, sums.sales, sums.head, cash, actor);
    });
  }

  /** @param reader has a connection of its own in a stream, and does not wait for those that sell meanwhile */
  private async addCarts(sales: DaySales, carts: CompletedCart[], reader: SalesReader): Promise<void> {
    for (let start = 0; start < carts.length; start += SLICE) {
      const slice = carts.slice(start, start + SLICE);
      const ids = slice.map(({ id }) => id);
      sales.addCarts(
        slice,
        await this.sales.sumLines(reader, ids),
        await this.sales.sumPayments(reader, ids),
      );
      await nextTurn();
    }
  }

  /** What was completed and refunded after the day was added up and before it was locked. */
  private async addMissing(day: string, sales: DaySales): Promise<void> {
    const cartIds = sales.missingCarts(await this.sales.findCartIds(day));
    if (cartIds.length > 0) await this.addCarts(sales, await this.sales.findCarts(cartIds), this.database);
    const refundIds = sales.missingRefunds(await this.sales.findRefundIds(day));
    if (refundIds.length > 0) sales.addRefunds(await this.sales.findRefunds(refundIds));
  }

  private async record(
    day: string,
    sales: DaySales,
    head: HeadHash,
    { opening_float = null, counted_cash = null }: DayClose,
    actor: CurrentUser,
  ): Promise<Versioned<DailyAccountResponse>> {
    if (sales.isEmpty) {
      throw new CodedException(400, 'nothing_sold', 'Nothing was sold or refunded on this day');
    }
    if (!sales.isExact) {
      throw new CodedException(409, 'amount_too_large', 'The sums of this day are too large');
    }
    const previous = await this.accounts.findLastClosing();
    const { lines, payments } = sales;
    const account: ClosedAccount = {
      account_date: day,
      sequence: (previous?.sequence ?? 0) + 1,
      ...sales.totals,
      open_carts: await this.sales.countDrafts(),
      opening_float,
      counted_cash,
      cash_difference:
        counted_cash === null ? null : minus(counted_cash, expectedCash(opening_float, payments)),
      closed_at: this.database.clock.timestamp(),
      closed_by: actor.id,
      ledger_head_id: head.id,
      ledger_head: head.hash,
      adopted_at: null,
    };
    const { id, reopening } = await this.accounts.findOrTakeId(day);
    const content = contentOf({
      account: { id, ...account },
      payments,
      lines,
      carts: sales.carts,
      refunds: sales.refunds,
      reopening,
    });
    const previousHash = previous?.hash ?? null;
    const seal = { content, previous_hash: previousHash, hash: closingHash(content, previousHash) };
    const recorded = await this.accounts.recordClosing({ id, ...account }, lines, payments, seal);
    return dailyAccountResponseOf(recorded, payments);
  }
}

function closedAlready(): CodedException {
  return new CodedException(409, 'day_closed', 'The day is closed already');
}
