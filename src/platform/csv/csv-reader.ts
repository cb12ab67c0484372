import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { CsvProblem } from './csv-problem.js';
import { EncodedText, type Encoding } from './encoded-text.js';

export type Delimiter = ',' | ';' | '\t';

/** In characters. The longest row that is right has fewer: what is longer has a quote that does not end. */
const MAX_ROW_LENGTH = 64 * 1024;

const DELIMITERS: Delimiter[] = [',', ';', '\t'];
const LINE_END = /\r\n|\n|\r/;

/** By this line Excel is told the delimiter. It does not count as a row. */
const STATED_BY_FILE = /^sep=([,;\t])(?:\r\n|\n|\r)/i;

const NO_HEADER = {
  type: 'missing',
  msg: 'The file has no header: its first row has the names of the columns',
};
const TOO_LONG = {
  type: 'string_too_long',
  msg: `A row has at most ${MAX_ROW_LENGTH} characters: this one is longer, or a quote does not end`,
};
const BROKEN_QUOTES = {
  type: 'value_error',
  msg: 'A quote inside a field is doubled, and the field stands in quotes',
};

export interface CsvRow {
  /** As a spreadsheet counts: the header is row 1, and rows without a value count as well. */
  row: number;
  cells: string[];
}

/** Reads CSV as it arrives: RFC 4180, and what spreadsheets make of it. */
export class CsvReader {
  private constructor(
    readonly header: string[],
    readonly delimiter: Delimiter,
    private readonly text: EncodedText,
    private readonly records: AsyncIterator<string[]>,
  ) {}

  /**
   * Reads the header. What is not stated is found out: the delimiter is the one that the header has most of.
   *
   * @throws CsvProblem
   */
  static async open(
    bytes: AsyncIterable<Buffer>,
    stated: { delimiter?: Delimiter; encoding?: Encoding },
  ): Promise<CsvReader> {
    const text = new EncodedText(bytes, stated.encoding);
    const pieces = text[Symbol.asyncIterator]();
    let beginning = await readFirstLine(pieces);
    const [line, byFile] = STATED_BY_FILE.exec(beginning) ?? [];
    if (line !== undefined) beginning = beginning.slice(line.length) + (await readFirstLine(pieces));
    const delimiter = stated.delimiter ?? (byFile as Delimiter | undefined) ?? delimiterOf(beginning);
    const records = recordsOf(beginning, pieces, delimiter);
    const { value: header } = (await records.next()) as IteratorResult<string[], undefined>;
    if (!header || !hasValue(header)) throw new CsvProblem(NO_HEADER);
    return new CsvReader(header, delimiter, text, records);
  }

  /** Known when all rows are read. */
  get encoding(): string {
    return this.text.encoding;
  }

  /**
   * The rows that have a value.
   *
   * @throws CsvProblem
   */
  async *rows(): AsyncGenerator<CsvRow> {
    for (let row = 2; ; row++) {
      const { value: cells } = (await this.records.next()) as IteratorResult<string[], undefined>;
      if (!cells) return;
      if (hasValue(cells)) yield { row, cells };
    }
  }
}

async function readFirstLine(pieces: AsyncIterator<string>): Promise<string> {
  let text = '';
  while (!LINE_END.test(text) && text.length < MAX_ROW_LENGTH) {
    const piece = (await pieces.next()) as IteratorResult<string, undefined>;
    if (piece.done) break;
    text += piece.value;
  }
  return text;
}

function delimiterOf(text: string): Delimiter {
  const header = (text.split(LINE_END, 1)[0] as string).replace(/"[^"]*"/g, '');
  const count = (delimiter: Delimiter): number => header.split(delimiter).length;
  return DELIMITERS.reduce((best, one) => (count(one) > count(best) ? one : best));
}

async function* recordsOf(
  beginning: string,
  rest: AsyncIterator<string>,
  delimiter: Delimiter,
): AsyncGenerator<string[]> {
  async function* all() {
    if (beginning !== '') yield beginning;
    yield* { [Symbol.asyncIterator]: () => rest };
  }
  const parser = parse({
    delimiter,
    record_delimiter: ['\r\n', '\n', '\r'],
    // A spreadsheet leaves empty cells at the end of a row out.
    relax_column_count: true,
    max_record_size: MAX_ROW_LENGTH,
  });
  const source = Readable.from(all());
  source.once('error', (error) => parser.destroy(error));
  source.pipe(parser);
  try {
    for await (const record of parser) yield record as string[];
  } catch (error) {
    throw error instanceof CsvError ? problemOf(error) : error;
  } finally {
    source.destroy();
  }
}

function problemOf({ code, records }: CsvError): CsvProblem {
  const isEndless = code === 'CSV_MAX_RECORD_SIZE' || code === 'CSV_QUOTE_NOT_CLOSED';
  return new CsvProblem(isEndless ? TOO_LONG : BROKEN_QUOTES, Number(records) + 1);
}

function hasValue(cells: string[]): boolean {
  return cells.some((cell) => cell.trim() !== '');
}
