import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';
import type { RowStream } from '../platform/database/row-stream.js';
import type { DailyAccountEvent } from './daily-account-event.entity.js';
import type { DailyAccountItem } from './daily-account-item.entity.js';
import type { DailyAccountPayment } from './daily-account-payment.entity.js';
import type { DailyAccount } from './daily-account.entity.js';
import { accountOf } from './daily-accounts.repository.js';

/** All that is stored of a day besides its sales. */
export interface StoredDay {
  day: string;
  is_closed: boolean;
  account: StoredAccount | undefined;
}

export interface StoredAccount {
  row: DailyAccount;
  /** By id, as the rest. */
  events: DailyAccountEvent[];
  items: DailyAccountItem[];
  payments: DailyAccountPayment[];
}

/** A closing in the chain of all closings. */
export type ChainedClosing = Pick<DailyAccountEvent, 'sequence' | 'hash' | 'previous_hash'> &
  Pick<DailyAccount, 'account_date'>;

/** The queries that a verification of closed days is made from. Days are written `2026-03-01`. */
@Injectable()
export class AccountVerificationRepository {
  constructor(private readonly database: Database) {}

  /** The first day behind another one on which something was sold, refunded or closed; undefined when there is none. */
  async findNextDay(after: string): Promise<string | undefined> {
    const [next] = await this.database.read<{ day: string | null }>`
      select min(day) as day from (
        select min(account_date) as day from carts where account_date > ${after}
        union all select min(account_date) from cart_refunds where account_date > ${after}
        union all select min(account_date) from daily_accounts where account_date > ${after}
        union all select min(account_date) from trading_days where account_date > ${after}
      ) days`;
    return next?.day ?? undefined;
  }

  /** The movements up to which closings have kept the ledger's head. */
  async findLedgerHeadIds(): Promise<number[]> {
    const rows = await this.database.read<{ id: number }>`
      select ledger_head_id as id from daily_accounts where ledger_head_id is not null`;
    return rows.map(({ id }) => id);
  }

  async countCarts(): Promise<number> {
    const [counted] = await this.database.read<{ carts: number }>`
      select count(*) as carts from carts where status = 'completed'`;
    return (counted as { carts: number }).carts;
  }

  /** @param snapshot of the stream that reads the day's carts */
  async readDay(snapshot: Pick<RowStream<unknown>, 'read'>, day: string): Promise<StoredDay> {
    const [tradingDay] = await snapshot.read<{ is_closed: boolean | number }>`
      select is_closed from trading_days where account_date = ${day}`;
    const is_closed = Boolean(tradingDay?.is_closed);
    const [row] = await snapshot.read<DailyAccount>`
      select * from daily_accounts where account_date = ${day}`;
    if (!row) return { day, is_closed, account: undefined };
    const events = await snapshot.read<DailyAccountEvent>`
      select * from daily_account_events where account_id = ${row.id} order by id`;
    const items = await snapshot.read<DailyAccountItem>`
      select * from daily_account_items where account_id = ${row.id} order by id`;
    const payments = await snapshot.read<DailyAccountPayment>`
      select * from daily_account_payments where account_id = ${row.id} order by id`;
    return { day, is_closed, account: { row: accountOf(row), events, items, payments } };
  }

  /** All closings, by sequence. */
  streamClosings(): RowStream<ChainedClosing> {
    return this.database.stream<ChainedClosing>`
      select event.sequence, event.hash, event.previous_hash, account.account_date
      from daily_account_events event join daily_accounts account on account.id = event.account_id
      where event.sequence is not null order by event.sequence`;
  }
}
