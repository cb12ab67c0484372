import { Problem } from '../validation/problem.js';
import { type LocatedProblem, ValidationException } from '../validation/validation.exception.js';

const MINUTE = 60_000;
/** For tablets that were offline. */
const OLDEST = 7 * 24 * 60 * MINUTE;
/** Clocks of tills and tablets differ. */
const MOST_AHEAD = 5 * MINUTE;

const TOO_OLD = new Problem('value_error', 'Value error, a movement is recorded within 7 days');

/** Whether a moment is still to come, by whose clock ever. */
export function isAhead(moment: string): boolean {
  return Date.parse(moment) - Date.now() > MOST_AHEAD;
}

/**
 * @param movements each with its place in the body
 * @throws ValidationException when some of them happened more than a week ago
 */
export function refuseOld(movements: { occurred_at?: string | null; place: (string | number)[] }[]): void {
  const oldest = Date.now() - OLDEST;
  const { type, msg } = TOO_OLD;
  const problems = movements
    .filter(({ occurred_at }) => occurred_at != null && Date.parse(occurred_at) < oldest)
    .map(({ place }): LocatedProblem => ({ type, loc: ['body', ...place, 'occurred_at'], msg }));
  if (problems.length > 0) throw new ValidationException(problems);
}
