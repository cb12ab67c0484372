/** Ends of a path where an id belongs, each with what a test calls it. */
export const NO_INTEGERS = [
  ['a word', 'abc'],
  ['a fraction', '1.5'],
  ['a power of ten', '1e3'],
  ['a hexadecimal number', '0x1'],
  ['a space', '%20'],
  ['two numbers', '1%2F2'],
  ['a NUL character', '%00'],
  ['Arabic digits', encodeURIComponent('١')],
  ['two thousand letters', 'a'.repeat(2000)],
] as const;

export const INTEGERS_OF_NOTHING = [
  ['zero', '0'],
  ['a negative number', '-1'],
  ['the largest id there can be', '2147483647'],
  ['more than 31 bits', '2147483648'],
  ['more than 63 bits', '9223372036854775808'],
  ['two thousand digits', '9'.repeat(2000)],
] as const;
