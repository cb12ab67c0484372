import { fileURLToPath } from 'node:url';
import { type DataSource, QueryFailedError } from 'typeorm';
import { ThreadPool } from '../threads/thread-pool.js';
import { DatabaseUnavailable } from './database-unavailable.js';
import { BATCH, type Cursor } from './engine.js';
import { translateError } from './translate-error.js';
import { render, type SqlFragment } from './sql.js';
import { STREAM_TIMEOUT_MS } from './row-stream.js';
import { sqliteDialect } from './sqlite-dialect.js';
import { BUSY_TIMEOUT_MS, READ_ONLY } from './sqlite-reader.js';
import { namedRow, sqliteValueOf } from './sqlite-statement.js';

/** What a thread is asked for. */
interface Tasks {
  open: (options: { file: string; timeout: number; pragma: string }) => number;
  fetch: (task: Statement & { count: number }) => Rows;
  query: (task: Statement) => Rows;
  close: (task: { cursor: number }) => void;
}

interface Statement {
  cursor: number;
  text: string;
  parameters: readonly unknown[];
}

interface Rows {
  names: string[];
  rows: unknown[][];
}

type Outcome<Result> = { result: Result } | { error: { message: string; code?: string } };

/**
 * Selects that find or sort all their rows before the first one, in a thread of their own: SQLite would hold up all requests
 * meanwhile. One thread for all of them leaves the other cores to the requests.
 */
export class SqliteReadingThread {
  private readonly threads = new ThreadPool('Database', {
    filename: fileURLToPath(new URL('./sqlite-reading.worker.js', import.meta.url)),
    maxThreads: 1,
    // It keeps the open cursors, and none is open for so long.
    idleTimeout: 2 * STREAM_TIMEOUT_MS,
  });

  constructor(
    private readonly file: string,
    private readonly dataSource: DataSource,
  ) {}

  async openCursor(statement: SqlFragment): Promise<Cursor> {
    const options = { file: this.file, timeout: BUSY_TIMEOUT_MS, pragma: READ_ONLY };
    return new RemoteCursor(this, await this.run('open', options, 'open'), statement);
  }

  /**
   * @param text of the statement, for what is logged of an error
   * @throws DatabaseUnavailable
   */
  async run<Name extends keyof Tasks>(
    name: Name,
    task: Parameters<Tasks[Name]>[0],
    text: string,
  ): Promise<ReturnType<Tasks[Name]>> {
    const outcome = await this.threads
      .run<Outcome<ReturnType<Tasks[Name]>>>(name, task)
      .catch((cause: unknown) => {
        throw new DatabaseUnavailable({ cause });
      });
    if ('result' in outcome) return outcome.result;
    const { message, code } = outcome.error;
    const error = Object.assign(new Error(message), { code });
    throw translateError(new QueryFailedError(text, [], error), this.dataSource);
  }

  async close(): Promise<void> {
    await this.threads.destroy();
  }
}

/** As SqliteCursor, in the thread. */
class RemoteCursor implements Cursor {
  constructor(
    private readonly thread: SqliteReadingThread,
    private readonly cursor: number,
    private readonly statement: SqlFragment,
  ) {}

  fetch<Row>(): Promise<Row[]> {
    return this.read<Row>('fetch', this.statement);
  }

  query<Row>(statement: SqlFragment): Promise<Row[]> {
    return this.read<Row>('query', statement);
  }

  close(): Promise<void> {
    return this.thread.run('close', { cursor: this.cursor }, 'close');
  }

  private async read<Row>(name: 'fetch' | 'query', statement: SqlFragment): Promise<Row[]> {
    const { text, parameters } = render(statement, sqliteDialect);
    const task = { cursor: this.cursor, text, parameters: parameters.map(sqliteValueOf), count: BATCH };
    const { names, rows } = await this.thread.run(name, task, text);
    return rows.map((row) => namedRow(names, row) as Row);
  }
}
