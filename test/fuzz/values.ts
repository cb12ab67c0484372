import * as fc from 'fast-check';
import type { ApiDocument, Schema } from './api-document.js';

/** A value that a request or a response had under this name before. Which one, is decided when the request is sent. */
export class KnownValue {
  constructor(
    readonly name: string,
    /** Counted from the latest. */
    readonly index: number,
    /** Used as long as none is known. */
    readonly otherwise: unknown,
  ) {}
}

const EMAIL = fc.stringMatching(/^[a-z][a-z0-9]{2,12}@[a-z]{3,8}\.example$/);
const PASSWORD = fc.stringMatching(/^[A-Z][a-z]{6,20}[0-9]$/);
const URL_TEXT = fc.webUrl({ validSchemes: ['http', 'https'] });
const HOUR = 3_600_000;
/** Any time, and one of the last hour, as some fields take no other. */
const TIME = fc
  .oneof(
    fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }),
    fc.nat(HOUR).map((age) => new Date(Date.now() - age)),
  )
  .map((date) => date.toISOString());
const MAX_LIST_LENGTH = 5;
const FORMATS: Partial<Record<string, fc.Arbitrary<string>>> = {
  email: EMAIL,
  password: PASSWORD,
  uri: URL_TEXT,
  'date-time': TIME,
  date: TIME.map((time) => time.slice(0, 10)),
};

/** Text that has broken programs: in their SQL, their search syntax, their paths, their templates, their Unicode. */
const HOSTILE_TEXTS = [
  '',
  ' ',
  '\0',
  'nul\0inside',
  '\ud83e',
  '\udd55\ud83e',
  '\ufeffmark',
  '\ufffe\uffff',
  '\u202eright to left\u202c',
  'مرحبا بالعالم',
  'Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢',
  '👩‍👩‍👧‍👦'.repeat(30),
  'İ'.repeat(60),
  'ﬃ'.repeat(100),
  '\r\nSet-Cookie: session=stolen',
  '\u2028\u2029',
  'null',
  'undefined',
  'NaN',
  '-Infinity',
  'true',
  '-0',
  '1e400',
  '1e-400',
  '0x7f',
  '0b11',
  '7_000',
  '٣',
  '9007199254740993',
  '99999999999999999999999999',
  '2147483648',
  '7.0',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  "' OR '7'='7",
  "'; drop table users; --",
  '") or 7=7--',
  '%',
  '_%_',
  '\\',
  '\\%',
  '"a" NEAR/7 "b"',
  'name:*',
  '^col : - * ( ) AND OR NOT "',
  '$1',
  ':name',
  '?',
  '../../../../etc/passwd',
  '..%2f..%2fetc%2fpasswd',
  'C:\\Windows\\win.ini',
  'file:///etc/passwd',
  'http://169.254.169.254/latest/meta-data/',
  'javascript:alert(7)',
  '<script>alert(7)</script>',
  '{{7*7}}${7*7}#{7*7}',
  '${jndi:ldap://shop.example/a}',
  '$(sleep 7)',
  '`sleep 7`',
  '(a+)+$',
  'x'.repeat(256),
  'x'.repeat(2_500),
  'a,'.repeat(500),
];

export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...HOSTILE_TEXTS) },
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 100, size: 'max' }),
);

/** Any JSON value, edge cases more often. */
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: hostileText },
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    -0,
    0,
    -1,
    0.1 + 0.2,
    5e-324,
    1e21,
    Number.MAX_VALUE,
    Number.MAX_SAFE_INTEGER,
    2 ** 31,
    -(2 ** 63),
    [],
    {},
    [[]],
    [null],
    { toString: 7, valueOf: 7, then: 7, toJSON: 7, length: 7 },
    JSON.parse('{"__proto__": {"role": "admin"}, "constructor": {"prototype": {"role": "admin"}}}'),
    nested(9),
    nested(500),
  ),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.jsonValue({ maxDepth: 4 }),
);

/** What a field of a body, of a query or of a path takes, or took from someone else. */
export function validValue(document: ApiDocument, given: Schema, name: string): fc.Arbitrary<unknown> {
  const schema = document.resolve(given);
  const valid = validOfType(document, schema, name);
  const isScalar = ['string', 'integer', 'number'].includes(schema.type ?? '') && !schema.enum;
  const known = fc.tuple(fc.nat(4), valid).map(([index, other]) => new KnownValue(name, index, other));
  const isReference = schema.type === 'integer' || /token|password$/.test(name);
  const values = isScalar ? fc.oneof({ weight: isReference ? 9 : 1, arbitrary: known }, valid) : valid;
  return schema.nullable ? fc.option(values, { freq: 5 }) : values;
}

function validOfType(document: ApiDocument, schema: Schema, name: string): fc.Arbitrary<unknown> {
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return fc.oneof(...choices.map((choice) => validValue(document, choice, name)));
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const { minimum = 0, maximum = 2 ** 31 - 1 } = schema;
  switch (schema.type) {
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({ min: Math.ceil(minimum), max: Math.floor(maximum) });
    case 'number':
      return fc
        .integer({ min: Math.ceil(minimum * 100), max: maximum * 100 })
        .map((hundredths) => hundredths / 100);
    case 'array':
      return fc.array(validValue(document, schema.items ?? {}, name), {
        minLength: schema.minItems,
        maxLength: Math.min(schema.maxItems ?? MAX_LIST_LENGTH, MAX_LIST_LENGTH),
      });
    case 'object':
      return validObject(document, schema);
    default:
      return validText(schema);
  }
}

function validText({ format = '', pattern, minLength = 0, maxLength = 100 }: Schema): fc.Arbitrary<string> {
  const text =
    FORMATS[format] ??
    (pattern
      ? fc.stringMatching(new RegExp(pattern), { size: '+1' })
      : fc.string({ unit: 'grapheme', minLength, maxLength: Math.min(maxLength, 60) }));
  return text.filter((value) => [...value].length >= minLength && [...value].length <= maxLength);
}

/** An object with all that is required and some of the rest. */
export function validObject(document: ApiDocument, schema: Schema): fc.Arbitrary<Record<string, unknown>> {
  const { properties = {}, required = [] } = document.resolve(schema);
  const fields = Object.entries(properties).map(([name, property]) => [
    name,
    validValue(document, property, name),
  ]);
  return fc.record(Object.fromEntries(fields) as Record<string, fc.Arbitrary<unknown>>, {
    requiredKeys: required,
    noNullPrototype: true,
  });
}

function nested(levels: number): unknown {
  let value: unknown = 7;
  for (let level = 0; level < levels; level++) value = level % 2 ? [value] : { name: value };
  return value;
}
