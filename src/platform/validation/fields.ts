import { type ClassConstructor } from 'class-transformer';
import { ValidateNested } from 'class-validator';
import {
  isDecimal,
  isStorable,
  lengthWithin,
  MAX_EMAIL_LENGTH,
  toDate,
  toEmail,
  toFlag,
  toId,
  toInteger,
  toScaled,
  toText,
  toUrlText,
  toWebAddress,
  toTimestamp,
} from './conversions.js';
import { Check, Field, type FieldDecorator, type Presence } from './field.js';
import { opaqueString } from './opaque-string.js';
import { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH, passwordIssue } from './password-policy.js';
import { isObject, toInstance } from './read-dto.js';
import { normalizeLine, normalizeText } from './text.js';
import type { Scaled } from './decimal.js';

// Decorators for the properties of a request's DTO: one line says how the value is read, what it must be, and what the API's
// documentation says about it.

/** The number of characters (code points), counted in the form in which the text is kept. */
interface LengthLimits {
  min?: number;
  max: number;
}

export interface TextLimits extends LengthLimits {
  /** Keeps its lines and the spaces within it (a note, a description). */
  multiline?: boolean;
  /** Keeps every character (a password). */
  verbatim?: boolean;
}

/** @param options emptyAsNull: stores empty text as null, which some clients send for a field that nobody filled in */
export function TextField(
  options: TextLimits & Presence & { emptyAsNull?: boolean },
): FieldDecorator<string> {
  const { min: minLength, max: maxLength, multiline, verbatim, emptyAsNull } = options;
  const normalize = verbatim ? keep : multiline ? normalizeText : normalizeLine;
  return Field(
    options,
    { minLength, maxLength },
    (sent) => {
      const text = toText(sent, normalize);
      return emptyAsNull && text === '' ? null : text;
    },
    textChecks(options),
  );
}

export function PatternField(pattern: RegExp, options: TextLimits & Presence): FieldDecorator<string> {
  const { min: minLength, max: maxLength, verbatim } = options;
  return Field(
    options,
    { minLength, maxLength, pattern: pattern.source },
    (sent) => toText(sent, verbatim ? keep : normalizeLine),
    [
      ...textChecks(options),
      Check<string>(
        'string_pattern_mismatch',
        (text) => pattern.test(text),
        `String should match pattern '${pattern.source}'`,
      ),
    ],
  );
}

export function EmailField(presence: Presence = {}): FieldDecorator<string> {
  return Field(
    presence,
    { format: 'email', maxLength: MAX_EMAIL_LENGTH },
    (sent) => toEmail(sent) ?? toText(sent, normalizeLine),
    [
      ...textChecks({ max: MAX_EMAIL_LENGTH }),
      Check<string>(
        'value_error',
        (text) => toEmail(text) !== undefined,
        'value is not a valid email address',
      ),
    ],
  );
}

/**
 * The address of something on the web, as it was sent. Whoever shows or fetches it can rely on it: no script, no file, no
 * data in it (OWASP API7:2023), no password. Empty text is no address, where `min` allows it.
 */
export function UrlField(options: LengthLimits & Presence): FieldDecorator<string> {
  return Field(options, { format: 'uri', minLength: options.min, maxLength: options.max }, toUrlText, [
    ...textChecks(options),
    ...URL_CHECKS,
  ]);
}

const URL_CHECKS = [
  Check<string>('url_parsing', (text) => text === '' || URL.canParse(text), 'Input should be a valid URL'),
  Check<string>(
    'url_scheme',
    (text) => text === '' || ['http:', 'https:'].includes(new URL(text).protocol),
    "URL scheme should be 'http' or 'https'",
  ),
  Check<string>(
    'url_parsing',
    (text) => text === '' || toWebAddress(text) !== undefined,
    'Input should be a valid URL, without a user, spaces or quotes',
  ),
];

/** A password for a user to have from now on. */
export function NewPasswordField(presence: Presence = {}): FieldDecorator<string> {
  const limits = { min: MIN_PASSWORD_LENGTH, max: MAX_PASSWORD_LENGTH };
  return Field(
    presence,
    { format: 'password', minLength: limits.min, maxLength: limits.max },
    (sent) => toText(sent, opaqueString),
    [
      ...textChecks(limits),
      Check<string>(
        'value_error',
        (password) => passwordIssue(password) === undefined,
        (password) => `Value error, not a valid password: ${passwordIssue(password)}`,
      ),
    ],
  );
}

/** One of the values of an enum, as it stands there. */
export function EnumField(
  choices: Record<string, string>,
  enumName: string,
  presence: Presence = {},
): PropertyDecorator {
  const values = Object.values(choices);
  return Field(presence, { enum: choices, enumName }, keep, [
    EnumCheck(values, (value) => values.includes(value as string)),
  ]);
}

/** Lists all choices. */
export function EnumCheck(choices: string[], isMet: (value: unknown) => boolean): PropertyDecorator {
  const quoted = choices.map((choice) => `'${choice}'`);
  const others = quoted.slice(0, -1).join(', ');
  return Check('enum', isMet, `Input should be ${others && `${others} or `}${quoted.at(-1)}`);
}

export function FlagField(presence: Presence = {}): FieldDecorator<boolean> {
  return Field(presence, { type: 'boolean' }, toFlag, [
    Check(
      'bool_parsing',
      (value) => typeof value === 'boolean',
      'Input should be a valid boolean, unable to interpret input',
    ),
  ]);
}

export function IdField(presence: Presence = {}): FieldDecorator<number> {
  return Field(presence, { type: 'integer' }, toId, INTEGER_CHECKS);
}

/** So many ids, in any order. */
export function IdListField(options: { min: number; max: number } & Presence): FieldDecorator<number[]> {
  const { min, max } = options;
  return Field(
    options,
    { type: 'array', items: { type: 'integer' }, minItems: min, maxItems: max },
    (sent) => (Array.isArray(sent) ? sent.map((id) => toId(id) ?? (id as unknown)) : undefined),
    [
      ...listChecks(options),
      Check<unknown[]>(
        'int_parsing',
        (ids) => ids.every((id) => typeof id === 'number' && toId(id) === id),
        'Input should be a list of valid integers',
      ),
    ],
  );
}

export function IntegerField(options: { min: number; max: number } & Presence): FieldDecorator<number> {
  const { min, max } = options;
  return Field(options, { type: 'integer', minimum: min, maximum: max }, toInteger, [
    ...INTEGER_CHECKS,
    ...rangeChecks(min, max),
  ]);
}

/** What {@link toInteger} has not converted is still text, or has a fraction. */
const INTEGER_CHECKS = [
  Check('int_type', isNumberOrText, 'Input should be a valid integer'),
  Check(
    'int_parsing',
    (value) => typeof value === 'number',
    'Input should be a valid integer, unable to parse string as an integer',
  ),
  Check<number>(
    'int_from_float',
    (number) => toInteger(number) !== undefined,
    'Input should be a valid integer, got a number with a fractional part',
  ),
];

/**
 * A date and time (RFC 3339) with any offset; the property holds it in UTC, with milliseconds.
 *
 * @param checks what else it has to meet
 */
export function TimestampField(
  presence: Presence = {},
  checks: PropertyDecorator[] = [],
): FieldDecorator<string> {
  return Field(presence, { type: 'string', format: 'date-time' }, toTimestamp, [
    Check(
      'datetime_parsing',
      isTimestamp,
      'Input should be a valid datetime with its offset, such as 2026-03-01T07:00:00Z',
    ),
    ...checks,
  ]);
}

/** Whether this is a timestamp that has been converted. */
export function isTimestamp(value: unknown): value is string {
  return value !== undefined && toTimestamp(value) === value;
}

/**
 * A date of the calendar, `2026-03-01`.
 *
 * @param words that are taken in place of a date
 * @param checks what else it has to meet
 */
export function DateField(
  presence: Presence & { words?: string[] } = {},
  checks: PropertyDecorator[] = [],
): FieldDecorator<string> {
  const { words = [] } = presence;
  const isWord = (text: unknown) => words.includes(text as string);
  const expected = ['YYYY-MM-DD', ...words].join(' or ');
  const schema =
    words.length > 0 ? { pattern: `^(\\d{4}-\\d{2}-\\d{2}|${words.join('|')})$` } : { format: 'date' };
  return Field(presence, { type: 'string', ...schema }, (sent) => (isWord(sent) ? sent : toDate(sent)), [
    Check(
      'date_parsing',
      (text) => isWord(text) || isDate(text),
      `Input should be a valid date in the format ${expected}`,
    ),
    ...checks,
  ]);
}

/** Whether this is a date that has been converted. */
export function isDate(value: unknown): value is string {
  return value !== undefined && toDate(value) === value;
}

export interface DecimalLimits<Places extends number = number> {
  places: Places;
  min: number;
  max: number;
}

/**
 * The property holds a whole number of 10^-places. The documentation has no `multipleOf`: 0.07 is no multiple of 0.01 to
 * a validator that computes with floats, and generated clients would refuse it.
 */
export function DecimalField<Places extends number>(
  options: DecimalLimits<Places> & Presence,
): FieldDecorator<Scaled<Places>> {
  const { places, min, max } = options;
  return Field(
    options,
    { type: 'number', minimum: min, maximum: max },
    (sent) => toScaled(sent, places),
    decimalChecks(options),
  );
}

/** What {@link toScaled} has not converted is still text, or has a fraction, or is infinite. */
export function decimalChecks({ places, min, max }: DecimalLimits): PropertyDecorator[] {
  return [
    Check(
      'decimal_type',
      isNumberOrText,
      'Decimal input should be an integer, float, string or Decimal object',
    ),
    Check('decimal_parsing', isDecimal, 'Input should be a valid decimal'),
    Check(
      'decimal_max_places',
      Number.isInteger,
      `Decimal input should have no more than ${places} decimal place${places === 1 ? '' : 's'}`,
    ),
    ...rangeChecks(min, max, 10 ** places),
  ];
}

/** So many objects, each read into a DTO of its own. */
export function ListField(
  metatype: ClassConstructor<object>,
  options: { min: number; max: number } & Presence,
): PropertyDecorator {
  const { min, max } = options;
  return Field(
    options,
    { type: [metatype], minItems: min, maxItems: max },
    (sent) => (Array.isArray(sent) ? sent.map((entry) => readEntry(metatype, entry)) : undefined),
    [...listChecks(options), ValidateNested()],
  );
}

function listChecks({ min, max }: { min: number; max: number }): PropertyDecorator[] {
  return [
    Check('list_type', Array.isArray, 'Input should be a valid list'),
    Check<unknown[]>('too_short', ({ length }) => length >= min, `List should have at least ${entries(min)}`),
    Check<unknown[]>('too_long', ({ length }) => length <= max, `List should have at most ${entries(max)}`),
  ];
}

/** ValidateNested passes null, and looks for objects in lists. It refuses text, so all that is no object becomes text. */
function readEntry(metatype: ClassConstructor<object>, entry: unknown): object | string {
  return isObject(entry) ? toInstance(metatype, entry) : 'not an object';
}

function textChecks({ min = 0, max }: LengthLimits): PropertyDecorator[] {
  return [
    Check('string_type', (value) => typeof value === 'string', 'Input should be a valid string'),
    Check('string_unicode', isStorable, 'Input should be a valid string without NUL characters'),
    ...(min > 0
      ? [
          Check<string>(
            'string_too_short',
            (text) => lengthWithin(text, max) >= min,
            `String should have at least ${characters(min)}`,
          ),
        ]
      : []),
    Check<string>(
      'string_too_long',
      (text) => lengthWithin(text, max) <= max,
      `String should have at most ${characters(max)}`,
    ),
  ];
}

/** @param unit how many of the property's whole numbers are 1 of the limits */
function rangeChecks(min: number, max: number, unit = 1): PropertyDecorator[] {
  return [
    Check<number>(
      'greater_than_equal',
      (number) => number / unit >= min,
      `Input should be greater than or equal to ${min}`,
    ),
    Check<number>(
      'less_than_equal',
      (number) => number / unit <= max,
      `Input should be less than or equal to ${max}`,
    ),
  ];
}

function isNumberOrText(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'string';
}

function characters(count: number): string {
  return `${count} character${count === 1 ? '' : 's'}`;
}

function entries(count: number): string {
  return `${count} item${count === 1 ? '' : 's'}`;
}

function keep<Value>(value: Value): Value {
  return value;
}
