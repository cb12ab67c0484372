import { createRequire } from 'node:module';
import type * as Pg from 'pg';
import { afterRunningFor } from './running-time.js';
import type { PostgresLocation } from '../config/database-url.js';
import { READ_ONLY_TRANSACTION } from './database-unavailable.js';
import { PostgresServers, type ServerConnection } from './postgres-servers.js';

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

  /** Closes this and all other connections to its server, which can't write any more. */
  leaveServer(): void;
}

/**
 * `pg`, for TypeORM, with a pool that finds the server to use. `pg` is loaded here and not before, because a program on SQLite
 * does not need it.
 */
export function postgresDriver(location: PostgresLocation): typeof Pg {
  const pg = require('pg') as typeof Pg;
  const servers = new PostgresServers(location);
  // `pg` passes the configuration, which its types don't know.
  const Client = connectionTo(servers, pg) as unknown as NonNullable<Pg.PoolConfig['Client']>;
  const Pool = poolOf(servers, Client, pg);
  return Object.create(pg, { Client: { value: Client }, Pool: { value: Pool } }) as typeof Pg;
}

/**
 * The class of a connection that closes when the server does not respond, because it hangs or the network lost it. `pg`'s
 * `query_timeout` would fail only the statement, and the pool would give the dead connection to the next one. It also closes
 * when the server can't write, so that the next one may go to the server that has taken its place.
 *
 * It prepares a name again that could not be prepared, because a statement in front of it had failed. PostgreSQL and `pg` have
 * forgotten that name, pgbouncer has not: it takes it as used, and ends the connection.
 */
function connectionTo(
  servers: PostgresServers,
  pg: typeof Pg,
): new (config: Pg.ClientConfig) => PostgresConnection {
  return class extends pg.Client implements PostgresConnection, ServerConnection {
    readonly url: string;
    lastHeard = performance.now();
    private hasNoTimeout = false;

    constructor(config: Pg.ClientConfig) {
      const { url } = servers;
      // The pool hides the password from a copy by `...`.
      super(
        Object.create(null, {
          ...Object.getOwnPropertyDescriptors(config),
          connectionString: { value: url, enumerable: true },
          connectionTimeoutMillis: { value: 0, enumerable: true },
        }) as Pg.ClientConfig,
      );
      const { connection } = this;
      const parse = connection.parse.bind(connection);
      connection.parse = (statement, more) => {
        // It is no error that there is none of that name.
        if (statement.name) connection.close({ type: 'S', name: statement.name }, more);
        parse(statement, more);
      };
      this.url = url;
    }

    get isIdle(): boolean {
      return this.getTransactionStatus() === 'I';
    }

    override connect(): Promise<this>;
    override connect(callback: ((error: Error) => void) | ((error: null, client: this) => void)): void;
    override connect(callback?: (error: never, client: never) => void): unknown {
      // Until the pool listens.
      const onError = () => undefined;
      this.on('error', onError);
      const opened = this.open();
      if (!callback) return opened.finally(() => this.off('error', onError));
      const settle = (error: Error | null) => {
        callback(error as never, this as never);
        this.off('error', onError);
      };
      return opened.then(() => {
        settle(null);
      }, settle);
    }

    disableTimeout(): void {
      this.hasNoTimeout = true;
    }

    leaveServer(): void {
      servers.leave(this.url);
    }

    destroy(): void {
      // `end()` would wait for the responses.
      this.connection.stream.destroy();
    }

    // `pg` has nine signatures for this. All of them pass through.
    override query(...statement: unknown[]): never {
      if (this.isIdle) this.hasNoTimeout = false;
      const response: unknown = super.query(...(statement as [string]));
      if (response instanceof Promise) this.watch(response);
      return response as never;
    }

    private async open(): Promise<this> {
      const stop = afterRunningFor(CONNECT_TIMEOUT_MS, () => {
        this.destroy();
      });
      try {
        await super.connect();
        await this.assertUsable();
      } catch (error) {
        servers.skip(this.url);
        throw error;
      } finally {
        stop();
      }
      this.once('end', () => {
        servers.remove(this);
      });
      servers.add(this);
      return this;
    }

    private async assertUsable(): Promise<void> {
      if (servers.check === undefined) return;
      const { rows } = await super.query<{ is_usable: boolean }>(servers.check);
      if (rows[0]?.is_usable) return;
      // Nobody waits for it.
      void super.end().catch(() => undefined);
      throw Object.assign(new Error('The server can only be read'), { code: READ_ONLY_TRANSACTION });
    }

    private watch(response: Promise<unknown>): void {
      const sent = performance.now();
      const stopWaiting = this.hasNoTimeout
        ? undefined
        : afterRunningFor(RESPONSE_TIMEOUT_MS, () => {
            this.destroy();
            servers.closeSilentSince(this.url, sent);
          });
      const stop = () => {
        stopWaiting?.();
        this.lastHeard = performance.now();
      };
      response.then(stop, (error: unknown) => {
        stop();
        if ((error as { code?: string }).code === READ_ONLY_TRANSACTION) this.leaveServer();
      });
    }
  };
}

/** The class of a pool that opens a connection to another server when one of them is away or can't be used. */
function poolOf(
  servers: PostgresServers,
  Client: NonNullable<Pg.PoolConfig['Client']>,
  pg: typeof Pg,
): typeof Pg.Pool {
  return class extends pg.Pool {
    /** In milliseconds; 0 for ever. */
    private readonly patience: number;

    /** @param config connectionTimeoutMillis: how long somebody waits for a free connection */
    constructor({ connectionTimeoutMillis = 0, ...config }: Pg.PoolConfig) {
      super({ ...config, Client });
      this.patience = connectionTimeoutMillis;
    }

    override connect(callback?: Parameters<Pg.Pool['connect']>[0]): never {
      const connected = this.waitForAny();
      if (callback) {
        connected.then(
          (client) => {
            callback(undefined, client, client.release.bind(client));
          },
          (error: unknown) => {
            callback(error as Error, undefined, () => undefined);
          },
        );
      }
      return connected as never;
    }

    private waitForAny(): Promise<Pg.PoolClient> {
      return new Promise((resolve, reject) => {
        let isOver = false;
        const giveUp = () => {
          isOver = true;
          reject(new Error('timeout exceeded when trying to connect'));
        };
        const stop = this.patience > 0 ? afterRunningFor(this.patience, giveUp) : () => undefined;
        this.connectToAny()
          .finally(stop)
          .then((client) => {
            if (isOver) client.release();
            else resolve(client);
          }, reject);
      });
    }

    /** Not longer than somebody waits for a connection, which is how long it takes when the pool has none to give. */
    private async connectToAny(): Promise<Pg.PoolClient> {
      const deadline = performance.now() + (this.patience || Infinity);
      for (let attempt = 1; ; attempt++) {
        try {
          return await super.connect();
        } catch (error) {
          if (attempt === servers.count || this.ending || performance.now() > deadline) throw error;
        }
      }
    }
  };
}
