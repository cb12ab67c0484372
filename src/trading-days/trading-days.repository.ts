import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';
import { sql, type SqlFragment } from '../platform/database/sql.js';

/** The queries on `trading_days`. */
@Injectable()
export class TradingDaysRepository {
  constructor(private readonly database: Database) {}

  /** Adds a day on which nothing was sold so far. */
  async add(day: string): Promise<void> {
    await this.database.write`
      insert into trading_days (account_date, is_closed) values (${day}, false) on conflict (account_date) do nothing`;
  }

  /** Whether a day is closed; undefined when nothing was sold on it. */
  find(day: string): Promise<boolean | undefined> {
    return this.read(day, sql``);
  }

  /** The same. Nobody closes or opens the day until the open transaction ends, and this waits for whoever does. */
  findForShare(day: string): Promise<boolean | undefined> {
    return this.read(day, this.database.dialect.forShare);
  }

  /** Closes or opens a day, and waits for the sales that are being completed on it. Returns false when it is so already. */
  async setClosed(day: string, isClosed: boolean): Promise<boolean> {
    const changed = await this.database.write`
      update trading_days set is_closed = ${isClosed} where account_date = ${day} and is_closed = ${!isClosed} returning account_date`;
    return changed.length > 0;
  }

  private async read(day: string, lock: SqlFragment): Promise<boolean | undefined> {
    const [found] = await this.database.read<{ is_closed: boolean | number }>`
      select is_closed from trading_days where account_date = ${day} ${lock}`;
    return found && Boolean(found.is_closed);
  }
}
