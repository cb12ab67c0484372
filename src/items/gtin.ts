/**
 * Global trade item numbers (GS1 General Specifications). UPC, EAN and GTIN-14 are the same number of up to 14 digits:
 * leading zeros do not matter.
 */

const LENGTH = 14;
const NUMBER = /^[0-9]{1,14}$/;

/** The lengths in which GTINs are printed: EAN-8, UPC-A, EAN-13 and GTIN-14, each with its check digit. */
const PRINTED = /^(?:[0-9]{8}|[0-9]{12,14})$/;

/** Returns a code as GTIN-14, so that equal numbers compare equal; null for a code that is not such a number. */
export function gtinOf(code: string): string | null {
  return NUMBER.test(code) ? code.padStart(LENGTH, '0') : null;
}

/** Returns the check digit for these digits, weighted 3 and 1 in turn from the right (section 7.9.1). */
export function checkDigitOf(digits: string): string {
  const sum = [...digits]
    .reverse()
    .reduce((total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 3 : 1), 0);
  return String((10 - (sum % 10)) % 10);
}

/** Whether a code has the length of a printed GTIN. Does not check the check digit. */
export function looksLikeGtin(code: string): boolean {
  return PRINTED.test(code);
}

/** Whether a code is a printed GTIN: one of the four lengths, with the right check digit. */
export function isGtin(code: string): boolean {
  return PRINTED.test(code) && checkDigitOf(code.slice(0, -1)) === code.at(-1);
}

/**
 * Expands a UPC-E of 8 digits to UPC-A (section 5.2.2.4.2). The digit before the check digit says which zeros are left out.
 * Returns undefined for a code that is not a UPC-E, or has a wrong check digit.
 *
 * UPC-E with 6 or 7 digits, without number system or check digit, is not supported: it can't be distinguished from a shop's
 * own numbers.
 */
export function expandUpcE(code: string): string | undefined {
  if (!/^[01][0-9]{7}$/.test(code)) return undefined;
  const [system, digits, last, check] = [code[0], code.slice(1, 6), Number(code[6]), code[7]];
  let expanded: string;
  if (last <= 2) expanded = `${digits.slice(0, 2)}${last}0000${digits.slice(2)}`;
  else if (last === 3) expanded = `${digits.slice(0, 3)}00000${digits.slice(3)}`;
  else if (last === 4) expanded = `${digits.slice(0, 4)}00000${digits.slice(4)}`;
  else expanded = `${digits}0000${last}`;
  const upcA = `${system}${expanded}${check}`;
  return isGtin(upcA) ? upcA : undefined;
}

/** Returns the UPC-E of 8 digits for a UPC-A; undefined when there is none. */
export function compressToUpcE(upcA: string): string | undefined {
  const [maker, product, check] = [upcA.slice(0, 6), upcA.slice(6, 11), upcA.slice(11)];
  return [
    `${maker.slice(0, 3)}${product.slice(2)}${maker[3]}`,
    `${maker.slice(0, 4)}${product.slice(3)}3`,
    `${maker.slice(0, 5)}${product.slice(4)}4`,
    `${maker}${product.slice(4)}`,
  ]
    .map((digits) => digits + check)
    .find((upcE) => expandUpcE(upcE) === upcA);
}
