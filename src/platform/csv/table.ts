import { type Options, stringify } from 'csv-stringify/sync';
import { RowStream } from '../database/row-stream.js';
import { SLICE, slicesInTurns } from '../lists/in-turns.js';
import { arrayOf, ListStream } from '../lists/list-stream.js';
import type { CsvLayout } from './csv-query.dto.js';
import { type CsvValue, defuseFormula, numberText } from './csv-text.js';

type Layout = Pick<CsvLayout, 'delimiter' | 'decimal'>;

type Row = object;

/** What a handler with `@CsvFile()` or `@JsonOrCsv()` returns. Its CSV is that of RFC 4180. */
export class Table {
  private constructor(
    private readonly columns: readonly string[],
    private readonly rows: Row[] | RowStream<Row>,
    private readonly layout: Layout,
    private readonly json: object | undefined,
  ) {}

  /**
   * @param rows a stream of them is sent as a stream: see {@link ListStream}
   * @param columns in order; a value that a row does not have is an empty field
   * @param json for a route that offers JSON, too; it may have the rows in it
   */
  static of<Column extends string, Row extends Partial<Record<Column, CsvValue>>>(
    rows: Row[] | RowStream<Row>,
    columns: readonly Column[],
    layout: Layout,
    json?: object,
  ): Table {
    return new Table(columns, rows, layout, json);
  }

  toCsv(): string | AsyncIterable<string> {
    if (this.rows instanceof RowStream) {
      return ListStream.of(this.rows, (batches) => this.writeBatches(batches));
    }
    return this.rows.length > SLICE
      ? this.writeBatches(slicesInTurns(this.rows))
      : this.writeHeader() + this.write(this.rows);
  }

  /** What is sent where the client prefers JSON, and the route offers it. */
  toJson(): object | undefined {
    return Array.isArray(this.rows) && this.rows.length > SLICE && this.json
      ? this.writeJson(this.rows, this.json)
      : this.json;
  }

  private async *writeJson(rows: Row[], json: object): AsyncIterable<string> {
    let before = '{';
    for (const [name, value] of Object.entries(json) as [string, unknown][]) {
      yield `${before}${JSON.stringify(name)}:`;
      if (value === rows) yield* arrayOf<Row>((row) => row)(slicesInTurns(rows));
      else yield JSON.stringify(value);
      before = ',';
    }
    yield '}';
  }

  /** The header comes with the first rows, so that an error before them is answered as one. */
  private async *writeBatches(batches: AsyncIterable<Row[]>): AsyncIterable<string> {
    let header = this.writeHeader();
    for await (const batch of batches) {
      yield header + this.write(batch);
      header = '';
    }
    if (header !== '') yield header;
  }

  /** With a byte order mark, without which Excel does not read UTF-8. */
  private writeHeader(): string {
    return stringify([], { ...this.options, bom: true, header: true, columns: [...this.columns] });
  }

  private write(rows: Row[]): string {
    const records = rows.map((row: Partial<Record<string, CsvValue>>) =>
      this.columns.map((column): CsvValue => row[column] ?? null),
    );
    return stringify(records, this.options);
  }

  private get options(): Options {
    const { delimiter, decimal } = this.layout;
    return {
      delimiter,
      record_delimiter: 'windows',
      // A field with LF alone, too: where the delimiter of records is given, the default is to leave that one unquoted.
      quote_record_delimiter: true,
      // Empty text has quotes, and null has none, as in PostgreSQL's CSV.
      quoted_match: /^$/,
      cast: {
        string: defuseFormula,
        number: (value) => numberText(value, decimal),
        boolean: String,
      },
    };
  }
}
