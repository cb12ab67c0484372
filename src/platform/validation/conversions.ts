import { isEmail } from 'class-validator';
import { normalizeEmail } from './login-name.js';
import { normalizeLine, normalizeText } from './text.js';
import { opaqueString } from './opaque-string.js';
import { LONGEST_PASSWORD, passwordProblem, SHORTEST_PASSWORD } from './password-policy.js';
import { Problem } from './validation-issue.js';

/**
 * Turns what a client sent into the value the program works with, or says what is wrong with it. Never throws.
 *
 * @param fields all that was sent, for a value that depends on another
 */
export type Parser<T> = (value: unknown, fields?: Record<string, unknown>) => T | Problem;

/** The largest id of both engines' integer columns. */
const LARGEST_ID = 2 ** 31 - 1;

/** What RFC 5321 leaves for an address between the angle brackets of a path. */
export const LONGEST_EMAIL = 254;

/** No row has this id. */
const NO_ID = 0;

export interface TextLimits {
  min?: number;
  max: number;
  /** Of several lines, which stay (a note, a description). */
  multiline?: boolean;
  /** Every character is part of the value (a password). */
  verbatim?: boolean;
}

/** Text of so many characters (code points), in the form in which it is kept: {@link normalizeLine}, {@link normalizeText}. */
export function text({ multiline = false, verbatim = false, ...limits }: TextLimits): Parser<string> {
  return textAs(verbatim ? (value) => value : multiline ? normalizeText : normalizeLine, limits);
}

/** Text in a form, in which its characters are counted. */
function textAs(formOf: (value: string) => string, { min = 0, max }: TextLimits): Parser<string> {
  return (value) => {
    if (typeof value !== 'string') return new Problem('string_type', 'Input should be a valid string');
    if (!value.isWellFormed() || value.includes('\0')) {
      return new Problem('string_unicode', 'Input should be a valid string without NUL characters');
    }
    const parsed = formOf(value);
    const length = lengthWithin(parsed, max);
    if (length < min)
      return new Problem('string_too_short', `String should have at least ${characters(min)}`);
    if (length > max) return new Problem('string_too_long', `String should have at most ${characters(max)}`);
    return parsed;
  };
}

/** Text that meets a pattern. */
export function textLike(pattern: RegExp, limits: TextLimits): Parser<string> {
  return then(text(limits), (parsed) =>
    pattern.test(parsed)
      ? parsed
      : new Problem('string_pattern_mismatch', `String should match pattern '${pattern.source}'`),
  );
}

/** An e-mail address, as {@link normalizeEmail} has it. Its length counts after that: some letters are longer in lower case. */
export const email: Parser<string> = then(text({ max: LONGEST_EMAIL }), (parsed) => {
  const address = normalizeEmail(parsed);
  return isEmail(parsed) && isEmail(address) && lengthWithin(address, LONGEST_EMAIL) <= LONGEST_EMAIL
    ? address
    : new Problem('value_error', 'value is not a valid email address');
});

/** Where a scheme, a host and nothing that ends an attribute or a line come in this order. */
const WEB_ADDRESS = /^https?:\/\/[^/?#\s"<>\\`\p{C}][^\s"<>\\`\p{C}]*$/iu;

/**
 * The address of something on the web, as it was sent. Whoever shows or fetches it can rely on that: no script, no file, no
 * data in it (OWASP API7:2023), no password. Empty text is no address, where so little is enough.
 */
export function url(limits: TextLimits): Parser<string> {
  const trimmed = (value: string) => value.normalize('NFC').trim();
  return then(textAs(trimmed, limits), (parsed) => {
    if (parsed === '') return parsed;
    if (!URL.canParse(parsed)) return new Problem('url_parsing', 'Input should be a valid URL');
    const { protocol, username, password } = new URL(parsed);
    if (!['http:', 'https:'].includes(protocol)) {
      return new Problem('url_scheme', "URL scheme should be 'http' or 'https'");
    }
    return WEB_ADDRESS.test(parsed) && username + password === ''
      ? parsed
      : new Problem('url_parsing', 'Input should be a valid URL, without a user, spaces or quotes');
  });
}

/** A password for a user to have from now on. */
export const newPassword: Parser<string> = then(
  textAs(opaqueString, { min: SHORTEST_PASSWORD, max: LONGEST_PASSWORD }),
  (parsed) => {
    const problem = passwordProblem(parsed);
    return problem === undefined
      ? parsed
      : new Problem('value_error', `Value error, not a valid password: ${problem}`);
  },
);

/** One of the values of an enum. */
export function oneOf<T extends string>(choices: Record<string, T>): Parser<T> {
  const values = Object.values(choices);
  const listed = values.map((value) => `'${value}'`);
  const sentence = `Input should be ${listed.slice(0, -1).join(', ')} or ${listed.at(-1)}`;
  return (value) => values.find((choice) => choice === value) ?? new Problem('enum', sentence);
}

/** true or false; also in the words that FastAPI takes. */
export const flag: Parser<boolean> = (value) => {
  const word = typeof value === 'string' ? value.trim().toLowerCase() : value;
  if ([true, 1, 'true', '1', 'yes', 'y', 'on', 't'].includes(word as string)) return true;
  if ([false, 0, 'false', '0', 'no', 'n', 'off', 'f'].includes(word as string)) return false;
  return new Problem('bool_parsing', 'Input should be a valid boolean, unable to interpret input');
};

const wholeNumber: Parser<number> = (value) => {
  if (typeof value === 'string' && !/^\s*[+-]?\d+\s*$/.test(value)) {
    return new Problem(
      'int_parsing',
      'Input should be a valid integer, unable to parse string as an integer',
    );
  }
  const number = typeof value === 'string' ? Number(value) : value;
  if (typeof number !== 'number') return new Problem('int_type', 'Input should be a valid integer');
  if (!Number.isInteger(number) && Number.isFinite(number)) {
    return new Problem(
      'int_from_float',
      'Input should be a valid integer, got a number with a fractional part',
    );
  }
  return number;
};

/** The id of a row. A whole number that can't be an id becomes one that no row has: it is valid and names nothing. */
export const id: Parser<number> = then(wholeNumber, (number) =>
  number > 0 && number <= LARGEST_ID ? number : NO_ID,
);

/** A whole number within limits. */
export function integer({ min, max }: { min: number; max: number }): Parser<number> {
  return then(wholeNumber, (number) => outside(number, min, max) ?? number);
}

/**
 * A date and time with any offset (RFC 3339), as the database stores it: in UTC, with milliseconds. Further digits are cut.
 *
 * - A leap second (`:60`, the last second of a month in UTC) becomes the next second, as in POSIX.
 * - `-00:00`, a time in UTC whose local offset is unknown, is UTC.
 * - A space in front of the offset is a plus: that is what an unescaped `+` in a query becomes.
 */
export const moment: Parser<string> = (value) => {
  const [, minutes = '', seconds = '', fraction = '', sign, offsetHours, offsetMinutes] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d):(\d\d)(?:\.(\d+))?(?:Z|([-+ ])([01]\d|2[0-3]):([0-5]\d))$/.exec(
      typeof value === 'string' ? value.trim().toUpperCase() : '',
    ) ?? [];
  const start = Date.parse(`${minutes}Z`);
  // A date that is none (30 February, 24:00) is another one when it is written down again.
  if (Number.isNaN(start) || !new Date(start).toISOString().startsWith(minutes)) return NO_MOMENT;
  const offset = Number(offsetHours ?? 0) * 60 + Number(offsetMinutes ?? 0);
  const milliseconds = Number(seconds) * 1000 + Number(fraction.slice(0, 3).padEnd(3, '0'));
  const time = new Date(start + milliseconds - offset * (sign === '-' ? -60_000 : 60_000));
  const isLeapSecond = seconds === '60' && time.toISOString().includes('-01T00:00:00');
  const isInRange = time.toISOString().length === ISO_LENGTH;
  return isInRange && (Number(seconds) < 60 || isLeapSecond) ? time.toISOString() : NO_MOMENT;
};

const ISO_LENGTH = '2026-03-01T07:00:00.000Z'.length;
const NO_MOMENT = new Problem(
  'datetime_parsing',
  'Input should be a valid datetime with its offset, such as 2026-03-01T07:00:00Z',
);

/** No value of a field has more significant digits than this: 999999999.999 is among the longest. */
const MAX_WRITTEN_DIGITS = 12;

/** How far arithmetic may have led a double astray, as a part of the numbers that it was made of. */
const MAX_NOISE = 1e-15;

/** The size of those numbers is not known. Results that are smaller than this may come from numbers as large as this. */
const MIN_NOISE_ORIGIN = 1_000_000;

export interface DecimalLimits {
  places: number;
  min: number;
  max: number;
}

/**
 * A decimal, from a JSON number or a decimal string, as a whole number of 10^-places: `3.99` with two places becomes
 * 399. The digits are shifted, never multiplied, so nothing is rounded.
 *
 * A string is taken to the letter. A JSON number is freed of float noise first, see {@link withoutFloatNoise}.
 */
export function decimal({ places, min, max }: DecimalLimits): Parser<number> {
  return (value) => {
    if (typeof value !== 'number' && typeof value !== 'string') {
      return new Problem(
        'decimal_type',
        'Decimal input should be an integer, float, string or Decimal object',
      );
    }
    const written = typeof value === 'number' ? withoutFloatNoise(value, places) : value;
    const [, sign, whole = '', fraction = '', exponent = '0'] =
      /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,3}))?$/i.exec(written.trim()) ?? [];
    if (whole + fraction === '') return new Problem('decimal_parsing', 'Input should be a valid decimal');

    const digits = (whole + fraction).replace(/^0+/, '');
    const shift = Number(exponent) - fraction.length + places;
    const scaled = shift >= 0 ? (digits === '' ? '' : digits + '0'.repeat(shift)) : digits.slice(0, shift);
    const lost = shift >= 0 ? '' : digits.slice(shift);
    if (/[1-9]/.test(lost)) {
      return new Problem(
        'decimal_max_places',
        `Decimal input should have no more than ${places} decimal place${places === 1 ? '' : 's'}`,
      );
    }
    const number = Number(scaled) * (sign === '-' ? -1 : 1) + 0;
    return outside(number / 10 ** places, min, max) ?? number;
  };
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

/** Empty text as `null`: some clients send it for a field that nobody has filled in. */
export function emptyAsNull(parse: Parser<string>): Parser<string | null> {
  return then(parse, (parsed) => (parsed === '' ? null : parsed));
}

/** `null` as well, which empties the field. */
export function nullable<T>(parse: Parser<T>): Parser<T | null> {
  return (value, fields) => (value === null ? null : parse(value, fields));
}

function outside(number: number, min: number, max: number): Problem | undefined {
  if (number < min)
    return new Problem('greater_than_equal', `Input should be greater than or equal to ${min}`);
  if (number > max) return new Problem('less_than_equal', `Input should be less than or equal to ${max}`);
  return undefined;
}

function then<A, B>(first: Parser<A>, second: (value: A) => B | Problem): Parser<B> {
  return (value) => {
    const parsed = first(value);
    return parsed instanceof Problem ? parsed : second(parsed);
  };
}

/** Code points, counted no further than it takes to know that there are too many. */
function lengthWithin(value: string, max: number): number {
  return value.length > 2 * max ? max + 1 : [...value].length;
}

function characters(count: number): string {
  return `${count} character${count === 1 ? '' : 's'}`;
}
