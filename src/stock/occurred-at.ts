import { ValidationException } from '../platform/validation/validation.exception.js';
import type { Location, ValidationIssue } from '../platform/validation/validation-issue.js';

const MINUTE_MS = 60_000;
/** For tablets that were offline. */
const MAX_AGE_MS = 7 * 24 * 60 * MINUTE_MS;
/** Clocks of tills and tablets are not exact. */
const MAX_AHEAD_MS = 5 * MINUTE_MS;

const TOO_OLD = { type: 'value_error', msg: 'Value error, a movement is recorded within 7 days' };

/** Whether a time is in the future, even for a client whose clock is ahead. */
export function isAhead(time: string): boolean {
  return Date.parse(time) - Date.now() > MAX_AHEAD_MS;
}

/**
 * @param times when things happened; nothing for now
 * @param locationOf the location of each time in the request
 * @throws ValidationException when some of them are more than a week ago
 */
export function assertRecent(
  times: (string | null | undefined)[],
  locationOf: (index: number) => Location,
): void {
  const oldest = Date.now() - MAX_AGE_MS;
  const issues = times.flatMap((time, index): ValidationIssue[] =>
    time != null && Date.parse(time) < oldest ? [{ ...TOO_OLD, loc: locationOf(index) }] : [],
  );
  if (issues.length > 0) throw new ValidationException(issues);
}
