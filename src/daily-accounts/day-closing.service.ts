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
import { closingHash, contentOf, type SealedAccount } from './closing-seal.js';
import { DailyAccountsRepository, type PreviousClosing } from './daily-accounts.repository.js';
import { DaySales, expectedCash } from './day-sales.js';
import { type DailyAccountResponse, dailyAccountResponseOf } from './dto/daily-account-response.dto.js';
import type { DayClose } from './dto/day-close.dto.js';

/** Carts that are added up at a time, about a millisecond's work. */
const SLICE = 50;

/** Longer than from the time that a sale notes down to its commit. */
const MAX_TRANSACTION_MS = 60_000;

const TO_COME = { type: 'value_error', msg: 'Value error, the day has not begun yet' };

/** A day added up, before it is closed. */
export interface PreparedClosing {
  day: string;
  /** Undefined when the day was closed already. */
  sums?: { sales: DaySales; head: HeadHash; addedUpAt: number };
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
    const day = this.days.resolve(named);
    if (day > this.days.today()) throw ValidationException.of(TO_COME, 'query', 'account_date');
    if (await this.days.isClosed(day)) return { day };
    const addedUpAt = this.database.clock.now();
    const sales = new DaySales();
    const stream = this.sales.streamCarts(day);
    for await (const carts of stream) await this.addCarts(sales, carts, stream);
    for await (const refunds of this.sales.streamRefunds(day)) sales.addRefunds(refunds);
    const head = await this.ledger.advance(await this.accounts.findLastLedgerHead());
    return { day, sums: { sales, head, addedUpAt } };
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
      const previous = await this.accounts.findPrevious(day);
      // From here on, nobody completes a sale on this day, and those who try wait.
      if (!(await this.days.close(day))) throw closedAlready();
      await this.addMissing(day, sums.sales, sums.addedUpAt);
      return this.record(day, sums.sales, sums.head, previous, cash, actor);
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

  /**
   * What was completed and refunded after the day was added up and before it was locked. Sales never leave a day, so the count
   * says whether all are there.
   */
  private async addMissing(day: string, sales: DaySales, addedUpAt: number): Promise<void> {
    const count = await this.sales.count(day);
    const since = new Date(addedUpAt - MAX_TRANSACTION_MS).toISOString();
    for (const from of [since, undefined]) {
      if (sales.count.carts < count.carts) {
        const ids = sales.missingCarts(await this.sales.findCartIds(day, from));
        await this.addCarts(sales, await this.sales.findCarts(ids), this.database);
      }
      if (sales.count.refunds < count.refunds) {
        const ids = sales.missingRefunds(await this.sales.findRefundIds(day, from));
        sales.addRefunds(await this.sales.findRefunds(ids));
      }
    }
  }

  private async record(
    day: string,
    sales: DaySales,
    head: HeadHash,
    previous: PreviousClosing,
    { opening_float = null, counted_cash = null }: DayClose,
    actor: CurrentUser,
  ): Promise<Versioned<DailyAccountResponse>> {
    if (sales.count.carts + sales.count.refunds === 0) {
      throw new CodedException(400, 'nothing_sold', 'Nothing was sold or refunded on this day');
    }
    if (!sales.isExact) {
      throw new CodedException(409, 'amount_too_large', 'The sums of this day are too large');
    }
    const { lines, payments } = sales;
    const account: SealedAccount = {
      id: previous.account_id,
      account_date: day,
      sequence: previous.sequence + 1,
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
    const content = contentOf({
      account,
      payments,
      lines,
      carts: sales.carts,
      refunds: sales.refunds,
      reopening: previous.reopening,
    });
    const seal = { content, previous_hash: previous.hash, hash: closingHash(content, previous.hash) };
    const recorded = await this.accounts.recordClosing(account, lines, payments, seal);
    return dailyAccountResponseOf(recorded, payments);
  }
}

function closedAlready(): CodedException {
  return new CodedException(409, 'day_closed', 'The day is closed already');
}
