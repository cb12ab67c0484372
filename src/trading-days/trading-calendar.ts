import { DateTime } from 'luxon';

/**
 * The days of a shop. A day begins at a time of day in the shop's time zone and lasts until the next one begins: 23 or 25 hours
 * where the clocks change. A time that the clocks skip counts as the one after it; of a time that comes twice the first counts.
 */
export class TradingCalendar {
  private readonly start: { hour: number; minute: number };
  /** Most times are of one day, and finding a day takes longer than all the rest of a sale's sums. */
  private last = { day: '', from: '', to: '' };

  /**
   * @param timeZone an IANA name, such as `Europe/Istanbul`
   * @param dayStartsAt `HH:MM`
   */
  constructor(
    private readonly timeZone: string,
    dayStartsAt: string,
  ) {
    const [hour, minute] = dayStartsAt.split(':').map(Number) as [number, number];
    this.start = { hour, minute };
  }

  /**
   * The day that a time belongs to, `2026-03-01`.
   *
   * @param time ISO 8601, UTC
   */
  dayOf(time: string): string {
    if (time < this.last.from || time >= this.last.to) {
      const local = DateTime.fromISO(time, { zone: this.timeZone });
      const isBefore = local.toMillis() < this.beginningOf(local).toMillis();
      const day = (isBefore ? local.minus({ days: 1 }) : local).toISODate() as string;
      this.last = { day, ...this.boundsOf(day) };
    }
    return this.last.day;
  }

  /**
   * When a day begins and when the next one does; ISO 8601, UTC.
   *
   * @param day `2026-03-01`
   */
  boundsOf(day: string): { from: string; to: string } {
    const date = DateTime.fromISO(day, { zone: this.timeZone });
    const [from, to] = [date, date.plus({ days: 1 })].map((one) => this.beginningOf(one).toUTC().toISO());
    return { from: from as string, to: to as string };
  }

  /** @param day `2026-03-01` */
  dayAfter(day: string): string {
    return DateTime.fromISO(day, { zone: 'UTC' }).plus({ days: 1 }).toISODate() as string;
  }

  private beginningOf(date: DateTime): DateTime {
    return date.startOf('day').set(this.start);
  }
}
