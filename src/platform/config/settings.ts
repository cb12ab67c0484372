import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { isFQDN } from 'class-validator';
import { IANAZone } from 'luxon';
import { passwordIssue } from '../validation/password-policy.js';
import { opaqueString } from '../validation/opaque-string.js';
import { toEmail } from '../validation/conversions.js';
import { type DatabaseLocation, parseDatabaseUrl } from './database-url.js';
import { type Environment, EnvironmentReader } from './environment-reader.js';
import { SettingsError } from './settings-error.js';

const DEFAULT_ADMIN_PASSWORD = 'Admin1234!';
const PLACEHOLDER = /change.?(me|this|it)|your.?secret|example|placeholder/i;
const MIN_SECRET_KEY_LENGTH = 32;

/** All settings, validated. Created once by {@link readSettings}, then frozen. */
export class Settings {
  readonly environment!: 'development' | 'production' | 'test';
  readonly host!: string;
  readonly port!: number;
  readonly debug!: boolean;
  /** Origins whose pages may call the API (CORS); `*` for all. */
  readonly allowedOrigins!: string[];
  /** Addresses and networks (CIDR) of proxies whose `X-Forwarded-*` headers are trusted. */
  readonly trustedProxies!: string[];
  /** Open client connections at a time. */
  readonly maxConnections!: number;
  /** How long a request may take to arrive. */
  readonly requestTimeoutSeconds!: number;
  readonly database!: DatabaseLocation;
  /** How long the start waits for a PostgreSQL server that is not up yet. */
  readonly databaseWaitSeconds!: number;
  readonly secretKey!: string;
  /** True when SECRET_KEY is not set. Tokens are then invalid after a restart. */
  readonly secretKeyIsRandom!: boolean;
  /** The previous key, whose tokens are still accepted; null when there is none. */
  readonly secretKeyPrevious!: string | null;
  readonly algorithm!: 'HS256' | 'HS384' | 'HS512';
  readonly accessTokenMinutes!: number;
  readonly refreshTokenDays!: number;
  /** bcrypt's cost factor. Each step doubles the work. */
  readonly bcryptCost!: number;
  /** The bearer token for /metrics. Without it, /metrics is open in development and closed in production. */
  readonly metricsToken!: string | undefined;
  /** Whether failed logins delay the next ones, and requests per address are limited. */
  readonly rateLimitEnabled!: boolean;
  /** Requests per address in ten seconds. */
  readonly rateLimitRequests!: number;
  /** The layout of the labels of the shop's scales: see `ScaleLabels`. */
  readonly scaleBarcodePattern!: string;
  /** IANA name of the time zone whose days are the shop's. */
  readonly shopTimeZone!: string;
  /** When a trading day begins in the shop's time zone, `HH:MM`. */
  readonly dayStartsAt!: string;
  /** Whether prices contain the tax, in place of getting it added. */
  readonly pricesIncludeTax!: boolean;
  /** The admin to create when there is none; null to create none. */
  readonly seedAdmin!: { username: string; email: string; password: string } | null;
  readonly seedMockData!: boolean;
}

/**
 * Reads settings from environment variables.
 *
 * @throws SettingsError for the first invalid variable
 */
export function readSettings(variables: Environment): Settings {
  const read = new EnvironmentReader(variables);
  const environment = read.choice('NODE_ENV', 'development', ['development', 'production', 'test']);
  const production = environment === 'production';
  const secretKey = readSecretKey(read, production);
  return Object.freeze({
    environment,
    host: readHost(read, production),
    port: read.integer('PORT', 8000, { min: 0, max: 65535 }),
    debug: read.flag('DEBUG', false),
    allowedOrigins: readOrigins(read),
    trustedProxies: readTrustedProxies(read),
    maxConnections: read.integer('MAX_CONNECTIONS', 10_000, { min: 1, max: 1_000_000 }),
    requestTimeoutSeconds: read.integer('REQUEST_TIMEOUT_SECONDS', 30, { min: 1, max: 3600 }),
    database: readDatabaseLocation(variables),
    databaseWaitSeconds: read.integer('DATABASE_WAIT_SECONDS', 60, { min: 0, max: 3600 }),
    secretKey: secretKey ?? randomBytes(48).toString('base64url'),
    secretKeyIsRandom: secretKey === undefined,
    secretKeyPrevious: readPreviousSecretKey(read, secretKey, production),
    algorithm: read.choice('ALGORITHM', 'HS256', ['HS256', 'HS384', 'HS512']),
    accessTokenMinutes: read.integer('ACCESS_TOKEN_EXPIRE_MINUTES', 15, { min: 1, max: 60 * 24 }),
    refreshTokenDays: read.integer('REFRESH_TOKEN_EXPIRE_DAYS', 7, { min: 1, max: 365 }),
    bcryptCost: read.integer('BCRYPT_COST', 12, { min: production ? 10 : 4, max: 15 }),
    metricsToken: readMetricsToken(read),
    rateLimitEnabled: read.flag('RATE_LIMIT_ENABLED', true),
    rateLimitRequests: read.integer('RATE_LIMIT_REQUESTS', 10_000, { min: 100, max: 1_000_000_000 }),
    scaleBarcodePattern: read.text('SCALE_BARCODE_PATTERN', '21IIIIIWWWWWC'),
    shopTimeZone: readTimeZone(read),
    dayStartsAt: readDayStart(read),
    pricesIncludeTax: read.flag('PRICES_INCLUDE_TAX', false),
    seedAdmin: read.flag('SEED_ADMIN', !production) ? readAdmin(read, production) : null,
    seedMockData: read.flag('SEED_MOCK_DATA', !production),
  });
}

/**
 * Reads DATABASE_URL, for commands that need no other setting.
 *
 * @throws SettingsError
 */
export function readDatabaseLocation(variables: Environment): DatabaseLocation {
  const read = new EnvironmentReader(variables);
  return parseDatabaseUrl(read.text('DATABASE_URL', 'sqlite:///./stock_tracker.db'));
}

function readHost(read: EnvironmentReader, production: boolean): string {
  const host = read.text('HOST', production ? '0.0.0.0' : '127.0.0.1');
  if (isIP(host) || isFQDN(host, { require_tld: false })) return host;
  throw new SettingsError(`HOST takes an IP address or a host name, not ${JSON.stringify(host)}.`);
}

function readSecretKey(read: EnvironmentReader, production: boolean): string | undefined {
  const given = read.optionalText('SECRET_KEY');
  if (production) assertStrongKey('SECRET_KEY', given);
  return given;
}

function readPreviousSecretKey(
  read: EnvironmentReader,
  secretKey: string | undefined,
  production: boolean,
): string | null {
  const previous = read.optionalText('SECRET_KEY_PREVIOUS');
  if (previous === undefined) return null;
  if (production) assertStrongKey('SECRET_KEY_PREVIOUS', previous);
  if (previous !== secretKey) return previous;
  throw new SettingsError('SECRET_KEY_PREVIOUS takes the key before SECRET_KEY; the two are the same.');
}

function assertStrongKey(name: string, key: string | undefined): void {
  const takes = `${name} takes a random secret of at least ${MIN_SECRET_KEY_LENGTH} characters in production`;
  if (key === undefined) throw new SettingsError(`${takes}; it is missing.`);
  if (PLACEHOLDER.test(key)) throw new SettingsError(`${takes}, not a placeholder.`);
  if (key.length < MIN_SECRET_KEY_LENGTH) throw new SettingsError(`${takes}; this one has ${key.length}.`);
}

function readMetricsToken(read: EnvironmentReader): string | undefined {
  const token = read.optionalText('METRICS_TOKEN');
  if (token === undefined || /^[\x21-\x7e]{16,}$/.test(token)) return token;
  throw new SettingsError('METRICS_TOKEN takes at least 16 letters, digits and signs, without spaces.');
}

function readOrigins(read: EnvironmentReader): string[] {
  const takes = `ALLOWED_ORIGINS takes a JSON list of origins, such as ["https://shop.example"]`;
  const given = read.text(
    'ALLOWED_ORIGINS',
    '["http://localhost:3000","http://localhost:8000","http://localhost:8081"]',
  );
  let origins: unknown;
  try {
    origins = JSON.parse(given);
  } catch {
    throw new SettingsError(`${takes}; it is not JSON.`);
  }
  const isOrigin = (value: unknown): value is string =>
    value === '*' || (typeof value === 'string' && URL.canParse(value) && new URL(value).origin === value);
  if (Array.isArray(origins) && origins.every(isOrigin)) return origins;
  throw new SettingsError(`${takes}.`);
}

function readTrustedProxies(read: EnvironmentReader): string[] {
  const given = read.optionalText('TRUSTED_PROXIES')?.split(',') ?? [];
  return given.map((part) => {
    const entry = part.trim();
    const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(entry) ?? [];
    const maxBits = { 4: 32, 6: 128 }[isIP(address)] ?? 0;
    const network = Number(bits ?? maxBits);
    if (network >= 1 && network <= maxBits) return entry;
    throw new SettingsError(
      `TRUSTED_PROXIES takes addresses and networks separated by commas, such as 10.0.0.7,172.16.0.0/12, not ${JSON.stringify(entry)}.`,
    );
  });
}

function readTimeZone(read: EnvironmentReader): string {
  const zone = read.text('SHOP_TIME_ZONE', 'UTC');
  if (IANAZone.isValidZone(zone)) return zone;
  throw new SettingsError(
    `SHOP_TIME_ZONE takes the IANA name of a time zone, such as Europe/Istanbul, not ${JSON.stringify(zone)}.`,
  );
}

function readDayStart(read: EnvironmentReader): string {
  const time = read.text('DAY_STARTS_AT', '00:00');
  if (/^([01]\d|2[0-3]):[0-5]\d$/.test(time)) return time;
  throw new SettingsError(`DAY_STARTS_AT takes a time from 00:00 to 23:59, not ${JSON.stringify(time)}.`);
}

function readAdmin(read: EnvironmentReader, production: boolean): NonNullable<Settings['seedAdmin']> {
  const username = read.text('ADMIN_USERNAME', 'admin');
  if (!/^\w{3,50}$/.test(username)) {
    throw new SettingsError('ADMIN_USERNAME takes 3 to 50 letters, digits and underscores.');
  }
  const givenEmail = read.text('ADMIN_EMAIL', 'admin@stocktracker.local');
  const email = toEmail(givenEmail);
  if (email === undefined)
    throw new SettingsError(`ADMIN_EMAIL takes an e-mail address, not ${JSON.stringify(givenEmail)}.`);
  const password = read.text('ADMIN_PASSWORD', DEFAULT_ADMIN_PASSWORD);
  const issue = passwordIssue(opaqueString(password));
  if (issue) throw new SettingsError(`ADMIN_PASSWORD takes a valid password: ${issue}.`);
  if (production && password === DEFAULT_ADMIN_PASSWORD) {
    throw new SettingsError(
      'ADMIN_PASSWORD takes a password of your own in production (or set SEED_ADMIN=false to create no admin).',
    );
  }
  return { username, email, password };
}
