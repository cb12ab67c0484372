import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { SettingsError } from './settings-error.js';

/** The database: an SQLite file (absolute path) or a PostgreSQL server. */
export type DatabaseLocation = ({ engine: 'sqlite'; file: string } | PostgresLocation) & {
  /** Parts of the URL that only SQLAlchemy understands, for a warning in the log. */
  ignored?: string[];
};

export interface PostgresLocation {
  engine: 'postgres';
  /** Of the server, or of the first one. */
  url: string;
  /** Where the URL names several hosts, or what a server has to be. */
  servers?: PostgresServerList;
}

/** Servers of which one is to be used, as libpq has them (https://www.postgresql.org/docs/current/libpq-connect.html). */
export interface PostgresServerList {
  /** One of each host, in the order in which they are tried. */
  urls: string[];
  target: ServerTarget;
}

/** What a server has to be. `read-write`: its sessions can write; `primary`: it is no standby. */
export type ServerTarget = (typeof TARGETS)[number];

/** Those of `target_session_attrs` that make sense for a program that writes. */
const TARGETS = ['read-write', 'primary', 'any'] as const;

/** The parameter of the URL that names a {@link ServerTarget}. */
export const TARGET_PARAMETER = 'target_session_attrs';

const POSTGRES_FORM = 'postgresql://user:password@host:port/database';
const FORMS = `sqlite:///relative/path, sqlite:////absolute/path or ${POSTGRES_FORM}`;

/** SQLAlchemy URLs can name a Python driver. These drivers use plain files or servers; others may encrypt the file. */
const DRIVER =
  /^(?:(sqlite)\+(pysqlite|aiosqlite)|(postgres(?:ql)?)\+(psycopg2?|psycopg2cffi|asyncpg|pg8000)):/;

/**
 * Parses a `DATABASE_URL` in SQLAlchemy's format (https://docs.sqlalchemy.org/en/20/core/engines.html): three slashes before
 * a path relative to the working folder, four before an absolute path.
 *
 * @throws SettingsError for anything else; the message never repeats the URL, which may contain a password
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

/** Earlier versions took the query as part of the file name, so the data may be in a file with that name. */
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
  const [, start = '', user = '', hosts = '', rest = ''] =
    /^(\w+:\/\/(?:([^/?#]*)@)?)([^/?#]*)(.*)$/s.exec(url) ?? [];
  const urls = hosts.split(',').map((host) => start + host + rest);
  // An @ or # after the host means that the password has unencoded characters, which ended the host too early.
  const isEncoded = !rest.includes('@') && !rest.includes('#') && isPercentEncoded(user);
  if (isEncoded && urls.length > 1) assertHosts(hosts.split(','), urls);
  if (!isEncoded || !urls.every((each) => URL.canParse(each))) {
    throw new SettingsError(
      `DATABASE_URL takes ${POSTGRES_FORM}, with these percent-encoded in the user and the password: @ as %40, : as %3A, / as %2F, ? as %3F, # as %23, % as %25.`,
    );
  }
  const { pathname, searchParams } = new URL(urls[0] as string);
  if (pathname.length <= 1) throw new SettingsError(`DATABASE_URL takes ${FORMS}.`);
  if (searchParams.get('host')?.includes(',')) throw hostsError();
  const target = readTarget(searchParams, urls.length);
  const [first = '', ...others] = urls.map(withoutTarget).map(withLibpqSslModes);
  return {
    engine: 'postgres',
    url: first,
    ...(target && { servers: { urls: [first, ...others], target } }),
    ...(ignored.length > 0 && { ignored }),
  };
}

function assertHosts(hosts: string[], urls: string[]): void {
  if (hosts.some((host) => /^(:|$)/.test(host)) || !urls.every((url) => URL.canParse(url)))
    throw hostsError();
}

function hostsError(): SettingsError {
  return new SettingsError(
    `DATABASE_URL takes several hosts as postgresql://user:password@host1:port,host2:port/database?${TARGET_PARAMETER}=read-write.`,
  );
}

/** libpq would take any of several servers, when nothing else is said. One that can't write is of no use here. */
function readTarget(parameters: URLSearchParams, hosts: number): ServerTarget | undefined {
  const given = parameters.get(TARGET_PARAMETER);
  if (given === null) return hosts > 1 ? 'read-write' : undefined;
  const target = TARGETS.find((known) => known === given);
  if (target) return target;
  throw new SettingsError(
    `DATABASE_URL takes ${TARGET_PARAMETER}=${TARGETS.join(', ')}: the program needs a server that it can write to.`,
  );
}

function withoutTarget(url: string): string {
  const location = new URL(url);
  if (!location.searchParams.has(TARGET_PARAMETER)) return url;
  location.searchParams.delete(TARGET_PARAMETER);
  return location.href;
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
 * Makes `sslmode` mean the same as in other PostgreSQL clients (https://www.postgresql.org/docs/current/libpq-ssl.html). By
 * default, `pg` treats `require` as `verify-full`.
 */
function withLibpqSslModes(url: string): string {
  const location = new URL(url);
  if (location.searchParams.has('sslmode')) location.searchParams.set('uselibpqcompat', 'true');
  return location.search ? location.href : url;
}
