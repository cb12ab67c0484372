/** Between two measurements of the server's clock. */
const MEASURE_INTERVAL_MS = 10_000;

/** Measurements at the start. Each one bounds the difference a little closer. */
const INITIAL_MEASUREMENTS = 3;

/**
 * The clock of the database: the one that all replicas share. Whatever is stored or signed here and compared elsewhere takes its
 * time from it: rows, sessions, tokens, counts.
 *
 * On SQLite this is the clock of the process. On PostgreSQL the process measures how far the server's clock is from its own, again
 * and again, and computes the time from that. It counts from its monotonic clock: an operator who sets the time of the machine changes
 * nothing here. The error is a part of one round trip to the server.
 */
export class DatabaseClock {
  /** The server's time less the monotonic time of the process, in milliseconds; undefined on SQLite. */
  private difference?: number;
  private timer?: NodeJS.Timeout;

  /**
   * @param readTime asks the server for its time, in milliseconds since 1970; none where the database is in this process
   */
  static async start(readTime?: () => Promise<number>): Promise<DatabaseClock> {
    const clock = new DatabaseClock();
    if (!readTime) return clock;
    for (let count = 0; count < INITIAL_MEASUREMENTS; count++) await clock.measure(readTime);
    // While the server is away, the last measurement is as good as any.
    const again = () => void clock.measure(readTime).catch(() => undefined);
    clock.timer = setInterval(again, MEASURE_INTERVAL_MS).unref();
    return clock;
  }

  /** Whole milliseconds since 1970. */
  now(): number {
    return this.difference === undefined ? Date.now() : Math.floor(this.difference + performance.now());
  }

  /** {@link now} as ISO 8601 in UTC with milliseconds, as columns have it. */
  timestamp(): string {
    return new Date(this.now()).toISOString();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /**
   * The server reads its clock at some time between the request and the response. A known difference that fits is kept, so that a
   * slow response makes nothing worse.
   */
  private async measure(readTime: () => Promise<number>): Promise<void> {
    const asked = performance.now();
    const time = await readTime();
    const [min, max] = [time - performance.now(), time - asked];
    this.difference = Math.min(max, Math.max(min, this.difference ?? (min + max) / 2));
  }
}
