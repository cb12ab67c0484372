const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;

/**
 * How failed logins are throttled, with all the numbers.
 *
 * A failure counts three times: for the account at this address, for the account at any address, and for the address with
 * any account. Some failures of each are free. The last free one, and each one after it, makes the next login wait: 5 s,
 * 10 s, 20 s and so on up to 15 minutes. A login that comes too early is refused, whatever its password; it does not
 * count, and makes nobody wait longer. A count ends a day after it began.
 *
 * A success ends the count of its account at this address, and makes the two known to each other for 30 days. There, only
 * their own failures count from then on, and for nothing else: whoever hammers an account from somewhere else does not
 * shut its owner out, and a device gone wild does not shut out the shop around it.
 *
 * - The account is the name that was typed, whatever its spelling. An unknown one is throttled like any other, so that nothing can be learnt.
 * - The address of IPv6 is the network (/64), all of which belongs to one customer.
 */
export const LOGIN_THROTTLE_POLICY = {
  freeFailures: { accountAtAddress: 10, account: 100, address: 100 },
  firstDelayMs: 5 * SECOND_MS,
  maxDelayMs: 15 * MINUTE_MS,
  countLifetimeMs: DAY_MS,
  knownLifetimeMs: 30 * DAY_MS,
};
