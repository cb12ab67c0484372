import type { Delimiter } from './csv-reader.js';
import type { DecimalMark } from './csv-text.js';

/** Whole numbers, and decimals with one mark. Thousands are not grouped. */
const NUMBER = /^[+-]?\d*([.,]?)\d*(?:e[+-]?\d+)?$/i;

/** This may be a decimal with three places, or thousands, which never begin with a zero. */
const AMBIGUOUS = /^[+-]?[1-9]\d{0,2}[.,]\d{3}$/;

/**
 * Reads the numbers of a file, which has one decimal mark: the stated one, or that of the first number that shows it. A number that
 * may as well be of thousands shows none: it is read as files with this delimiter are written.
 */
export class DecimalMarks {
  private found: DecimalMark | undefined;

  constructor(
    stated: DecimalMark | undefined,
    private readonly delimiter: Delimiter,
  ) {
    this.found = stated;
  }

  get mark(): DecimalMark {
    return this.found ?? this.usual;
  }

  /** The number with a decimal point; undefined when it is none with the file's decimal mark. */
  read(cell: string): string | undefined {
    const text = cell.trim();
    const [isNumber, mark] = NUMBER.exec(text) ?? [];
    if (isNumber === undefined) return undefined;
    if (!mark) return text;
    this.found ??= AMBIGUOUS.test(text) ? this.usual : (mark as DecimalMark);
    return mark === this.found ? text.replace(mark, '.') : undefined;
  }

  /** Where the decimal mark is a comma, spreadsheets separate fields by semicolons. */
  private get usual(): DecimalMark {
    return this.delimiter === ';' ? ',' : '.';
  }
}
