import { isGtin } from './gtin.js';

/**
 * Reads the data in GS1 barcodes (GS1 General Specifications, chapters 3 and 7.8). Supports element strings, as in GS1-128,
 * DataBar, DataMatrix and QR codes, both as scanners send them and as they are printed below the bars, and GS1 Digital Link
 * URLs (GS1 Digital Link Standard: URI Syntax), as in QR codes on food.
 *
 * Own code, because no library on npm is good enough. The best one, gs1-barcode-parser-mod 1.2.1, reads month 13 as the next
 * January and the price `399A` as 39.9, ignores check digits, returns amounts as floats and has no types. Splitting the
 * text, the part that it does well, takes one table here.
 */

/** The data in a GS1 barcode. Amounts are decimals as text, exactly as encoded. */
export interface Gs1Data {
  /** As GTIN-14. */
  gtin: string;
  batch?: string;
  serial?: string;
  count?: string;
  measures: Gs1Measure[];
  price?: string;
  /** ISO 4217, numeric. */
  priceCurrency?: string;
  unitPrice?: string;
  discountRate?: string;
  /** Dates as `YYYY-MM-DD`. A date that does not exist is an error on the label and is left out. */
  productionDate?: string;
  packagingDate?: string;
  bestBeforeDate?: string;
  sellByDate?: string;
  expiryDate?: string;
}

export enum MeasureKind {
  NetWeight = 'net_weight',
  NetVolume = 'net_volume',
  Length = 'length',
  Width = 'width',
  Height = 'height',
  Area = 'area',
}

export interface Gs1Measure {
  kind: MeasureKind;
  unit: string;
  value: string;
}

/** Supported measures, by the first 3 digits of their application identifier (AI). The 4th digit is the number of decimals. */
const MEASURES: Record<string, readonly [MeasureKind, unit: string]> = {
  310: [MeasureKind.NetWeight, 'kg'],
  311: [MeasureKind.Length, 'm'],
  312: [MeasureKind.Width, 'm'],
  313: [MeasureKind.Height, 'm'],
  314: [MeasureKind.Area, 'm2'],
  315: [MeasureKind.NetVolume, 'l'],
  316: [MeasureKind.NetVolume, 'm3'],
  320: [MeasureKind.NetWeight, 'lb'],
  357: [MeasureKind.NetWeight, 'oz'],
};

/** An AI. Its first 2 digits determine its length. */
const AI =
  /(?:0[0-4]|1[0-9]|2[0-2]|3[07]|9[0-9]|(?:2[3-5]|4[0-2]|71)[0-9]|(?:3[1-69]|43|7[02]|8[0-2])[0-9]{2})/y;

/** Lengths of values with a predefined length, by the first 2 digits of their AI. No separator follows these values. */
const PREDEFINED_LENGTHS: Record<string, number> = {
  ...{ '00': 18, '01': 14, '02': 14, '03': 14, '04': 16, '20': 2, '41': 13 },
  ...{ 11: 6, 12: 6, 13: 6, 14: 6, 15: 6, 16: 6, 17: 6, 18: 6, 19: 6 },
  ...{ 31: 6, 32: 6, 33: 6, 34: 6, 35: 6, 36: 6 },
};

/** The form of the values that are used. Values of other AIs are not checked. */
const VALUES: readonly (readonly [ai: RegExp, value: RegExp])[] = [
  [/^0[12]$/, /^[0-9]{14}$/],
  [/^1[1-9]$/, /^[0-9]{6}$/],
  // Character set 82 (figure 7.11-1).
  [/^(10|21)$/, /^[!"%-?A-Z_a-z]{1,20}$/],
  [/^3[07]$/, /^[0-9]{1,8}$/],
  [/^3[1-6]/, /^[0-9]{6}$/],
  [/^392/, /^[0-9]{1,15}$/],
  [/^393/, /^[0-9]{4,18}$/],
  [/^394/, /^[0-9]{4}$/],
  [/^395/, /^[0-9]{6}$/],
];
const ANY_VALUE = /^[!-~]{1,90}$/;

/** FNC1 inside a text (section 7.8.3). */
const SEPARATOR = '\x1d';

/** What keyboard-emulating scanners send instead of the separator. */
const SEPARATOR_SUBSTITUTES = /<GS>|\{GS\}|\[GS\]|[<{[]FNC1[>}\]]|\\x1d|\\u001d|\^\]|[\u241d|~^]/gi;

/** Symbology identifiers that announce an element string (ISO/IEC 15424; GS1 General Specifications, figure 5.1.6-2). */
const GS1_SYMBOLOGY = /^\](?:C1|e[0-3]|d[25]|Q[34]|J[14])/;
const SYMBOLOGY = /^\][A-Za-z][0-9A-Za-z]/;

/** The value of an AI without a predefined length. The longest possible value has 90 characters. */
const UP_TO_SEPARATOR = /[^\x1d]{1,90}/y;

const IN_BRACKETS = /^\([0-9]{2,4}\)/;
const DIGITAL_LINK =
  /^https?:\/\/[^/?#]+(?:\/[^/?#]*)*?\/01\/([0-9]{8}|[0-9]{12,14})((?:\/[^/?#]*)*)(?:\?([^#]*))?(?:#.*)?$/i;

type Element = readonly [ai: string, value: string];

/** Removes the symbology identifier that some scanners send before the code. */
export function withoutSymbology(code: string): string {
  return code.replace(SYMBOLOGY, '');
}

/**
 * Reads an element string or a GS1 Digital Link.
 *
 * @param code the scanned code, converted to ASCII
 * @param thisYear the current year, to resolve two-digit years
 * @returns the data; `unreadable` when the code is marked as GS1 data and breaks its rules; undefined for every other code,
 * and for GS1 data without an item
 */
export function readGs1(
  code: string,
  thisYear = new Date().getUTCFullYear(),
): Gs1Data | 'unreadable' | undefined {
  const isAnnounced = GS1_SYMBOLOGY.test(code) || code.startsWith(SEPARATOR);
  const text = withoutSymbology(code).replace(/\s+/g, '');
  const link = DIGITAL_LINK.exec(text);
  if (link) return readElements(elementsOfLink(link), thisYear);
  if (IN_BRACKETS.test(text)) return readElements(elementsInBrackets(text), thisYear);
  const separated = text.includes(SEPARATOR) ? text : text.replace(SEPARATOR_SUBSTITUTES, SEPARATOR);
  const elements = elementsOf(separated);
  const data = readElements(elements, thisYear);
  return data === 'unreadable' && !isAnnounced ? undefined : data;
}

function readElements(elements: Element[] | undefined, thisYear: number): Gs1Data | 'unreadable' | undefined {
  const values = new Map(elements);
  const areValid = elements?.every(([ai, value]) => isElement(ai, value) && values.get(ai) === value);
  if (!areValid) return 'unreadable';
  const gtin = values.get('01') ?? values.get('02');
  if (gtin === undefined) return undefined;
  if (!isGtin(gtin)) return 'unreadable';

  const date = (ai: string) => dateOf(values.get(ai), thisYear);
  const data: Gs1Data = {
    gtin,
    batch: values.get('10'),
    serial: values.get('21'),
    count: values.get('30') ?? values.get('37'),
    measures: [],
    productionDate: date('11'),
    packagingDate: date('13'),
    bestBeforeDate: date('15'),
    sellByDate: date('16'),
    expiryDate: date('17'),
  };
  for (const [ai, value] of values) {
    const amount = decimalOf(value, Number(ai[3]));
    const measure = MEASURES[ai.slice(0, 3)];
    if (measure) data.measures.push({ kind: measure[0], unit: measure[1], value: amount });
    else if (ai.startsWith('392')) data.price = amount;
    else if (ai.startsWith('393')) {
      data.priceCurrency = value.slice(0, 3);
      data.price = decimalOf(value.slice(3), Number(ai[3]));
    } else if (ai.startsWith('394')) data.discountRate = amount;
    else if (ai.startsWith('395')) data.unitPrice = amount;
  }
  return data;
}

/** Splits an element string as scanners send it. Returns undefined for any other text. */
function elementsOf(text: string): Element[] | undefined {
  const elements: Element[] = [];
  let at = skipSeparators(text, 0);
  while (at < text.length) {
    const ai = matchAt(AI, text, at);
    if (ai === undefined) return undefined;
    at += ai.length;
    const length = PREDEFINED_LENGTHS[ai.slice(0, 2)];
    const value = length === undefined ? matchAt(UP_TO_SEPARATOR, text, at) : text.slice(at, at + length);
    if (value === undefined) return undefined;
    elements.push([ai, value]);
    at += value.length;
    // A value without a predefined length ends at a separator or at the end of the text.
    if (length === undefined && at < text.length && text[at] !== SEPARATOR) return undefined;
    at = skipSeparators(text, at);
  }
  return elements;
}

/** Splits an element string as printed below the bars: `(01)09506000134352(10)ABC`. */
function elementsInBrackets(text: string): Element[] {
  const parts = text.split(/\(([0-9]{2,4})\)/).slice(1);
  return pairsOf(parts.map((part) => part.replaceAll(SEPARATOR, '')));
}

/** Reads the GTIN and its qualifiers from the path, and attributes from the query, which may have other parameters. */
function elementsOfLink([, gtin = '', qualifiers = '', query = '']: string[]): Element[] | undefined {
  const path = qualifiers.replace(/\/$/, '').split('/').slice(1);
  const parameters = query.split(/[&;]/).flatMap((parameter) => {
    const [, ai, value] = /^([0-9]{2,4})=(.*)$/.exec(parameter) ?? [];
    return ai !== undefined && value !== undefined && isAi(ai) ? [ai, value] : [];
  });
  try {
    const parts = [...path, ...parameters].map((part) => decodeURIComponent(part));
    return [['01', gtin.padStart(14, '0')], ...pairsOf(parts)];
  } catch {
    return undefined;
  }
}

function pairsOf(parts: string[]): Element[] {
  return Array.from({ length: Math.ceil(parts.length / 2) }, (_, index) => [
    parts[2 * index] ?? '',
    parts[2 * index + 1] ?? '',
  ]);
}

function isElement(ai: string, value: string): boolean {
  const length = PREDEFINED_LENGTHS[ai.slice(0, 2)];
  const [, form = ANY_VALUE] = VALUES.find(([pattern]) => pattern.test(ai)) ?? [];
  return isAi(ai) && form.test(value) && (length === undefined || value.length === length);
}

function isAi(text: string): boolean {
  return matchAt(AI, text, 0) === text;
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function skipSeparators(text: string, at: number): number {
  while (text[at] === SEPARATOR) at++;
  return at;
}

/** Puts the decimal point before the last `decimals` digits, and removes leading zeros. */
function decimalOf(digits: string, decimals: number): string {
  const padded = digits.padStart(decimals + 1, '0');
  const point = padded.length - decimals;
  const whole = padded.slice(0, point).replace(/^0+(?=[0-9])/, '');
  return decimals > 0 ? `${whole}.${padded.slice(point)}` : whole;
}

/**
 * Reads YYMMDD. Day 00 means the last day of the month. YY is a year from 49 years ago to 50 years ahead (section
 * 7.12).
 */
function dateOf(digits: string | undefined, thisYear: number): string | undefined {
  if (digits === undefined) return undefined;
  const [yy, month, day] = [0, 2, 4].map((at) => Number(digits.slice(at, at + 2))) as [
    number,
    number,
    number,
  ];
  const first = thisYear - 49;
  const year = first + ((((yy - first) % 100) + 100) % 100);
  const date = new Date(Date.UTC(year, day === 0 ? month : month - 1, day));
  const isReal = date.getUTCMonth() === month - 1 && date.getUTCFullYear() === year;
  return isReal ? date.toISOString().slice(0, 10) : undefined;
}
