import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { type CsvValue, restoreFormula } from './csv-text.js';
import { Table } from './table.js';

const COLUMNS = ['name', 'price', 'is_open'] as const;
const LAYOUT = { delimiter: ',', decimal: '.' } as const;

describe('A table as CSV', () => {
  it('begins with a byte order mark and a header, and every line ends with CR LF', () => {
    expect(csvOf([{ name: 'Tea', price: 3.5, is_open: true }])).toBe(
      '\uFEFFname,price,is_open\r\nTea,3.5,true\r\n',
    );
    expect(csvOf([])).toBe('\uFEFFname,price,is_open\r\n');
  });

  it('quotes what needs it, and tells empty text from none', () => {
    expect(linesOf([{ name: 'Tea, "green"', price: 1, is_open: false }])).toEqual([
      '"Tea, ""green""",1,false',
    ]);
    expect(linesOf([{ name: 'Two\nlines' }])).toEqual(['"Two\nlines",,']);
    expect(linesOf([{ name: '' }, { name: null }])).toEqual(['"",,', ',,']);
  });

  it('defuses text and leaves numbers alone', () => {
    expect(linesOf([{ name: '-1.5', price: -1.5 }])).toEqual(["'-1.5,-1.5,"]);
  });

  it.each([
    [';', ',', '-1,5;Tea'],
    ['\t', '.', '-1.5\tTea'],
    [',', ',', '"-1,5",Tea'],
  ] as const)('is written with the delimiter %j and the decimal mark %j', (delimiter, decimal, line) => {
    const table = Table.of([{ price: -1.5, name: 'Tea' }], ['price', 'name'], { delimiter, decimal });
    expect(table.toCsv()).toBe(`\uFEFFprice${delimiter}name\r\n${line}\r\n`);
  });

  it('is read back as it was', () => {
    const row = fc.record({
      name: fc.option(
        fc.string({ unit: fc.constantFrom('"', ',', ';', '\t', '\r', '\n', "'", '=', 'ä', ' ') }),
      ),
      price: fc.option(fc.integer().map((cents) => cents / 100)),
      is_open: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(row, { minLength: 1 }),
        fc.constantFrom(',' as const, ';' as const, '\t' as const),
        fc.constantFrom('.' as const, ',' as const),
        (rows, delimiter, decimal) => {
          const text = Table.of(rows, COLUMNS, { delimiter, decimal }).toCsv() as string;
          const read: unknown = parse(text, {
            ...{ bom: true, columns: true, delimiter },
            cast: (value, { column, quoting, header }) =>
              header ? value : valueOf(value, column as string, quoting, decimal),
          });
          expect(read).toEqual(rows);
        },
      ),
    );
  });
});

function valueOf(text: string, column: string, isQuoted: boolean, decimal: string): CsvValue {
  if (text === '' && !isQuoted) return null;
  if (column === 'price') return Number(text.replace(decimal, '.'));
  return column === 'is_open' ? text === 'true' : restoreFormula(text);
}

function csvOf(rows: { name?: string | null; price?: number; is_open?: boolean }[]): string {
  return Table.of(rows, COLUMNS, LAYOUT).toCsv() as string;
}

/** Without the header. */
function linesOf(rows: Parameters<typeof csvOf>[0]): string[] {
  return csvOf(rows).split('\r\n').slice(1, -1);
}
