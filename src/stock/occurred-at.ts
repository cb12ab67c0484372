import { Problem, type ProblemAt } from '../platform/validation/validation-issue.js';
import { ValidationException } from '../platform/validation/validation.exception.js';

const MINUTE = 60_000;
/** For tablets that were offline. */
const OLDEST = 7 * 24 * 60 * MINUTE;
/** Clocks of tills and tablets are not exact. */
const MOST_AHEAD = 5 * MINUTE;

const TOO_OLD = new Problem('value_error', 'Value error, a movement is recorded within 7 days');

/** Whether a time is in the future, even for a client whose clock is ahead. */
export function isAhead(moment: string): boolean {
  return Date.parse(moment) - Date.now() > MOST_AHEAD;
}

/**
 * @param pathTo the path to each movement in the request body
 * @throws ValidationException when some of them happened more than a week ago
 */
export function assertRecent(
  movements: { occurred_at?: string | null }[],
  pathTo: (index: number) => ProblemAt['path'],
): void {
  const oldest = Date.now() - OLDEST;
  const problems = movements.flatMap(({ occurred_at }, index) =>
    occurred_at != null && Date.parse(occurred_at) < oldest
      ? [{ problem: TOO_OLD, path: [...pathTo(index), 'occurred_at'] }]
      : [],
  );
  if (problems.length > 0) throw ValidationException.ofAll(problems, 'body');
}
