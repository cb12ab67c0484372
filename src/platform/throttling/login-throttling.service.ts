import { availableParallelism } from 'node:os';
import { Injectable } from '@nestjs/common';
import pLimit from 'p-limit';
import { Settings } from '../config/settings.js';
import { DatabaseClock } from '../database/database-clock.js';
import { CodedException } from '../errors/coded.exception.js';
import { TooManyRequestsException } from '../errors/too-many-requests.exception.js';
import { type LoginResult, Metrics } from '../metrics/metrics.js';
import { LoginThrottlesRepository } from './login-throttles.repository.js';
import { type ThrottleKey, type LoginThrottleKeys, throttleKeysOf } from './throttle-keys.js';

/** Slows down password guessing, by {@link LOGIN_THROTTLE_POLICY}. */
@Injectable()
export class LoginThrottlingService {
  /** As many password checks at once as there are cores. The other logins of a burst then see the failures before them. */
  private readonly limitConcurrency = pLimit(availableParallelism());

  constructor(
    private readonly settings: Settings,
    private readonly throttles: LoginThrottlesRepository,
    private readonly metrics: Metrics,
    private readonly clock: DatabaseClock,
  ) {}

  /**
   * Runs `authenticate` and counts its failures.
   *
   * @returns the result of `authenticate`
   * @throws what `authenticate` throws; only a CodedException `invalid_credentials` counts as a failure
   * @throws TooManyRequestsException while the login is delayed
   */
  async throttle<T>(login: string, address: string, authenticate: () => Promise<T>): Promise<T> {
    try {
      const result = this.settings.rateLimitEnabled
        ? await this.limitConcurrency(() =>
            this.authenticateThrottled(throttleKeysOf(login, address), authenticate),
          )
        : await authenticate();
      this.metrics.countLogin('success');
      return result;
    } catch (error) {
      const result = resultOf(error);
      if (result) this.metrics.countLogin(result);
      throw error;
    }
  }

  /** Checks again after the password check, so that parallel logins get no more attempts than sequential ones. */
  private async authenticateThrottled<T>(
    keys: LoginThrottleKeys,
    authenticate: () => Promise<T>,
  ): Promise<T> {
    const counting = await this.assertNotThrottled(keys, this.clock.now());
    let result: T;
    try {
      result = await authenticate();
    } catch (error) {
      if (resultOf(error) === 'failure') await this.countFailure(keys, counting);
      throw error;
    }
    const now = this.clock.now();
    await this.assertNotThrottled(keys, now);
    await this.throttles.markKnown(keys.accountAtAddress, now);
    return result;
  }

  private async countFailure(keys: LoginThrottleKeys, counting: ThrottleKey[]): Promise<void> {
    const now = this.clock.now();
    await this.throttles.deleteExpired(now);
    const isCounted = await this.throttles.countFailure(counting, now);
    if (!isCounted) await this.assertNotThrottled(keys, now);
  }

  /**
   * @returns the keys that a failure of this login counts for
   * @throws TooManyRequestsException when one of them is delayed
   */
  private async assertNotThrottled(
    { accountAtAddress, account, address }: LoginThrottleKeys,
    now: number,
  ): Promise<ThrottleKey[]> {
    const throttles = await this.throttles.find([accountAtAddress, account, address], now);
    const own = throttles.find(({ subject_hash }) => subject_hash === accountAtAddress.hash);
    const judged = own?.is_known ? [own] : throttles;
    const seconds = Math.ceil(Math.max(...judged.map(({ waits_until }) => waits_until - now)) / 1000);
    if (seconds > 0) {
      const units = seconds === 1 ? 'second' : 'seconds';
      throw new TooManyRequestsException(
        `Too many failed logins: try again in ${seconds} ${units}`,
        seconds,
        'login_throttled',
      );
    }
    return own?.is_known ? [accountAtAddress] : [accountAtAddress, account, address];
  }
}

/** Returns the result of a rejected login; undefined when the password could not be checked. */
function resultOf(error: unknown): LoginResult | undefined {
  if (error instanceof TooManyRequestsException) return 'throttled';
  if (!(error instanceof CodedException)) return undefined;
  if (error.code === 'invalid_credentials') return 'failure';
  return error.code === 'inactive_user' ? 'inactive' : undefined;
}
