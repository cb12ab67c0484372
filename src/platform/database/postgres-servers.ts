import type { PostgresLocation, ServerTarget } from '../config/database-url.js';

/** What the servers of one database have in common: which of them is used, and the connections to it. */
export class PostgresServers<Connection extends ServerConnection = ServerConnection> {
  private readonly connections = new Set<Connection>();
  private readonly urls: string[];
  private readonly target: ServerTarget;
  private index = 0;

  constructor({ url, servers }: PostgresLocation) {
    this.urls = servers?.urls ?? [url];
    this.target = servers?.target ?? 'any';
  }

  get count(): number {
    return this.urls.length;
  }

  /** Of the server to connect to: the one that served last. After a failure it is the next one, and after the last one the first. */
  get url(): string {
    return this.urls[this.index] as string;
  }

  /** A statement for a new connection, which returns `is_usable`; undefined where any server will do. */
  get check(): string | undefined {
    return CHECKS[this.target];
  }

  add(connection: Connection): void {
    this.connections.add(connection);
  }

  remove(connection: Connection): void {
    this.connections.delete(connection);
  }

  /** After a server has failed: the next one is tried, unless another connection has seen to that. */
  skip(url: string): void {
    if (this.url === url) this.index = (this.index + 1) % this.count;
  }

  /** Closes all connections to a server that can't write any more. */
  leave(url: string): void {
    this.skip(url);
    for (const connection of this.connections) if (connection.url === url) connection.destroy();
  }

  /**
   * Closes the connections that nobody has heard of since the server was asked something that it has not answered. They wait in
   * the pool, where each of them would keep a request waiting as long.
   *
   * @param time as of `performance.now()`
   */
  closeSilentSince(url: string, time: number): void {
    for (const connection of this.connections) {
      if (connection.url === url && connection.isIdle && connection.lastHeard < time) connection.destroy();
    }
  }
}

/** A connection, as far as {@link PostgresServers} knows it. */
export interface ServerConnection {
  readonly url: string;
  /** Whether no transaction is open. */
  readonly isIdle: boolean;
  /** When the server last responded, as of `performance.now()`. */
  readonly lastHeard: number;
  destroy(): void;
}

/** As libpq checks it. A standby's transactions are read-only. */
const CHECKS: Record<ServerTarget, string | undefined> = {
  any: undefined,
  'read-write': `select current_setting('transaction_read_only') = 'off' as is_usable`,
  primary: 'select not pg_is_in_recovery() as is_usable',
};
