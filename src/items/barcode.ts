import { compressToUpcE, expandUpcE, gtinOf, isGtin, looksLikeGtin } from './gtin.js';
import { type Gs1Data, readGs1, withoutSymbology } from './gs1.js';

/** In characters. The longest codes on food are URLs in QR codes, which are much shorter. */
export const MAX_SCANNED_LENGTH = 1000;

/** How items are found: by a number as GTIN-14, or by the exact text. */
export type BarcodeKey = { gtin: string } | { text: string };

export interface Barcode {
  /** The keys to try, the most likely first. */
  keys: BarcodeKey[];
  /** The digits without other characters, when they are a printed GTIN. */
  printedGtin?: string;
  gs1?: Gs1Data;
  /** The check digit or the form is wrong. Nobody prints such a code, but a shop may have entered it for an item. */
  isMisread: boolean;
}

/** An EAN-13 with the 2 or 5 extra digits of newspapers and magazines (ISO/IEC 15424). */
const WITH_ADD_ON = /^\]E3([0-9]{13})(?:[0-9]{2}|[0-9]{5})$/;
const EAN_8 = ']E4';

/**
 * Reads a barcode that was typed or scanned. The exact text comes first. A number is compared as GTIN-14: leading zeros and
 * marks between digits do not matter. 8 digits can be an EAN-8 or a UPC-E, so both are tried, in this order. A UPC-A is also
 * tried as UPC-E, because an item may have either.
 *
 * @param text normalized as barcodes are stored, without invisible characters
 * @param scanned the same barcode as received, with the control characters that separate GS1 elements
 */
export function readBarcode(text: string, scanned = text): Barcode {
  const code = toAscii(scanned).trim().replace(WITH_ADD_ON, '$1');
  const written: BarcodeKey[] = gtinOf(text) === null ? [{ text }] : [];
  const gs1 = readGs1(code);
  if (gs1 === 'unreadable') return { keys: written, isMisread: true };
  if (gs1) return { keys: [...written, { gtin: gs1.gtin }], gs1, isMisread: false };

  const data = withoutSymbology(code);
  const digits = data.replace(/[^\p{L}\p{N}]/gu, '');
  const upcA = code.startsWith(EAN_8) ? undefined : expandUpcE(digits);
  const printedGtin = isGtin(digits) || upcA !== undefined ? digits : undefined;
  const number = gtinOf(printedGtin ?? data);
  if (number === null) {
    const keys = data === text ? written : [...written, { text: data }];
    return { keys, isMisread: looksLikeGtin(digits) };
  }
  const upcE = number.startsWith('00') ? compressToUpcE(number.slice(2)) : undefined;
  const numbers = [number, upcA, upcE].flatMap((one) => (one === undefined ? [] : (gtinOf(one) ?? [])));
  return {
    keys: [...written, ...numbers.map((gtin) => ({ gtin }))],
    printedGtin,
    isMisread: looksLikeGtin(digits) && printedGtin === undefined,
  };
}

/** What an item keeps of its barcode: a GTIN without marks, and the number to find it by. */
export interface BarcodeColumns {
  barcode: string | null;
  gtin: string | null;
}

export function barcodeColumns(barcode: string | null): BarcodeColumns {
  if (barcode === null) return { barcode, gtin: null };
  const { keys, printedGtin } = readBarcode(barcode);
  const [gtin = null] = keys.flatMap((key) => ('gtin' in key ? key.gtin : []));
  return { barcode: printedGtin ?? barcode, gtin };
}

/** Converts full-width characters to ASCII. A scanner that types on an East Asian keyboard layout produces them. */
function toAscii(text: string): string {
  return text.replace(/[\uff01-\uff5e]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0));
}
