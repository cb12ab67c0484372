import { isEmail } from 'class-validator';
import { normalizeEmail } from './login-name.js';
import { normalizeLine } from './text.js';
import type { Scaled } from './decimal.js';

// Each function returns undefined for what it can't convert. None throws.

/** The largest id of both engines' integer columns. */
const MAX_ID = 2 ** 31 - 1;

/** No row has this id. */
export const NO_ID = 0;

/** What RFC 5321 leaves for an address between the angle brackets of a path. */
export const MAX_EMAIL_LENGTH = 254;

/** Text in a normal form. */
export function toText(sent: unknown, normalize: (text: string) => string): string | undefined {
  return typeof sent === 'string' && isStorable(sent) ? normalize(sent) : undefined;
}

/** Whether both engines can store the text: PostgreSQL takes neither NUL nor half a surrogate pair. */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

/** How many characters (code points) a text has, counted no further than it takes to know that there are more than `max`. */
export function lengthWithin(text: string, max: number): number {
  return text.length > 2 * max ? max + 1 : [...text].length;
}

/** An e-mail address as {@link normalizeEmail} has it. Its length counts after that: some letters are longer in lower case. */
export function toEmail(sent: unknown): string | undefined {
  const line = toText(sent, normalizeLine);
  if (line === undefined || lengthWithin(line, MAX_EMAIL_LENGTH) > MAX_EMAIL_LENGTH) return undefined;
  const address = normalizeEmail(line);
  return isEmail(line) && isEmail(address) && lengthWithin(address, MAX_EMAIL_LENGTH) <= MAX_EMAIL_LENGTH
    ? address
    : undefined;
}

/** An http or https scheme, a host, and nothing that ends an attribute or a line. */
const WEB_ADDRESS = /^https?:\/\/[^/?#\s"<>\\`\p{C}][^\s"<>\\`\p{C}]*$/iu;

/** Text that may be an address. */
export function toUrlText(sent: unknown): string | undefined {
  return toText(sent, (text) => text.normalize('NFC').trim());
}

/** The address of something on the web, without a user and password. */
export function toWebAddress(sent: unknown): string | undefined {
  const text = toUrlText(sent) ?? '';
  if (!URL.canParse(text) || !WEB_ADDRESS.test(text)) return undefined;
  const { username, password } = new URL(text);
  return username + password === '' ? text : undefined;
}

const TRUE = new Set<unknown>([true, 1, 'true', '1', 'yes', 'y', 'on', 't']);
const FALSE = new Set<unknown>([false, 0, 'false', '0', 'no', 'n', 'off', 'f']);

/** true or false, also in the words that FastAPI takes. */
export function toFlag(sent: unknown): boolean | undefined {
  const word = typeof sent === 'string' ? sent.trim().toLowerCase() : sent;
  if (TRUE.has(word)) return true;
  return FALSE.has(word) ? false : undefined;
}

/** A date of the calendar, `2026-03-01`. */
export function toDate(sent: unknown): string | undefined {
  const text = typeof sent === 'string' ? sent.trim() : '';
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const time = Date.parse(`${text}T00:00:00Z`);
  // The last days of some months roll over into the next one.
  return Number.isNaN(time) || !new Date(time).toISOString().startsWith(text) ? undefined : text;
}

/** A whole number, or infinity for one that is too large for a double. */
export function toInteger(sent: unknown): number | undefined {
  if (typeof sent === 'string') return /^\s*[+-]?\d+\s*$/.test(sent) ? Number(sent) : undefined;
  return typeof sent === 'number' && (Number.isInteger(sent) || !Number.isFinite(sent)) ? sent : undefined;
}

/** The id of a row. A whole number that can't be an id becomes one that no row has: it is valid and names nothing. */
export function toId(sent: unknown): number | undefined {
  const number = toInteger(sent);
  if (number === undefined) return undefined;
  return number > 0 && number <= MAX_ID ? number : NO_ID;
}

/**
 * A date and time with any offset (RFC 3339), as the database stores it: in UTC, with milliseconds. Further digits are cut.
 *
 * - A leap second (`:60`, the last second of a month in UTC) becomes the next second, as in POSIX.
 * - `-00:00`, a time in UTC whose local offset is unknown, is UTC.
 * - A space in front of the offset is a plus: that is what an unescaped `+` in a query becomes.
 */
export function toTimestamp(sent: unknown): string | undefined {
  const [, minutes = '', seconds = '', fraction = '', sign, offsetHours, offsetMinutes] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d):(\d\d)(?:\.(\d+))?(?:Z|([-+ ])([01]\d|2[0-3]):([0-5]\d))$/.exec(
      typeof sent === 'string' ? sent.trim().toUpperCase() : '',
    ) ?? [];
  const start = Date.parse(`${minutes}Z`);
  // A date that does not exist (30 February, 24:00) is another one when it is written again.
  if (Number.isNaN(start) || !new Date(start).toISOString().startsWith(minutes)) return undefined;
  const offset = Number(offsetHours ?? 0) * 60 + Number(offsetMinutes ?? 0);
  const milliseconds = Number(seconds) * 1000 + Number(fraction.slice(0, 3).padEnd(3, '0'));
  const time = new Date(start + milliseconds - offset * (sign === '-' ? -60_000 : 60_000)).toISOString();
  const isLeapSecond = seconds === '60' && time.includes('-01T00:00:00');
  const isInRange = time.length === ISO_LENGTH;
  return isInRange && (Number(seconds) < 60 || isLeapSecond) ? time : undefined;
}

const ISO_LENGTH = '2026-03-01T07:00:00.000Z'.length;

/** No value of a field has more significant digits than this: 999999999.999 is among the longest. */
const MAX_WRITTEN_DIGITS = 12;

/** How far arithmetic may have led a double astray, as a part of the numbers that it was made of. */
const MAX_NOISE = 1e-15;

/** The size of those numbers is not known. Results that are smaller than this may come from numbers as large as this. */
const MIN_NOISE_ORIGIN = 1_000_000;

/**
 * A decimal, from a JSON number or a decimal string, as a whole number of 10^-places: `3.99` with two places becomes
 * 399. The digits are shifted, never multiplied, so nothing is rounded.
 *
 * A string is taken to the letter. A JSON number is freed of float noise first, see {@link withoutFloatNoise}.
 *
 * @returns undefined also where there are more digits behind the point than `places`
 */
export function toScaled<Places extends number>(sent: unknown, places: Places): Scaled<Places> | undefined {
  const { sign, whole, fraction, exponent } = decimalParts(
    typeof sent === 'number' ? withoutFloatNoise(sent, places) : sent,
  );
  if (whole + fraction === '') return undefined;
  const digits = (whole + fraction).replace(/^0+/, '');
  const shift = Number(exponent) - fraction.length + places;
  const scaled = shift >= 0 ? (digits === '' ? '' : digits + '0'.repeat(shift)) : digits.slice(0, shift);
  const lost = shift >= 0 ? '' : digits.slice(shift);
  if (/[1-9]/.test(lost)) return undefined;
  // Never infinity: that is what JSON.parse makes of 1e999, which is no decimal.
  const number = Math.min(Number(scaled), Number.MAX_VALUE) * (sign === '-' ? -1 : 1) + 0;
  return number as Scaled<Places>;
}

/** Whether this is a decimal, however many digits it has behind the point. */
export function isDecimal(sent: unknown): boolean {
  if (typeof sent === 'number') return Number.isFinite(sent);
  const { whole, fraction } = decimalParts(sent);
  return whole + fraction !== '';
}

function decimalParts(sent: unknown): { sign: string; whole: string; fraction: string; exponent: string } {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,3}))?$/i.exec(typeof sent === 'string' ? sent.trim() : '') ?? [];
  return { sign, whole, fraction, exponent };
}

/**
 * Writes a JSON number as the decimal that it stands for.
 *
 * JSON.parse has made a double of the number already, so the client's text is gone: what is left is the shortest decimal
 * that makes the same double. That is what was sent, for every number of up to 15 significant digits.
 *
 * A client that calculates with doubles sends 2.3 - 1 as 1.2999999999999998. A number is taken for such a result when it has
 * more significant digits than {@link MAX_WRITTEN_DIGITS}, and is as near to a decimal with so many places as
 * {@link MAX_NOISE} allows: 1e-9, or 1e-15 of the number where it is larger than a million. Then it is that decimal. All
 * others are written as they are.
 */
function withoutFloatNoise(value: number, places: number): string {
  const written = String(value);
  // Nearly every number: there are too few characters for so many digits.
  if (written.length <= MAX_WRITTEN_DIGITS) return written;
  const nearest = value.toFixed(places);
  const noise = Math.abs(value - Number(nearest));
  const isNoisy =
    significantDigits(written) > MAX_WRITTEN_DIGITS &&
    noise <= MAX_NOISE * Math.max(Math.abs(value), MIN_NOISE_ORIGIN);
  return isNoisy ? nearest : written;
}

function significantDigits(written: string): number {
  return written.replace(/e.*/, '').replace(/\D/g, '').replace(/^0+/, '').length;
}
