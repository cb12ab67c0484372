import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { SettingsError } from './settings-error.js';

/** Where the data lives: an SQLite file (absolute path) or a PostgreSQL server. */
export type DatabaseLocation = ({ engine: 'sqlite'; file: string } | { engine: 'postgres'; url: string }) & {
  /** Parts of the given URL that mean something to SQLAlchemy only and were left out, for the log. */
  ignored?: string[];
};

const POSTGRES_FORM = 'postgresql://user:password@host:port/database';
const FORMS = `sqlite:///relative/path, sqlite:////absolute/path or ${POSTGRES_FORM}`;

/** SQLAlchemy names a driver of Python behind the engine; these mean a plain file or server. Others may encrypt the file. */
const DRIVER =
  /^(?:(sqlite)\+(pysqlite|aiosqlite)|(postgres(?:ql)?)\+(psycopg2?|psycopg2cffi|asyncpg|pg8000)):/;

/**
 * Reads a `DATABASE_URL` in SQLAlchemy's form (https://docs.sqlalchemy.org/en/20/core/engines.html): three slashes before a path
 * relative to the working folder, four before an absolute one.
 *
 * @throws SettingsError for anything else; no part of the URL is repeated that may be of a password
 */
export function parseDatabaseUrl(given: string): DatabaseLocation {
  const [start = '', sqlite, sqliteDriver, postgres, postgresDriver] = DRIVER.exec(given) ?? [];
  const driver = sqliteDriver ?? postgresDriver;
  const url = driver ? `${sqlite ?? postgres ?? ''}:${given.slice(start.length)}` : given;
  const ignored = driver ? [`+${driver}`] : [];
  if (url.startsWith('sqlite:')) return parseSqliteUrl(url, ignored);
  if (/^postgres(ql)?:\/\//.test(url)) return parsePostgresUrl(url, ignored);
  throw new SettingsError(`DATABASE_URL takes ${FORMS}.`);
}

function parseSqliteUrl(url: string, ignored: string[]): DatabaseLocation {
  if (/^sqlite:(\/\/\/?)?(:memory:.*)?(\?.*)?$/s.test(url) || /[?&]mode=memory\b/.test(url)) {
    throw new SettingsError(
      'DATABASE_URL takes a file, such as sqlite:///./stock_tracker.db: a database in memory ends with the program.',
    );
  }
  const [, path, query] = /^sqlite:\/\/\/([^?]+)(\?.*)?$/s.exec(url) ?? [];
  if (!path) throw new SettingsError(`DATABASE_URL takes ${FORMS}.`);
  if (/^\/*file:/i.test(path)) {
    throw new SettingsError('DATABASE_URL takes a path behind sqlite:///, and no file: URL.');
  }
  if (process.platform !== 'win32' && /^[a-z]:[\\/]/i.test(path)) {
    throw new SettingsError('DATABASE_URL takes a path of this system, and no path of Windows.');
  }
  const file = resolve(path);
  if (query) {
    assertNotServedBefore(path, query);
    ignored = [...ignored, ...[...new URLSearchParams(query).keys()].map((name) => `?${name}`)];
  }
  return { engine: 'sqlite', file, ...(ignored.length > 0 && { ignored }) };
}

/** Earlier versions took the query for a part of the file's name: that file has the data. */
function assertNotServedBefore(path: string, query: string): void {
  const file = resolve(path);
  const former = resolve(path + query);
  if (existsSync(file) || !existsSync(former)) return;
  const [name, formerName] = [file, former].map((of) => JSON.stringify(basename(of)));
  throw new SettingsError(
    `DATABASE_URL takes a path that ends before the "?", and the data is in ${formerName}: rename that file to ${name}, and what begins with its name likewise.`,
  );
}

function parsePostgresUrl(url: string, ignored: string[]): DatabaseLocation {
  const [, user = '', rest = ''] = /^\w+:\/\/(?:([^/?#]*)@)?(.*)$/s.exec(url) ?? [];
  // What comes behind a host has no @ of its own: the password has begun the path, the query or the fragment.
  if (rest.includes('@') || rest.includes('#') || !isPercentEncoded(user) || !URL.canParse(url)) {
    throw new SettingsError(
      `DATABASE_URL takes ${POSTGRES_FORM}, with these percent-encoded in the user and the password: @ as %40, : as %3A, / as %2F, ? as %3F, # as %23, % as %25.`,
    );
  }
  if (new URL(url).pathname.length <= 1) throw new SettingsError(`DATABASE_URL takes ${FORMS}.`);
  return { engine: 'postgres', url: withLibpqSslModes(url), ...(ignored.length > 0 && { ignored }) };
}

function isPercentEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Lets `sslmode` mean what it means to every other client of PostgreSQL (https://www.postgresql.org/docs/current/libpq-ssl.html):
 * to `pg` by itself, `require` is `verify-full`.
 */
function withLibpqSslModes(url: string): string {
  const location = new URL(url);
  if (location.searchParams.has('sslmode')) location.searchParams.set('uselibpqcompat', 'true');
  return location.search ? location.href : url;
}
