import { resolve } from 'node:path';
import { SettingsError } from './settings-error.js';

/** Where the data lives: an SQLite file (absolute path) or a PostgreSQL server. */
export type DatabaseLocation = { engine: 'sqlite'; file: string } | { engine: 'postgres'; url: string };

const FORMS =
  'sqlite:///relative/path, sqlite:////absolute/path or postgresql://user:password@host:port/database';

/**
 * Reads a `DATABASE_URL` in SQLAlchemy's form: three slashes before a path relative to the working folder, four
 * before an absolute one.
 *
 * @throws SettingsError for anything else; the URL is not repeated, as it may hold a password.
 */
export function parseDatabaseUrl(url: string): DatabaseLocation {
  const sqlite = /^sqlite:\/\/\/(.+)$/.exec(url);
  if (sqlite?.[1] && !sqlite[1].startsWith(':memory:')) return { engine: 'sqlite', file: resolve(sqlite[1]) };
  if (/^postgres(ql)?:\/\//.test(url) && URL.canParse(url) && new URL(url).pathname.length > 1) {
    return { engine: 'postgres', url: withLibpqModes(url) };
  }
  throw new SettingsError(`DATABASE_URL takes ${FORMS}.`);
}

/**
 * Lets `sslmode` mean what it means to every other client of PostgreSQL (https://www.postgresql.org/docs/current/libpq-ssl.html):
 * to `pg` by itself, `require` is `verify-full`.
 */
function withLibpqModes(url: string): string {
  const location = new URL(url);
  if (location.searchParams.has('sslmode')) location.searchParams.set('uselibpqcompat', 'true');
  return location.search ? location.href : url;
}
