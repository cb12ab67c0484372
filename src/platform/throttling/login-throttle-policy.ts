const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;

/**
 * How failed logins are throttled.
 *
 * A failed login counts for three keys: the account at this address, the account at any address, and the address with any
 * account. Each key has some free failures. The last free failure and each one after it delay the next login: by 5 s, 10 s,
 * 20 s and so on up to 15 minutes. A login that comes too early is rejected, even with the right password. It does not count
 * and does not extend the delay. A count expires after a day.
 *
 * A successful login resets the count of the account at this address, and makes the pair known for 30 days. From then on,
 * only failures of this pair count there, and they count for no other key. So an attacker elsewhere can't lock out the owner
 * of an account, and a faulty device can't lock out the shop around it.
 *
 * - The account is the name that was typed, in any spelling. Unknown names are throttled too, so that the throttle does not
 *   reveal which names exist.
 * - An IPv6 address counts as its network (/64), which belongs to one customer.
 */
export const LOGIN_THROTTLE_POLICY = {
  freeFailures: { accountAtAddress: 10, account: 100, address: 100 },
  firstDelayMs: 5 * SECOND_MS,
  maxDelayMs: 15 * MINUTE_MS,
  countLifetimeMs: DAY_MS,
  knownLifetimeMs: 30 * DAY_MS,
};
