import {
  FRACTION,
  NO_DECIMAL,
  NO_DECIMAL_IN_STRING,
  NO_INTEGER,
  NO_INTEGER_IN_STRING,
  NO_STRING,
  NO_PLAIN_URL,
  NO_TEXT,
  NO_URL,
  NO_WEB_URL,
  type Issue,
  tooLarge,
  tooLong,
  tooManyPlaces,
  tooShort,
  tooSmall,
} from './issues.js';

/** Rows for the values that a field does not take, whether its row is created or updated. */
type Refused = [field: string, value: unknown, issue: Issue];

/** A value as the name of a test shows it. */
export function shown(value: unknown): string {
  const json = JSON.stringify(value);
  return json.length > 30 ? `${json.slice(0, 30)}… (${json.length} characters)` : json;
}

export function refusedTexts(field: string, limits: { min: number; max: number; nullable: boolean }) {
  const rows: Refused[] = [
    [field, 't'.repeat(limits.max + 1), tooLong(limits.max)],
    [field, 5, NO_STRING],
    [field, ['text'], NO_STRING],
    [field, 'nul\0', NO_TEXT],
    [field, 'half a pair \ud83e', NO_TEXT],
  ];
  if (limits.min > 0) rows.push([field, '', tooShort(limits.min)], [field, '  ', tooShort(limits.min)]);
  if (!limits.nullable) rows.push([field, null, NO_STRING]);
  return rows;
}

export function refusedDecimals(
  field: string,
  {
    places,
    min = 0,
    max,
    nullable = false,
  }: { places: number; min?: number; max: number; nullable?: boolean },
) {
  const tooExact = 10 ** -(places + 1);
  const rows: Refused[] = [
    [field, -0.01, tooSmall(min)],
    [field, '-1', tooSmall(min)],
    [field, max + 1, tooLarge(max)],
    [field, 1e21, tooLarge(max)],
    [field, `1${'0'.repeat(400)}`, tooLarge(max)],
    [field, '1e400', tooLarge(max)],
    [field, tooExact, tooManyPlaces(places)],
    [field, `3.9${'9'.repeat(places)}`, tooManyPlaces(places)],
    [field, 12.3456, tooManyPlaces(places)],
    [field, '0.30000000000000004', tooManyPlaces(places)],
    [field, `1e-${places + 1}`, tooManyPlaces(places)],
    [field, 5e-324, tooManyPlaces(places)],
    [field, '', NO_DECIMAL_IN_STRING],
    [field, 'free', NO_DECIMAL_IN_STRING],
    [field, '3,99', NO_DECIMAL_IN_STRING],
    [field, '.', NO_DECIMAL_IN_STRING],
    [field, '1_000', NO_DECIMAL_IN_STRING],
    [field, '0x10', NO_DECIMAL_IN_STRING],
    [field, 'NaN', NO_DECIMAL_IN_STRING],
    [field, 'Infinity', NO_DECIMAL_IN_STRING],
    [field, '٣', NO_DECIMAL_IN_STRING],
    [field, true, NO_DECIMAL],
    [field, [1], NO_DECIMAL],
    [field, {}, NO_DECIMAL],
  ];
  if (!nullable) rows.push([field, null, NO_DECIMAL]);
  return rows;
}

export function refusedUrls(field: string) {
  const rows: Refused[] = [
    [field, 'javascript:alert(1)', NO_WEB_URL],
    [field, 'data:image/png;base64,iVBORw0KGgo=', NO_WEB_URL],
    [field, 'file:///etc/passwd', NO_WEB_URL],
    [field, 'ftp://shop.example/apples.jpg', NO_WEB_URL],
    [field, 'gopher://127.0.0.1:6379/_FLUSHALL', NO_WEB_URL],
    [field, 'jar:http://shop.example/a!/', NO_WEB_URL],
    [field, '/images/apples.jpg', NO_URL],
    [field, '//shop.example/apples.jpg', NO_URL],
    [field, 'http://admin:password@shop.example/', NO_PLAIN_URL],
    [field, 'https://shop.example/\r\nHost: other.example', NO_PLAIN_URL],
    [field, `https://shop.example/${'i'.repeat(100_000)}`, tooLong(500)],
  ];
  return rows;
}

export function refusedIds(field: string) {
  const rows: Refused[] = [
    [field, 1.5, FRACTION],
    [field, 'Dairy', NO_INTEGER_IN_STRING],
    [field, '', NO_INTEGER_IN_STRING],
    [field, '1.5', NO_INTEGER_IN_STRING],
    [field, true, NO_INTEGER],
    [field, null, NO_INTEGER],
    [field, [1], NO_INTEGER],
  ];
  return rows;
}
