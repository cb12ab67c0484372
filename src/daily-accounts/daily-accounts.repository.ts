import { Injectable } from '@nestjs/common';
import { PaymentMethod } from '../carts/cart-payment.entity.js';
import { EMPTY_HEAD, type HeadHash } from '../ledger/head-hash.js';
import { Database } from '../platform/database/database.js';
import type { RowStream } from '../platform/database/row-stream.js';
import { commaSeparated, identifier, sql } from '../platform/database/sql.js';
import { type Page, readPage, readWholeList } from '../platform/lists/page.js';
import type { PageRequest } from '../platform/lists/page-query.dto.js';
import type { SortOrder } from '../platform/lists/sort-order.js';
import type { Hundredths } from '../platform/validation/decimal.js';
import type { Reopening, SealedAccount } from './closing-seal.js';
import { DailyAccountEvent, DailyAccountEventKind } from './daily-account-event.entity.js';
import { DailyAccountItem } from './daily-account-item.entity.js';
import { DailyAccountPayment } from './daily-account-payment.entity.js';
import { DailyAccount } from './daily-account.entity.js';
import type { SalesLine, SalesPayment } from './day-sales.js';

/** What a closing continues from. */
export interface PreviousClosing {
  /** Of the last closing of any day; 0 and null before the first one. */
  sequence: number;
  hash: string | null;
  /** Of the day's account, also when that is yet to be made. */
  account_id: number;
  /** How the day was opened again; null for a day that was never closed. */
  reopening: Reopening | null;
}

/** What was paid, and paid back, by a method; null where nothing was. */
export type PaymentColumn = `${PaymentMethod}_${'amount' | 'refunded'}`;

/** An account with its payments in columns. */
export type PaidAccount = DailyAccount & Record<PaymentColumn, Hundredths | null>;

const PAYMENT_COLUMNS = Object.values(PaymentMethod).flatMap((method) =>
  ['amount', 'refunded'].map(
    (column) => sql`(
      select ${identifier(column)} from daily_account_payments payment
      where payment.account_id = account.id and payment.method = ${method}
    ) as ${identifier(`${method}_${column}`)}`,
  ),
);

const PAID_ACCOUNTS = sql`(
  select account.*, ${commaSeparated(PAYMENT_COLUMNS)} from daily_accounts account
) account`;

type Seal = Pick<DailyAccountEvent, 'content' | 'previous_hash' | 'hash'>;

/** The queries on `daily_accounts` and its tables. */
@Injectable()
export class DailyAccountsRepository {
  constructor(private readonly database: Database) {}

  /**
   * Lets one transaction at a time close or open days, so that closings are numbered without a gap. To be called before the day
   * is locked.
   */
  lock(): Promise<void> {
    return this.database.lock('daily accounts');
  }

  async findById(id: number): Promise<DailyAccount | undefined> {
    const [account] = await this.database.read<DailyAccount>`select * from daily_accounts where id = ${id}`;
    return account && accountOf(account);
  }

  async findByDate(day: string): Promise<DailyAccount | undefined> {
    const [account] = await this.database.read<DailyAccount>`
      select * from daily_accounts where account_date = ${day}`;
    return account && accountOf(account);
  }

  async list(page: PageRequest): Promise<Page<DailyAccount>> {
    const accounts = await readPage<DailyAccount>(this.database, 'daily_accounts', sql`true`, page);
    return accounts.map(accountOf);
  }

  /** All accounts, each with its payments. */
  async listWithPayments(sort: SortOrder): Promise<PaidAccount[] | RowStream<PaidAccount>> {
    const accounts = await readWholeList<PaidAccount>(this.database, PAID_ACCOUNTS, undefined, sort);
    return accounts.map((account) => ({ ...account, ...accountOf(account) }));
  }

  /** The payments of some accounts, in the order in which they were recorded. */
  async findPayments(accountIds: number[]): Promise<DailyAccountPayment[]> {
    if (accountIds.length === 0) return [];
    return this.database.read<DailyAccountPayment>`
      select * from daily_account_payments
      where account_id in (${commaSeparated(accountIds.map((id) => sql`${id}`))}) order by id`;
  }

  findItems(accountId: number): Promise<DailyAccountItem[]> {
    return this.database.read<DailyAccountItem>`
      select * from daily_account_items where account_id = ${accountId} order by id`;
  }

  findEvents(accountId: number): Promise<DailyAccountEvent[]> {
    return this.database.read<DailyAccountEvent>`
      select * from daily_account_events where account_id = ${accountId} order by id`;
  }

  /** The furthest head of the ledger that a closing covers. */
  async findLastLedgerHead(): Promise<HeadHash> {
    const [head] = await this.database.read<HeadHash>`
      select ledger_head_id as id, ledger_head as hash from daily_accounts
      where ledger_head_id is not null order by ledger_head_id desc limit 1`;
    return head ?? EMPTY_HEAD;
  }

  /** What the next closing of a day continues from. Inside the transaction that has the {@link lock}. */
  async findPrevious(day: string): Promise<PreviousClosing> {
    const [last] = await this.database.read<{ sequence: number; hash: string }>`
      select sequence, hash from daily_account_events where sequence is not null order by sequence desc limit 1`;
    const { sequence = 0, hash = null } = last ?? {};
    const known = await this.findByDate(day);
    if (!known) {
      const [id] = await this.database.takeIds('daily_accounts', 1);
      return { sequence, hash, account_id: id as number, reopening: null };
    }
    const [reopening] = await this.database.read<Reopening>`
      select created_at, created_by, reason from daily_account_events
      where account_id = ${known.id} and kind = ${DailyAccountEventKind.Opened} order by id desc limit 1`;
    return { sequence, hash, account_id: known.id, reopening: reopening ?? null };
  }

  /** Records a closing in place of the account's last one, which stays among its events. Inside the transaction. */
  async recordClosing(
    account: SealedAccount,
    lines: SalesLine[],
    payments: SalesPayment[],
    seal: Seal,
  ): Promise<DailyAccount> {
    const { id: account_id, closed_at, closed_by, sequence } = account;
    const values = {
      ...account,
      hash: seal.hash as string,
      is_closed: true,
      updated_by: closed_by,
      updated_at: closed_at,
    };
    const updated = await this.database.update(DailyAccount, sql`id = ${account_id}`, values);
    const recorded =
      updated ??
      (await this.database.insert(DailyAccount, { ...values, created_by: closed_by, created_at: closed_at }));
    if (updated) {
      await this.database.write`delete from daily_account_items where account_id = ${account_id}`;
      await this.database.write`delete from daily_account_payments where account_id = ${account_id}`;
    }
    const itemOf = (line: SalesLine) => ({ account_id, ...line, created_at: closed_at });
    this.database.insertAllPipelined(DailyAccountItem, lines.map(itemOf));
    const paymentOf = (payment: SalesPayment) => ({ account_id, ...payment });
    this.database.insertAllPipelined(DailyAccountPayment, payments.map(paymentOf));
    this.recordEvent({
      account_id,
      kind: DailyAccountEventKind.Closed,
      sequence,
      reason: null,
      ...seal,
      created_by: closed_by,
      created_at: closed_at,
    });
    return accountOf(recorded);
  }

  /** Opens an account again, inside the transaction. */
  async recordReopening(id: number, { created_at, created_by, reason }: Reopening): Promise<DailyAccount> {
    const account = await this.database.update(DailyAccount, sql`id = ${id}`, {
      is_closed: false,
      updated_by: created_by,
      updated_at: created_at,
    });
    this.recordEvent({
      account_id: id,
      kind: DailyAccountEventKind.Opened,
      sequence: null,
      reason,
      content: null,
      previous_hash: null,
      hash: null,
      created_by,
      created_at,
    });
    return accountOf(account as DailyAccount);
  }

  private recordEvent(event: Omit<DailyAccountEvent, 'id'>): void {
    this.database.insertAllPipelined(DailyAccountEvent, [event]);
  }
}

/** SQLite has no booleans: it returns 0 and 1. */
export function accountOf(
  row: Omit<DailyAccount, 'is_closed'> & { is_closed: boolean | number },
): DailyAccount {
  return { ...row, is_closed: Boolean(row.is_closed) };
}
