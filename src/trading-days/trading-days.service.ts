import { Injectable } from '@nestjs/common';
import { Settings } from '../platform/config/settings.js';
import { DatabaseClock } from '../platform/database/database-clock.js';
import { TODAY } from './account-date.field.js';
import { TradingCalendar } from './trading-calendar.js';
import { TradingDaysRepository } from './trading-days.repository.js';

/**
 * Which day a sale is accounted for. Completing a sale and closing its day exclude each other by the row of the day, so that a
 * sale is on just one day. Days are written `2026-03-01`.
 */
@Injectable()
export class TradingDaysService {
  readonly calendar: TradingCalendar;

  constructor(
    private readonly days: TradingDaysRepository,
    private readonly clock: DatabaseClock,
    settings: Settings,
  ) {
    this.calendar = new TradingCalendar(settings.shopTimeZone, settings.dayStartsAt);
  }

  today(): string {
    return this.calendar.dayOf(this.clock.timestamp());
  }

  /** @param named a date, or `today` */
  resolve(named: string): string {
    return named === TODAY ? this.today() : named;
  }

  /**
   * The day for a sale or a refund of a time: its own, or the next one that is not closed. It stays open until the open
   * transaction ends.
   *
   * @param time ISO 8601, UTC
   */
  async takeOpenDay(time: string): Promise<string> {
    for (let day = this.calendar.dayOf(time); ; day = this.calendar.dayAfter(day)) {
      if (!(await this.isClosedForShare(day))) return day;
    }
  }

  /**
   * Closes a day inside the open transaction: sales that are being completed on it are waited for, and later ones are not on it.
   *
   * @returns false when it is closed already
   */
  async close(day: string): Promise<boolean> {
    await this.days.add(day);
    return this.days.setClosed(day, true);
  }

  /**
   * Opens a closed day inside the open transaction.
   *
   * @returns false when it is open already
   */
  open(day: string): Promise<boolean> {
    return this.days.setClosed(day, false);
  }

  /** Whether a day is closed now. Somebody may close or open it the next moment. */
  async isClosed(day: string): Promise<boolean> {
    return (await this.days.find(day)) ?? false;
  }

  private async isClosedForShare(day: string): Promise<boolean> {
    const isClosed = await this.days.findForShare(day);
    if (isClosed !== undefined) return isClosed;
    await this.days.add(day);
    return (await this.days.findForShare(day)) as boolean;
  }
}
