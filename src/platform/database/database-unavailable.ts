import { QueryRunnerAlreadyReleasedError } from 'typeorm';

/** The database can't serve right now: it is away, full, or too busy. Nothing was written. Trying again later may help. */
export class DatabaseUnavailable extends Error {
  constructor(options: ErrorOptions) {
    super('The database is not available right now', options);
  }
}

/** Errors of the network between this program and PostgreSQL. */
const NETWORK = /^(ECONN\w+|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/;

/** SQLSTATE of a write on a server that can only be read: it was the primary, and is a standby now. */
export const READ_ONLY_TRANSACTION = '25006';

/**
 * SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html): connection exceptions (08), resources
 * exhausted (53), a server that can only be read (25006), statement or lock timeout (57014, 55P03), shutting down or starting up (57P01-57P03), and
 * transactions that lost a race (40001, 40P01).
 */
const SQLSTATE = /^(08...|53...|25006|57014|55P03|57P0[123]|40001|40P01)$/;

/** https://www.sqlite.org/rescode.html: locked by another process, or the disk is full, read-only or failing. */
const SQLITE = /^SQLITE_(BUSY|LOCKED|FULL|IOERR|READONLY|CANTOPEN)/;

/** What `pg` says, without a code, when a connection breaks or the pool has none to give. */
const CONNECTION_LOST =
  /^(Connection terminated|timeout (expired|exceeded)|Client (has encountered|was closed))/;

/** Reads out of a driver's error that the database is unavailable; undefined when the error is about something else. */
export function databaseUnavailableOf(error: unknown): DatabaseUnavailable | undefined {
  if (!(error instanceof Error)) return undefined;
  // TypeORM takes the connection away from a transaction when it breaks between two statements.
  if (error instanceof QueryRunnerAlreadyReleasedError) return new DatabaseUnavailable({ cause: error });
  const { code, message } = ('driverError' in error ? error.driverError : error) as Error & { code?: string };
  const isUnavailable =
    (code !== undefined && (NETWORK.test(code) || SQLSTATE.test(code) || SQLITE.test(code))) ||
    CONNECTION_LOST.test(message);
  return isUnavailable ? new DatabaseUnavailable({ cause: error }) : undefined;
}
