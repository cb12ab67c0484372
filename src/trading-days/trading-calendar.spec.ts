import { TradingCalendar } from './trading-calendar.js';

describe('TradingCalendar', () => {
  it('takes days of the time zone, not of UTC', () => {
    const istanbul = new TradingCalendar('Europe/Istanbul', '00:00');
    expect(istanbul.dayOf('2026-03-01T20:59:59.999Z')).toBe('2026-03-01');
    expect(istanbul.dayOf('2026-03-01T21:00:00.000Z')).toBe('2026-03-02');
    expect(istanbul.boundsOf('2026-03-02')).toEqual({
      from: '2026-03-01T21:00:00.000Z',
      to: '2026-03-02T21:00:00.000Z',
    });
  });

  it('lets a day last until the next one begins', () => {
    const bar = new TradingCalendar('Europe/Istanbul', '04:00');
    expect(bar.dayOf('2026-03-02T00:59:59.999Z')).toBe('2026-03-01');
    expect(bar.dayOf('2026-03-02T01:00:00.000Z')).toBe('2026-03-02');
  });

  it('has 25 hours on the day on which the clocks go back, and 23 when they go forward', () => {
    const newYork = new TradingCalendar('America/New_York', '00:00');
    expect(newYork.boundsOf('2026-11-01')).toEqual({
      from: '2026-11-01T04:00:00.000Z',
      to: '2026-11-02T05:00:00.000Z',
    });
    expect(newYork.boundsOf('2026-03-08')).toEqual({
      from: '2026-03-08T05:00:00.000Z',
      to: '2026-03-09T04:00:00.000Z',
    });
    expect(newYork.dayOf('2026-11-02T04:59:59.999Z')).toBe('2026-11-01');
  });

  it.each(['00:00', '01:30', '02:30', '04:00'])(
    'puts every quarter of an hour around a change of the clocks on just one day that has it, from %s on',
    (dayStartsAt) => {
      const calendar = new TradingCalendar('America/New_York', dayStartsAt);
      for (const first of [Date.UTC(2026, 2, 7), Date.UTC(2026, 9, 31)]) {
        for (let time = first; time < first + 3 * 24 * 3_600_000; time += 15 * 60_000) {
          const iso = new Date(time).toISOString();
          const day = calendar.dayOf(iso);
          const { from, to } = calendar.boundsOf(day);
          expect(from <= iso && iso < to).toBe(true);
          expect(calendar.boundsOf(calendar.dayAfter(day)).from).toBe(to);
          expect(new TradingCalendar('America/New_York', dayStartsAt).dayOf(iso)).toBe(day);
        }
      }
    },
  );

  it('goes from one month and year to the next', () => {
    const calendar = new TradingCalendar('UTC', '00:00');
    expect(calendar.dayAfter('2026-12-31')).toBe('2027-01-01');
    expect(calendar.dayAfter('2028-02-28')).toBe('2028-02-29');
  });
});
