/**
 * Global trade item numbers (GS1 General Specifications): UPC, EAN and GTIN-14 are one number of up to 14 digits, whatever
 * the zeros before it.
 */

const LENGTH = 14;
const NUMBER = /^[0-9]{1,14}$/;

/** A code as GTIN-14, which says equal to equal numbers; null for a code that is no such number. */
export function gtinOf(code: string): string | null {
  return NUMBER.test(code) ? code.padStart(LENGTH, '0') : null;
}

/** The digit that belongs behind these: they count three times and once in turn, from the right (section 7.9.1). */
export function checkDigitOf(digits: string): string {
  const sum = [...digits]
    .reverse()
    .reduce((total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 3 : 1), 0);
  return String((10 - (sum % 10)) % 10);
}
