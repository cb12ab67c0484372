import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import pLimit from 'p-limit';
import { DatabaseUnavailable } from './database-unavailable.js';
import type { Cursor, CursorOptions, Engine } from './engine.js';
import { SqlFragment, type SqlValue } from './sql.js';

/** How long a stream may wait for others to end. */
const WAIT_TIMEOUT_MS = 30_000;

/**
 * How long a stream may take once it has begun. Until its end the database keeps what others change and delete, so a slow
 * reader must not go on for ever.
 */
export const STREAM_TIMEOUT_MS = 120_000;

/** What the streams of a database share. */
export class RowStreams {
  readonly openCursor: Engine['openCursor'];
  readonly cursorSemaphore;
  /** One batch per turn of the event loop, for all streams together, so that requests run in between. */
  readonly batchMutex = pLimit(1);

  constructor(engine: Engine) {
    this.openCursor = (statement, options) => engine.openCursor(statement, options);
    this.cursorSemaphore = pLimit(engine.maxCursors);
  }
}

/**
 * The rows of a select in batches, all from one snapshot, which is taken with the first batch or {@link read}. The cursor is
 * closed after the last row, after an error, and when the reader stops: `for await` does so by itself, others call `return()`.
 */
export class RowStream<Row> implements AsyncIterableIterator<Row[]> {
  private readonly end = new AbortController();
  private opening?: Promise<Cursor>;
  private running?: Promise<void>;
  private reading?: Promise<unknown>;

  constructor(
    private readonly streams: RowStreams,
    private readonly statement: SqlFragment,
    private readonly options: CursorOptions,
    private readonly rowOf: (row: never) => Row = (row) => row,
  ) {}

  /** A new stream of the same rows, each mapped. This one need not be read. */
  map<Other>(otherOf: (row: Row) => Other): RowStream<Other> {
    return new RowStream<Other>(this.streams, this.statement, this.options, (row) =>
      otherOf(this.rowOf(row)),
    );
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** @throws DatabaseUnavailable, also when it takes too long */
  async next(): Promise<IteratorResult<Row[], undefined>> {
    const { signal } = this.end;
    if (signal.reason instanceof DatabaseUnavailable) throw signal.reason;
    if (signal.aborted) return { value: undefined, done: true };
    const rows = await this.use(async (cursor) => {
      await this.streams.batchMutex(() => nextTurn());
      return cursor.fetch<never>();
    });
    return rows.length > 0 ? { value: rows.map(this.rowOf), done: false } : this.return();
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.end.abort();
    await this.running;
    return { value: undefined, done: true };
  }

  /**
   * Rows of another select, from the same snapshot.
   *
   * @throws DatabaseUnavailable
   */
  read<Other>(strings: TemplateStringsArray, ...values: SqlValue[]): Promise<Other[]> {
    return this.use((cursor) => cursor.query<Other>(new SqlFragment(strings, values)));
  }

  private async use<Result>(work: (cursor: Cursor) => Promise<Result>): Promise<Result> {
    try {
      const cursor = await (this.opening ??= this.open());
      this.end.signal.throwIfAborted();
      const reading = work(cursor);
      this.reading = reading;
      return await reading;
    } catch (error) {
      await this.return();
      throw error;
    }
  }

  /** Waits for the semaphore, and holds it until the stream ends. */
  private open(): Promise<Cursor> {
    const { signal } = this.end;
    const waitTimer = this.endAfter(WAIT_TIMEOUT_MS, 'Too many streams are being read');
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => {
        reject(signal.reason as Error);
      });
      void this.streams.cursorSemaphore(() => {
        clearTimeout(waitTimer);
        if (signal.aborted) return undefined;
        this.running = this.run(resolve).catch(reject);
        return this.running;
      });
    });
  }

  private async run(begin: (cursor: Cursor) => void): Promise<void> {
    const { signal } = this.end;
    const limit = this.endAfter(STREAM_TIMEOUT_MS, 'The stream took too long');
    try {
      const cursor = await this.streams.openCursor(this.statement, this.options);
      begin(cursor);
      if (!signal.aborted) await once(signal, 'abort');
      await Promise.allSettled([this.reading]);
      await cursor.close();
    } finally {
      clearTimeout(limit);
    }
  }

  private endAfter(milliseconds: number, reason: string): NodeJS.Timeout {
    return setTimeout(() => {
      this.end.abort(new DatabaseUnavailable({ cause: new Error(reason) }));
    }, milliseconds);
  }
}
