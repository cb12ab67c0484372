import { createRequire } from 'node:module';
import type * as Pg from 'pg';

const require = createRequire(import.meta.url);

/**
 * How long a server may leave a statement unanswered, in milliseconds: longer than its own `statement_timeout`, shorter
 * than the patience of a shutdown.
 */
const RESPONSE_TIMEOUT_MS = 8_000;

/** A client of `pg` that may be told to wait. */
export interface PostgresConnection extends Pg.Client {
  /** Lets the statements of the transaction that is open wait for ever. */
  disableTimeout(): void;
}

/**
 * The class of a connection that is given up when the server takes a statement and never answers: it hangs, or the
 * network lost it. A `query_timeout` would fail the statement alone, and the pool would hand the dead connection to the
 * next one. `pg` is loaded for it here and not before: a program on SQLite does without.
 */
export function postgresConnection(): new () => PostgresConnection {
  const pg = require('pg') as typeof Pg;
  return class extends pg.Client implements PostgresConnection {
    private hasNoTimeout = false;

    disableTimeout(): void {
      this.hasNoTimeout = true;
    }

    // `pg` has nine signatures for this. All of them pass through.
    override query(...statement: unknown[]): never {
      if (this.getTransactionStatus() === 'I') this.hasNoTimeout = false;
      const answer: unknown = super.query(...(statement as [string]));
      if (answer instanceof Promise && !this.hasNoTimeout) this.giveUpWithout(answer);
      return answer as never;
    }

    private giveUpWithout(answer: Promise<unknown>): void {
      // `end()` would wait for the answers to what has been sent.
      const timer = setTimeout(() => this.connection.stream.destroy(), RESPONSE_TIMEOUT_MS);
      const stop = () => {
        clearTimeout(timer);
      };
      answer.then(stop, stop);
    }
  };
}
