import * as fc from 'fast-check';
import type { ApiDocument, Operation, Schema } from './api-document.js';
import { hostileText, hostileValue, validObject, validValue } from './values.js';

/** The accounts of a session, METRICS_TOKEN, a token seen in a response before, and what isn't a token at all. */
export const PRINCIPALS = [
  'admin',
  'market_owner',
  'employee',
  'supervisor',
  'seen before',
  'garbage',
  'nobody',
] as const;
export type Principal = (typeof PRINCIPALS)[number];

/** A generated request, before it is known which ids and tokens there are. */
export interface Call {
  operation: Operation;
  /** In place of the operation's own. */
  method?: string;
  principal: Principal;
  garbage: string;
  path: Record<string, unknown>;
  /** Path parameters go in as they are, not encoded. */
  isPathRaw: boolean;
  query: [name: string, value: unknown][];
  headers: Record<string, string>;
  body?: Body;
}

export interface Body {
  type: string;
  value: unknown;
  corruption?: keyof typeof CORRUPTIONS;
}

/** Ways to corrupt well-formed JSON. */
export const CORRUPTIONS = {
  'cut off': (json: string) => json.slice(0, -1),
  twice: (json: string) => json + json,
  'every key twice': (json: string) => json.replace(/^\{(.+)\}$/s, '{$1,$1}'),
  'after a byte order mark': (json: string) => `\ufeff${json}`,
  'in Latin-1': (json: string) => Buffer.from(`${json.slice(0, -1)},"name":"Crème"}`, 'latin1'),
  'with a number that no float holds': (json: string) => json.replace(/:\s*-?\d[\d.e+]*/i, ':1e999'),
  'with NaN': (json: string) => json.replace(/:[^,}]+/, ':NaN'),
  'in single quotes': (json: string) => json.replaceAll('"', "'"),
  'nested deeply': (json: string) => '['.repeat(20_000) + json + ']'.repeat(20_000),
  'with half a surrogate pair': (json: string) => json.replace(/:"/, ':"\\ud83e'),
  'too large': (json: string) => `${json.slice(0, -1)},"filler":"${'x'.repeat(300_000)}"}`,
  empty: () => '',
};

const BOUNDARY = 'limit';

/** Encodes a body as its type says. */
export function encodeBody({ type, corruption }: Body, value: unknown): string | Buffer {
  const fields = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const texts = fields.map(([name, inner]) => [name, textOf(inner).toWellFormed()] as const);
  if (type.startsWith('application/x-www-form-urlencoded'))
    return new URLSearchParams(Object.fromEntries(texts)).toString();
  if (type.startsWith('multipart/form-data') && typeof value === 'string') {
    const head = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n`;
    return `${head}${value.toWellFormed()}\r\n--${BOUNDARY}--\r\n`;
  }
  if (type.startsWith('multipart/form-data')) {
    const parts = texts.map(
      ([name, text]) => `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${text}\r\n`,
    );
    return `${parts.join('')}--${BOUNDARY}--\r\n`;
  }
  if (type.startsWith('text/csv')) return textOf(value).toWellFormed();
  const json = JSON.stringify(value);
  return corruption ? CORRUPTIONS[corruption](json) : json;
}

/** A value where only text can stand: in an address or in a form. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const METHODS = ['PUT', 'PATCH', 'POST', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND', 'SEARCH', 'PURGE'];
const TYPES = [
  'application/x-www-form-urlencoded',
  `multipart/form-data; boundary=${BOUNDARY}`,
  'multipart/form-data',
  'text/plain',
  'application/xml',
  'application/json; charset=utf-16',
  'application/vnd.api+json',
  'json',
  ';',
  'application/json, text/plain',
  '__proto__',
];
const EXTRAS = [
  '{"id": 7777, "is_deleted": true, "created_by": 7777, "hashed_password": "none", "credentials_version": 7777}',
  '{"__proto__": {"role": "admin"}}',
  '{"constructor": {"prototype": {"role": "admin"}}}',
  '{"hasOwnProperty": 7, "toString": 7, "then": 7, "length": -1}',
  '{"": "", "$where": "7", "0": 0}',
].map((json) => JSON.parse(json) as Record<string, unknown>);

/** What Node's client accepts in a header: Latin-1 without control characters. */
const headerText = fc.oneof(
  fc.constantFrom('', '*', '"', 'W/"x"', '"a", "b"', ';', '-1', 'NaN', '__proto__', 'x'.repeat(500), 'Crème'),
  fc.stringMatching(/^[ -~\xa1-\xff]{1,60}$/),
);
const HEADERS = {
  'X-Request-Id': fc.oneof(
    fc.constantFrom('order-77', 'a b', "'; drop table users; --", 'x'.repeat(129)),
    headerText,
  ),
  'If-None-Match': headerText,
  'If-Match': headerText,
  'Idempotency-Key': fc.oneof(fc.constantFrom('order-77', 'order-78', 'x'.repeat(256)), headerText),
  'If-Modified-Since': headerText,
  Accept: fc.constantFrom('text/html', '*/*;q=2', '', 'application/json;version=7'),
  'Accept-Language': headerText,
  Origin: fc.constantFrom('null', 'http://localhost:3000', 'https://evil.example', '*'),
  Range: fc.constantFrom('bytes=0-0', 'bytes=-1', 'lines=7'),
  Cookie: headerText,
  'Content-Encoding': fc.constantFrom('gzip', 'br', 'nonsense'),
  'X-Forwarded-For': fc.constantFrom('127.0.0.1', '::1', 'unknown', "' or 7=7 --", '1,'.repeat(500)),
  'X-Forwarded-Host': fc.constantFrom('evil.example', 'a b'),
  'X-HTTP-Method-Override': fc.constantFrom('DELETE', 'PATCH'),
  'User-Agent': headerText,
};

export function callOf(document: ApiDocument): fc.Arbitrary<Call> {
  return fc.oneof(...document.operations.map((operation) => callOfOperation(document, operation)));
}

function callOfOperation(document: ApiDocument, operation: Operation): fc.Arbitrary<Call> {
  const inPath = operation.parameters.filter((parameter) => parameter.in === 'path');
  const pathValues = inPath.map(({ name, schema }) => [
    name,
    mostly(9, validValue(document, schema, name), hostileValue),
  ]);
  return fc.record(
    {
      operation: fc.constant(operation),
      method: rarely(40, fc.constantFrom(...METHODS)),
      principal: fc.constantFrom<Principal>(...Array<'admin'>(6).fill('admin'), ...PRINCIPALS),
      garbage: fc.oneof(
        headerText,
        fc.constantFrom(
          'Bearer',
          'Bearer ',
          'Basic YTpi',
          'bearer a.b.c',
          'Bearer null',
          `Bearer ${'x'.repeat(2_000)}`,
        ),
      ),
      path: fc.record(Object.fromEntries(pathValues) as Record<string, fc.Arbitrary<unknown>>, {
        noNullPrototype: true,
      }),
      isPathRaw: mostly(30, fc.constant(false), fc.constant(inPath.length > 0)),
      query: queryOf(document, operation),
      headers: mostly(3, fc.constant({}), fc.record(HEADERS, { requiredKeys: [], noNullPrototype: true })),
      body: bodyOf(document, operation),
    },
    { noNullPrototype: true },
  );
}

function queryOf(document: ApiDocument, { parameters }: Operation): fc.Arbitrary<Call['query']> {
  const documented = parameters
    .filter((parameter) => parameter.in === 'query')
    .map(({ name, schema, required }) => {
      const value = mostly(5, validValue(document, schema, name), hostileValue);
      const once = value.map((single): Call['query'] => [[name, single]]);
      const twice = fc.tuple(value, value).map((both): Call['query'] => both.map((one) => [name, one]));
      const bracketed = fc
        .tuple(fc.constantFrom('[]', '[a]', '[__proto__]', '.a'), value)
        .map(([suffix, single]): Call['query'] => [[name + suffix, single]]);
      const given = fc.oneof({ weight: 8, arbitrary: once }, twice, bracketed);
      return required ? mostly(9, given, fc.constant([])) : mostly(1, given, fc.constant([]));
    });
  const unknown = fc.array(fc.tuple(hostileText, hostileValue), { minLength: 1, maxLength: 3 });
  return fc
    .tuple(mostly(9, fc.constant<Call['query']>([]), unknown), ...documented)
    .map((parts) => parts.flat());
}

function bodyOf(document: ApiDocument, { method, requestBody }: Operation): fc.Arbitrary<Body | undefined> {
  const [documented] = Object.values(requestBody?.content ?? {});
  const rawType = fc.constantFrom('application/json', ...TYPES);
  if (!documented) {
    const unexpected = fc.record({ type: rawType, value: hostileValue }, { noNullPrototype: true });
    return method === 'GET' ? rarely(30, unexpected) : rarely(8, unexpected);
  }
  if (document.resolve(documented.schema).type === 'string') return fileOf(document, documented.schema);
  const valid = validObject(document, documented.schema);
  const { properties = {} } = document.resolve(documented.schema);
  const fields = fc.uniqueArray(fc.constantFrom(...Object.keys(properties)), { minLength: 1, maxLength: 2 });
  const withHostileFields = fc
    .tuple(valid, fields, hostileValue)
    .map(([body, names, value]) => ({ ...body, ...Object.fromEntries(names.map((name) => [name, value])) }));
  const withoutFields = fc
    .tuple(valid, fields)
    .map(([body, names]) =>
      Object.fromEntries(Object.entries(body).filter(([name]) => !names.includes(name))),
    );
  const withExtras = fc.tuple(valid, fc.constantFrom(...EXTRAS)).map(([body, extra]) => {
    const own = Object.getOwnPropertyDescriptors(extra);
    return Object.defineProperties({ ...body }, own);
  });
  const value = fc.oneof(
    { weight: 10, arbitrary: valid },
    { weight: 4, arbitrary: withHostileFields },
    withoutFields,
    withExtras,
    hostileValue,
  );
  const types = Object.keys(requestBody?.content ?? {}).map((documentedType) =>
    documentedType === 'multipart/form-data' ? `${documentedType}; boundary=${BOUNDARY}` : documentedType,
  );
  const type = mostly(12, fc.constantFrom(...types), rawType);
  const corruption = rarely(
    12,
    fc.constantFrom(...(Object.keys(CORRUPTIONS) as (keyof typeof CORRUPTIONS)[])),
  );
  return mostly(
    30,
    fc.record({ type, value, corruption }, { noNullPrototype: true }),
    fc.constant(undefined),
  );
}

/** CSV by itself or in a form: rows that fit the header of the example or not, and what is no CSV at all. */
function fileOf(document: ApiDocument, schema: Schema): fc.Arbitrary<Body | undefined> {
  const example = String(document.resolve(schema).example);
  const [header = ''] = example.split('\r\n');
  const cell = fc.oneof(fc.constantFrom('', '1', '2,5', 'Tea'), fc.stringMatching(/^[ -~\xa1-\xff]{0,20}$/));
  const row = fc.array(cell, { minLength: 1, maxLength: 6 }).map((cells) => cells.join(';'));
  const file = fc.array(row, { maxLength: 5 }).map((rows) => [header, ...rows].join('\r\n'));
  const value = fc.oneof({ weight: 4, arbitrary: file }, fc.constant(example), hostileText);
  const types = ['text/csv', `multipart/form-data; boundary=${BOUNDARY}`, ...TYPES];
  return fc.record(
    { type: fc.oneof(fc.constant('text/csv'), fc.constantFrom(...types)), value },
    { noNullPrototype: true },
  );
}

function mostly<A, B>(weight: number, usual: fc.Arbitrary<A>, other: fc.Arbitrary<B>): fc.Arbitrary<A | B> {
  return fc.oneof({ weight, arbitrary: usual }, other);
}

function rarely<T>(outOf: number, value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return mostly(outOf - 1, fc.constant(undefined), value);
}
