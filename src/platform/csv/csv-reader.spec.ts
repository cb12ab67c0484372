import * as fc from 'fast-check';
import { CsvReader } from './csv-reader.js';
import { DecimalMarks } from './decimal-marks.js';
import { EncodedText } from './encoded-text.js';

/** The bytes in pieces of these sizes, again and again. */
// eslint-disable-next-line @typescript-eslint/require-await -- async, as those of a request are.
async function* piecesOf(bytes: Buffer, sizes: number[]): AsyncGenerator<Buffer> {
  for (let [start, turn] = [0, 0]; start < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] as number;
    yield bytes.subarray(start, start + size);
    start += size;
  }
}

async function readAll(bytes: Buffer, sizes: number[]): Promise<{ header: string[]; rows: string[][] }> {
  const csv = await CsvReader.open(piecesOf(bytes, sizes), {});
  const rows: string[][] = [];
  for await (const { cells } of csv.rows()) rows.push(cells);
  return { header: csv.header, rows };
}

async function decode(bytes: Buffer, sizes: number[]): Promise<[string, string]> {
  const text = new EncodedText(piecesOf(bytes, sizes));
  let all = '';
  for await (const piece of text) all += piece;
  return [all, text.encoding];
}

const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 4 });

describe('Text in bytes', () => {
  it('is the same however the bytes are cut', async () => {
    const texts = fc.string({ unit: 'binary' }).map((text) => text.toWellFormed());
    const property = fc.asyncProperty(texts, sizes, async (text, cut) => {
      const marked = `\ufeffa${text}`;
      expect(await decode(Buffer.from(marked), cut)).toEqual([`a${text}`, 'utf-8']);
      expect(await decode(Buffer.from(marked, 'utf16le'), cut)).toEqual([`a${text}`, 'utf-16le']);
      expect((await decode(Buffer.from(`a${text}`), cut))[0]).toBe(`a${text}`);
    });
    await fc.assert(property);
  });

  it.each([
    ['only ASCII', Buffer.from('Tea'), 'Tea', 'utf-8'],
    [
      'Turkish letters behind others',
      Buffer.from('Tea; \xfc; \xfe\xfd', 'latin1'),
      'Tea; ü; şı',
      'windows-1254',
    ],
    ['letters that both have', Buffer.from('Caf\xe9', 'latin1'), 'Café', 'windows-1252'],
    ['Icelandic', Buffer.from('\xfeetta er \xe1st', 'latin1'), 'þetta er ást', 'windows-1252'],
    ['the euro sign of Windows', Buffer.from([0x80]), '€', 'windows-1252'],
    ['nothing', Buffer.alloc(0), '', 'utf-8'],
  ])('is found out: %s', async (_, bytes, text, encoding) => {
    expect(await decode(bytes, [1000])).toEqual([text, encoding]);
  });

  it.each([
    ['Turkish', 'S1;M\xe1laga \xfearap\n' + 'S2;\xdei\xfee \xf0\xfc\xfe\xfd\xdd\n'.repeat(20)],
    ['Icelandic', '\xdeorskur\n' + '\xddsa me\xf0 \xe1 \xfeurrka\xf0 \xf3\xe6\n'.repeat(20)],
    ['a broken UTF-8', 'Caf\xc3\xa9 \xc3\xbc \xff'],
  ])('is the same in an encoding that is found out, however the bytes are cut: %s', async (_, text) => {
    const bytes = Buffer.from(text, 'latin1');
    const outcome = (cut: number[]) => decode(bytes, cut).catch((error: unknown) => String(error));
    const whole = await outcome([bytes.length]);
    for (let cut = 1; cut < bytes.length; cut++) expect(await outcome([cut, bytes.length])).toEqual(whole);
  });

  it('is refused where it is UTF-8 up to a point', async () => {
    const bytes = Buffer.concat([Buffer.from('Café, Müsli '), Buffer.from([0xff]), Buffer.from(' and more')]);
    await expect(decode(bytes, [6])).rejects.toThrow('not in the encoding');
  });
});

describe('Rows of CSV', () => {
  it('are the same however the bytes are cut', async () => {
    const file = 'name;price\r\n"Tea; ""green""\nloose";3,5\r\n\r\n;\r\nMüsli;4\n';
    const rows = [
      ['Tea; "green"\nloose', '3,5'],
      ['Müsli', '4'],
    ];
    await fc.assert(
      fc.asyncProperty(sizes, async (cut) => {
        expect(await readAll(Buffer.from(file), cut)).toEqual({ header: ['name', 'price'], rows });
      }),
    );
  });

  it('count as in a spreadsheet', async () => {
    const csv = await CsvReader.open(piecesOf(Buffer.from('a\n"1\n2"\n\n3\n'), [3]), {});
    const rows: number[] = [];
    for await (const { row } of csv.rows()) rows.push(row);
    expect(rows).toEqual([2, 4]);
  });

  it('are no longer than anybody needs', async () => {
    await expect(readAll(Buffer.from(`a\n"${'x'.repeat(70_000)}`), [5_000])).rejects.toThrow(
      'a quote does not end',
    );
  });
});

describe('Decimal marks', () => {
  it.each([
    [';', ['1', '2,5', '3.5'], ['1', '2.5', undefined], ','],
    [',', ['2.5', '2,5', '1e3'], ['2.5', undefined, '1e3'], '.'],
    [';', ['1,250', '2.5'], ['1.250', undefined], ','],
    [',', ['1,250', '1.250', '-7'], [undefined, '1.250', '-7'], '.'],
    [';', ['0.125', '3,5'], ['0.125', undefined], '.'],
    ['\t', ['0,250', '3,99'], ['0.250', '3.99'], ','],
    [',', ['1.234,50', 'free', '', '€ 5'], [undefined, undefined, '', undefined], '.'],
  ] as const)('with %j between the fields: %j', (delimiter, cells, values, mark) => {
    const marks = new DecimalMarks(undefined, delimiter);
    expect(cells.map((cell) => marks.read(cell))).toEqual(values);
    expect(marks.mark).toBe(mark);
  });
});
