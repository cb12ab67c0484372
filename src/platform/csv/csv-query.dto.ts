import { Field } from '../validation/field.js';
import { EnumCheck } from '../validation/fields.js';
import type { Delimiter } from './csv-reader.js';
import type { DecimalMark } from './csv-text.js';
import { type Encoding, ENCODINGS } from './encoded-text.js';

export type TableFormat = 'csv' | 'json';

/** A tab has a name, because it is hard to type into an address. */
const TAB = 'tab';
const DELIMITERS = [',', ';', TAB];
const DECIMAL_MARKS = [',', '.'];

/** How a table is written as CSV. */
export class CsvLayout {
  /** What stands between the fields of CSV. Excel opens files with `;` where numbers have a decimal comma. */
  @Field({ optional: true }, { type: 'string', enum: DELIMITERS, default: ',' }, delimiterOf, [
    EnumCheck(DELIMITERS, (delimiter) => [',', ';', '\t'].includes(delimiter as string)),
  ])
  delimiter: Delimiter = ',';

  /** The decimal mark of numbers in CSV. */
  @Field({ optional: true }, { type: 'string', enum: DECIMAL_MARKS, default: '.' }, keep, [
    EnumCheck(DECIMAL_MARKS, (mark) => DECIMAL_MARKS.includes(mark as string)),
  ])
  decimal: DecimalMark = '.';
}

/** How a CSV file that a client sends is read. What is not stated is found out. */
export class CsvReading {
  /** What stands between the fields. It is the one that the header has most of, unless it is stated. */
  @Field({ optional: true }, { type: 'string', enum: DELIMITERS }, delimiterOf, [
    EnumCheck(DELIMITERS, (delimiter) => [',', ';', '\t'].includes(delimiter as string)),
  ])
  delimiter?: Delimiter;

  /** The decimal mark of numbers. It is that of the first number with one, unless it is stated. */
  @Field({ optional: true }, { type: 'string', enum: DECIMAL_MARKS }, keep, [
    EnumCheck(DECIMAL_MARKS, (mark) => DECIMAL_MARKS.includes(mark as string)),
  ])
  decimal?: DecimalMark;

  /** The encoding of the text. Files of Excel are mostly UTF-8, or Windows-1254 in Turkey, or Windows-1252 in the west of Europe. */
  @Field({ optional: true }, { type: 'string', enum: [...ENCODINGS] }, keep, [
    EnumCheck([...ENCODINGS], (encoding) => ENCODINGS.includes(encoding as Encoding)),
  ])
  encoding?: Encoding;
}

/** For a route with `@CsvFile()`. */
export class CsvQuery extends CsvLayout {
  /** Asks for CSV, whatever `Accept` says. */
  @FormatField(['csv'])
  format?: TableFormat;
}

/** For a route with `@JsonOrCsv()`. */
export class JsonOrCsvQuery extends CsvLayout {
  /** Asks for JSON or CSV, whatever `Accept` says. */
  @FormatField(['json', 'csv'])
  format?: TableFormat;
}

function FormatField(formats: TableFormat[]): PropertyDecorator {
  return Field({ optional: true }, { type: 'string', enum: formats }, keep, [
    EnumCheck(formats, (format) => formats.includes(format as TableFormat)),
  ]);
}

function delimiterOf(sent: unknown): unknown {
  return sent === TAB ? '\t' : sent;
}

function keep(sent: unknown): unknown {
  return sent;
}
