/** What a cell of a table may hold. */
export type CsvValue = string | number | boolean | null;

/** What stands between the whole units of a number and its fractions. */
export type DecimalMark = '.' | ',';

/** Spreadsheets take such text for a formula, which may send the table's content elsewhere (OWASP, CSV injection). */
const FORMULA = /^'*[=+\-@\t]/;
const DEFUSED = /^'+[=+\-@\t]/;

/** Text that no spreadsheet takes for a formula: it gets one apostrophe more where it would be one without its apostrophes. */
export function defuseFormula(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

/** The inverse of {@link defuseFormula}. Text that it can't have made stays as it is. */
export function restoreFormula(text: string): string {
  return DEFUSED.test(text) ? text.slice(1) : text;
}

/** The digits of a number are those that JSON has. */
export function numberText(value: number, decimal: DecimalMark): string {
  return String(value).replace('.', decimal);
}
