import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { DatabaseClock } from '../database/database-clock.js';
import { TooManyRequestsException } from '../errors/too-many-requests.exception.js';
import { Metrics } from '../metrics/metrics.js';
import { RequestCountsRepository } from './request-counts.repository.js';
import { networkOf } from './throttle-keys.js';

/**
 * An address may send RATE_LIMIT_REQUESTS requests per window. Further requests get 429 until the window ends.
 *
 * The default is 10,000 in ten seconds. That allows 30 tablets behind one address to send 30 requests a second each, or a
 * test suite to send 10,000 at once. A process serves a few thousand requests a second, so one address can't take all of it.
 * A faulty device blocks its shop for ten seconds at most.
 *
 * Counts are shared with other replicas through the database, one tenth of the limit at a time. So an address that sends
 * less is never stored, and with R replicas an address can exceed the limit by R tenths at most.
 *
 * - An IPv6 address counts as its network (/64), which belongs to one customer.
 * - The machine itself is not limited. Its requests come from monitoring and tests, or from a proxy that is missing in
 *   TRUSTED_PROXIES and would make all clients look like one.
 */
export const REQUEST_LIMIT_POLICY = {
  windowMs: 10_000,
  /** The share of the limit that is sent to the database at a time. */
  batchShare: 0.1,
  /** Bounds the memory to 20 MB. Further addresses in a window are not limited. */
  maxAddresses: 100_000,
};

/** Cached, because parsing an IPv6 address takes longer than everything else here. */
const MAX_CACHED_NETWORKS = 4_096;

/** 127.0.0.0/8 and the network of ::1. */
const LOOPBACK = /^(127\.|0:0:0:0$)/;

interface Count {
  /** In this process. */
  requests: number;
  /** In all other replicas, as last read from the database. */
  elsewhere: number;
  isLocal: boolean;
}

/** Limits the requests of an address, by {@link REQUEST_LIMIT_POLICY}. */
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
   * Counts a request in memory, so that no request waits for the database.
   *
   * @returns the error when the address is over its limit
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

  /** Errors are ignored: without the database, each replica uses its own count. */
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
