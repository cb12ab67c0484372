import { Injectable } from '@nestjs/common';
import type { CurrentUser } from '../platform/authorization/current-user.decorator.js';
import { Table } from '../platform/csv/table.js';
import { Database } from '../platform/database/database.js';
import { CodedException } from '../platform/errors/coded.exception.js';
import type { Versioned } from '../platform/http/versioned.js';
import type { Page } from '../platform/lists/page.js';
import type { PageRequest } from '../platform/lists/page-query.dto.js';
import { TradingDaysService } from '../trading-days/trading-days.service.js';
import type { DailyAccount } from './daily-account.entity.js';
import { DailyAccountsRepository } from './daily-accounts.repository.js';
import { ACCOUNT_COLUMNS, exportedAccountOf } from './exported-account.js';
import type { DailyAccountExportQuery } from './dto/daily-account-export-query.dto.js';
import {
  type DailyAccountEventResponse,
  dailyAccountEventResponseOf,
} from './dto/daily-account-event-response.dto.js';
import {
  dailyAccountBodyOf,
  type DailyAccountResponse,
  dailyAccountResponseOf,
  type DailySummaryResponse,
  dailySummaryResponseOf,
} from './dto/daily-account-response.dto.js';
import type { DayOpen } from './dto/day-open.dto.js';

/** Accounts of closed days. Closing a day makes or replaces its account; opening it again keeps the account and all closings. */
@Injectable()
export class DailyAccountsService {
  constructor(
    private readonly accounts: DailyAccountsRepository,
    private readonly days: TradingDaysService,
    private readonly database: Database,
  ) {}

  async list(page: PageRequest): Promise<Page<DailyAccountResponse>> {
    const accounts = await this.accounts.list(page);
    const payments = await this.accounts.findPayments(accounts.rows.map(({ id }) => id));
    return accounts.map((account) =>
      dailyAccountBodyOf(
        account,
        payments.filter(({ account_id }) => account_id === account.id),
      ),
    );
  }

  /** All accounts as a file. */
  async export(query: DailyAccountExportQuery): Promise<Table> {
    const accounts = await this.accounts.listWithPayments(query.sort);
    return Table.of(accounts.map(exportedAccountOf), ACCOUNT_COLUMNS, query);
  }

  /** @throws CodedException 404 */
  async getSummary(id: number): Promise<Versioned<DailySummaryResponse>> {
    for (;;) {
      const account = (await this.accounts.findById(id)) ?? throwNotFound();
      const [payments, items] = [await this.accounts.findPayments([id]), await this.accounts.findItems(id)];
      // Somebody may have closed the day again meanwhile, which replaces them.
      if ((await this.accounts.findById(id))?.sequence === account.sequence) {
        return dailySummaryResponseOf(account, payments, items);
      }
    }
  }

  /**
   * @param named a date, or `today`
   * @throws CodedException 404
   */
  async getSummaryByDate(named: string): Promise<Versioned<DailySummaryResponse>> {
    return this.getSummary((await this.findByDate(named)).id);
  }

  /**
   * The closings and reopenings of an account, oldest first.
   *
   * @throws CodedException 404
   */
  async listEvents(id: number): Promise<DailyAccountEventResponse[]> {
    if (!(await this.accounts.findById(id))) throwNotFound();
    return (await this.accounts.findEvents(id)).map(dailyAccountEventResponseOf);
  }

  /**
   * Opens a closed day, so that sales that happened on it are on it again.
   *
   * @throws CodedException 404, 409 when it is open already
   */
  open(id: number, { reason = null }: DayOpen, actor: CurrentUser): Promise<Versioned<DailyAccountResponse>> {
    return this.database.transaction(async () => {
      await this.accounts.lock();
      const { account_date } = (await this.accounts.findById(id)) ?? throwNotFound();
      if (!(await this.days.open(account_date))) {
        throw new CodedException(409, 'day_open', 'The day is open already');
      }
      const created_at = this.database.clock.timestamp();
      const account = await this.accounts.recordReopening(id, { created_at, created_by: actor.id, reason });
      return dailyAccountResponseOf(account, await this.accounts.findPayments([id]));
    });
  }

  /**
   * @param named a date, or `today`
   * @throws CodedException 404, 409 when it is open already
   */
  openByDate(
    named: string,
    reopening: DayOpen,
    actor: CurrentUser,
  ): Promise<Versioned<DailyAccountResponse>> {
    return this.database.transaction(async () =>
      this.open((await this.findByDate(named)).id, reopening, actor),
    );
  }

  private async findByDate(named: string): Promise<DailyAccount> {
    return (await this.accounts.findByDate(this.days.resolve(named))) ?? throwNotFound();
  }
}

function throwNotFound(): never {
  throw new CodedException(404, 'account_not_found', 'There is no account of this day');
}
