import { DatabaseClock } from '../../src/platform/database/database-clock.js';

/**
 * Lets the database's clock be the one of this process, as it is on SQLite, so that a test that moves `Date` moves time for the
 * program that runs beside it. Ends with `jest.restoreAllMocks()`.
 */
export function useProcessClock(): void {
  jest.spyOn(DatabaseClock.prototype, 'now').mockImplementation(() => Date.now());
}

/**
 * The program of a test runs in the test's own process, so its clock can be the test's: every time is then known exactly.
 * Timers go on as ever.
 */
export class Clock {
  now = Date.now();

  private constructor() {
    jest.setSystemTime(this.now);
  }

  static start(): Clock {
    const doNotFake = ['hrtime', 'nextTick', 'performance', 'queueMicrotask'] as const;
    const timers = ['setImmediate', 'setInterval', 'setTimeout'] as const;
    const clears = ['clearImmediate', 'clearInterval', 'clearTimeout'] as const;
    jest.useFakeTimers({ doNotFake: [...doNotFake, ...timers, ...clears] });
    useProcessClock();
    return new Clock();
  }

  stop(): void {
    jest.restoreAllMocks();
    jest.useRealTimers();
  }

  /** Lets time pass, and returns the time that it is then, in milliseconds. */
  goOn(milliseconds: number): number {
    this.now += milliseconds;
    jest.setSystemTime(this.now);
    return this.now;
  }
}
