import { createRequire } from 'node:module';
import type * as Pg from 'pg';

const require = createRequire(import.meta.url);

/**
 * How long a server may take to respond to a statement: longer than its own `statement_timeout`, shorter than the timeout
 * of a shutdown.
 */
export const RESPONSE_TIMEOUT_MS = 8_000;

/** How long it may take to open a connection. A server that takes longer is away, or does not respond. */
const CONNECT_TIMEOUT_MS = 3_000;

/** A client of `pg` whose timeout can be turned off. */
export interface PostgresConnection extends Pg.Client {
  /** Lets the statements of the open transaction wait for ever. */
  disableTimeout(): void;
}

/**
 * The class of a connection that closes when the server does not respond, because it hangs or the network lost it. `pg`'s
 * `query_timeout` would fail only the statement, and the pool would give the dead connection to the next one. `pg` is loaded
 * here and not before, because a program on SQLite does not need it.
 */
export function postgresConnection(): new (config: Pg.ClientConfig) => PostgresConnection {
  const pg = require('pg') as typeof Pg;
  return class extends pg.Client implements PostgresConnection {
    private hasNoTimeout = false;

    constructor(config: Pg.ClientConfig) {
      // The pool's timeout is for a free connection. The pool hides the password from a copy by `...`.
      super(
        Object.create(null, {
          ...Object.getOwnPropertyDescriptors(config),
          connectionTimeoutMillis: { value: CONNECT_TIMEOUT_MS, enumerable: true },
        }) as Pg.ClientConfig,
      );
    }

    disableTimeout(): void {
      this.hasNoTimeout = true;
    }

    // `pg` has nine signatures for this. All of them pass through.
    override query(...statement: unknown[]): never {
      if (this.getTransactionStatus() === 'I') this.hasNoTimeout = false;
      const response: unknown = super.query(...(statement as [string]));
      if (response instanceof Promise && !this.hasNoTimeout) this.closeWithout(response);
      return response as never;
    }

    private closeWithout(response: Promise<unknown>): void {
      // `end()` would wait for the responses.
      const timer = setTimeout(() => this.connection.stream.destroy(), RESPONSE_TIMEOUT_MS);
      const stop = () => {
        clearTimeout(timer);
      };
      response.then(stop, stop);
    }
  };
}
