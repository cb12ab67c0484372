import { compressToUpcE, expandUpcE, gtinOf, isGtin, looksLikeGtin } from './gtin.js';
import { type Gs1Data, readGs1, withoutSymbology } from './gs1.js';

/** In characters. The longest codes on food are addresses in QR codes, and these are much shorter. */
export const MAX_SCANNED_LENGTH = 1000;

/** What items are found by: a number as GTIN-14, or a text just as it is written. */
export type BarcodeKey = { gtin: string } | { text: string };

export interface Barcode {
  /** What it may be, the likeliest first. */
  keys: BarcodeKey[];
  /** The digits alone, where they are a printed GTIN. */
  printedGtin?: string;
  gs1?: Gs1Data;
  /** Its check digit or its form is wrong: no code is printed like this, though a shop may have an item with it. */
  isMisread: boolean;
}

/** An EAN-13 with the two or five digits that newspapers and magazines have beside it (ISO/IEC 15424). */
const WITH_ADD_ON = /^\]E3([0-9]{13})(?:[0-9]{2}|[0-9]{5})$/;
const EAN_8 = ']E4';

/**
 * Reads a barcode as it was typed or scanned. What is written counts first. A number is compared as GTIN-14, whatever the
 * zeros before it and the marks between its digits. 8 digits may be an EAN-8 or a UPC-E, and either is tried, in this order;
 * so is the UPC-E of a UPC-A, as either may be what the item has.
 *
 * @param text as barcodes are kept, without invisible characters
 * @param scanned the same as it came, with the control characters that separate GS1 elements
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

/** What an item keeps of its barcode: a GTIN without marks, and the number by which it is found. */
export function barcodeColumns(barcode: string | null): { barcode: string | null; gtin: string | null } {
  if (barcode === null) return { barcode, gtin: null };
  const { keys, printedGtin } = readBarcode(barcode);
  const [gtin = null] = keys.flatMap((key) => ('gtin' in key ? key.gtin : []));
  return { barcode: printedGtin ?? barcode, gtin };
}

/** Full-width characters, as an East Asian keyboard layout makes of what a scanner types, are the ASCII ones. */
function toAscii(text: string): string {
  return text.replace(/[\uff01-\uff5e]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0));
}
