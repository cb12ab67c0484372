import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { DatabaseClock } from '../database/database-clock.js';
import { TooManyRequestsException } from '../errors/too-many-requests.exception.js';
import { Metrics } from '../metrics/metrics.js';
import { RequestCountsRepository } from './request-counts.repository.js';
import { networkOf } from './throttle-keys.js';

/**
 * How many requests an address may send, with all the numbers but one: RATE_LIMIT_REQUESTS in a window.
 *
 * By default, a thousand a second on average over ten: thirty tablets behind one address may send thirty a second each, all
 * day, and a test suite ten thousand at once. One process answers some thousands a second, so nobody takes it from the
 * others alone. What is too much is refused until the window ends, in ten seconds at most: no shop is shut out for long by
 * a device gone wild.
 *
 * Requests go to the database a tenth of the limit at a time. So an address that sends less than that in a window is never
 * written down, and one that sends more through R replicas is refused after R tenths too many at most.
 *
 * - The address of IPv6 is the network (/64), all of which belongs to one customer.
 * - This machine itself is not counted: it is whoever watches, measures or tests the program, or a proxy that
 *   TRUSTED_PROXIES does not name, behind which all clients are one.
 */
export const REQUEST_LIMIT_POLICY = {
  /** In milliseconds. */
  windowMs: 10_000,
  /** The share of the limit that goes to the database together. */
  batchShare: 0.1,
  /** Addresses that are counted in a window, which bounds the memory: 20 MB at most. */
  maxAddresses: 100_000,
};

/** Addresses whose network is kept in mind, as IPv6 takes longer to read than all else here. */
const MAX_CACHED_NETWORKS = 4_096;

/** 127.0.0.0/8, and the network of ::1. */
const LOOPBACK = /^(127\.|0:0:0:0$)/;

interface Count {
  /** Here. */
  requests: number;
  /** At all other replicas, as far as it is known. */
  elsewhere: number;
  isLocal: boolean;
}

/** Refuses requests of an address that sends too many. The rule is {@link REQUEST_LIMIT_POLICY}. */
@Injectable()
export class RequestLimitService {
  private windowStart = 0;
  private counts = new Map<string, Count>();
  private readonly networks = new Map<string, string>();
  private readonly batch: number;

  constructor(
    private readonly settings: Settings,
    private readonly totals: RequestCountsRepository,
    private readonly metrics: Metrics,
    private readonly clock: DatabaseClock,
  ) {
    this.batch = Math.ceil(settings.rateLimitRequests * REQUEST_LIMIT_POLICY.batchShare);
  }

  /**
   * Counts a request, in memory: it waits for nothing.
   *
   * @returns what to refuse it with, if it is one too many
   */
  check(address: string): TooManyRequestsException | undefined {
    if (!this.settings.rateLimitEnabled) return undefined;
    const now = this.clock.now();
    const windowStart = now - (now % REQUEST_LIMIT_POLICY.windowMs);
    if (windowStart !== this.windowStart) this.begin(windowStart);

    const network = this.networkOf(address);
    const count = this.counts.get(network) ?? this.add(network);
    if (!count || count.isLocal) return undefined;
    count.requests++;
    if (count.requests + count.elsewhere > this.settings.rateLimitRequests) {
      this.metrics.countLimitedRequest();
      const seconds = Math.ceil((windowStart + REQUEST_LIMIT_POLICY.windowMs - now) / 1000);
      const units = seconds === 1 ? 'second' : 'seconds';
      return new TooManyRequestsException(`Too many requests: try again in ${seconds} ${units}`, seconds);
    }
    if (count.requests % this.batch === 0) void this.share(network, windowStart, count);
    return undefined;
  }

  private networkOf(address: string): string {
    let network = this.networks.get(address);
    if (network === undefined) {
      network = networkOf(address);
      if (this.networks.size >= MAX_CACHED_NETWORKS) this.networks.clear();
      this.networks.set(address, network);
    }
    return network;
  }

  private begin(windowStart: number): void {
    this.windowStart = windowStart;
    this.counts = new Map();
  }

  private add(network: string): Count | undefined {
    if (this.counts.size >= REQUEST_LIMIT_POLICY.maxAddresses) return undefined;
    const count = { requests: 0, elsewhere: 0, isLocal: LOOPBACK.test(network) };
    this.counts.set(network, count);
    return count;
  }

  /** While the database is away, each replica goes by what it has counted itself. */
  private async share(network: string, windowStart: number, count: Count): Promise<void> {
    const hash = createHash('sha256').update(network).digest('hex');
    const shared = count.requests;
    try {
      const total = await this.totals.add(hash, windowStart, this.batch);
      count.elsewhere = Math.max(count.elsewhere, total - shared);
      if (shared === this.batch) await this.totals.deleteBefore(windowStart);
    } catch {
      return;
    }
  }
}
