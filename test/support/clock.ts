import { DatabaseClock } from '../../src/database/database-clock.js';

/**
 * Lets the database's clock be the one of this process, as it is on SQLite, so that a test that moves `Date` moves time for the
 * program that runs beside it. Ends with `jest.restoreAllMocks()`.
 */
export function useProcessClock(): void {
  jest.spyOn(DatabaseClock.prototype, 'now').mockImplementation(() => Date.now());
}
