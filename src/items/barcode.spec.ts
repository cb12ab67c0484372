import * as fc from 'fast-check';
import { barcodeColumns, readBarcode } from './barcode.js';
import { checkDigitOf, compressToUpcE, expandUpcE, isGtin } from './gtin.js';

const EAN = '4006381333931';
const GTIN = '04006381333931';

describe('A UPC-E', () => {
  // Each way of leaving out zeros, from section 5.2.2.4.2 of the GS1 General Specifications.
  it.each([
    ['04252614', '042100005264'],
    ['01234505', '012000003455'],
    ['01234523', '012200003453'],
    ['01234531', '012300000451'],
    ['01234543', '012340000053'],
    ['01234565', '012345000065'],
    ['01234596', '012345000096'],
    ['11234562', '112345000062'],
  ])('%s stands for the UPC-A %s', (upcE, upcA) => {
    expect(expandUpcE(upcE)).toBe(upcA);
    expect(compressToUpcE(upcA)).toBe(upcE);
  });

  it.each(['04252615', '24252614', '4252614', '425261', '', '042526140', 'B4252614', '０4252614'])(
    'is not what %j is',
    (code) => {
      expect(expandUpcE(code)).toBeUndefined();
    },
  );

  it.each(['036000291452', '212345000065', '012345678905', '', '0'])('is none for the UPC-A %j', (upcA) => {
    expect(compressToUpcE(upcA)).toBeUndefined();
  });

  it('is found again from each UPC-A that it stands for', () => {
    const sixDigits = fc.tuple(fc.constantFrom('0', '1'), fc.stringMatching(/^[0-9]{6}$/));
    fc.assert(
      fc.property(sixDigits, ([system, digits]) => {
        const [upcE] = Array.from({ length: 10 }, (_, check) => `${system}${digits}${check}`).filter(
          expandUpcE,
        );
        const upcA = expandUpcE(upcE ?? '') ?? '';
        expect(isGtin(upcA)).toBe(true);
        expect(expandUpcE(compressToUpcE(upcA) ?? '')).toBe(upcA);
      }),
    );
  });
});

describe('A barcode', () => {
  it.each([
    EAN,
    '4 006381 333931',
    '4-006381-333931',
    '4\u2013006381\u2013333931 >',
    '*4006381333931*',
    '4006381\u200b333931\u00ad',
    '\u00a04006381333931\r\n',
    '４００６３８１３３３９３１',
    '４　００６３８１　３３３９３１',
    ']E04006381333931',
    ']E3400638133393112',
    ']E3400638133393112345',
    ']C04006381333931',
  ])('such as %j is kept as its digits, and found by their number', (barcode) => {
    expect(barcodeColumns(barcode)).toEqual({ barcode: EAN, gtin: GTIN });
    expect(readBarcode(barcode)).toMatchObject({ isMisread: false });
    expect(readBarcode(barcode).keys).toContainEqual({ gtin: GTIN });
  });

  it.each([
    ['0 36000 29145 2', '036000291452'],
    ['9638 5074', '96385074'],
    ['0 425261 4', '04252614'],
    ['100-1234567890-2', '10012345678902'],
    ['978-3-16-148410-0', '9783161484100'],
  ])('such as %j is kept as %s', (barcode, digits) => {
    expect(barcodeColumns(barcode)).toEqual({ barcode: digits, gtin: digits.padStart(14, '0') });
  });

  it.each([
    ['', null],
    ['B-1', null],
    ['12 34', null],
    ['4 006381 333930', null],
    ['ISBN 978-3-16-148410-0', null],
    ['½', null],
    ['٣', null],
    ['123456789012345', null],
    ['4011', '00000000004011'],
    ['4006381333930', '04006381333930'],
    ['36000291452', '00036000291452'],
    ['(10)400638', null],
    ['(01)04006381333931(10)ABC', GTIN],
    ['https://id.gs1.org/01/04006381333931', GTIN],
    [null, null],
  ])('such as %j is kept as it is, and found by the number %j', (barcode, gtin) => {
    expect(barcodeColumns(barcode)).toEqual({ barcode, gtin });
  });

  it.each([
    ['01234531', ['00000001234531', '00012300000451']],
    // Both an EAN-8 and a UPC-E, by its check digit.
    ['12345069', ['00000012345069', '00123450000069']],
    ['04252614', ['00000004252614', '00042100005264']],
    ['042100005264', ['00042100005264', '00000004252614']],
    ['0042100005264', ['00042100005264', '00000004252614']],
    [']E004252614', ['00000004252614', '00042100005264']],
    [']E404252614', ['00000004252614']],
    ['96385074', ['00000096385074']],
    ['10012345678902', ['10012345678902']],
    [EAN, [GTIN]],
  ])('such as %j is looked for as %j, in this order', (code, numbers) => {
    const keys = readBarcode(code).keys.flatMap((key) => ('gtin' in key ? key.gtin : []));
    expect(keys).toEqual(numbers);
  });

  it('that is no number is looked for as it is written, then without the symbology', () => {
    expect(readBarcode('B-1').keys).toEqual([{ text: 'B-1' }]);
    expect(readBarcode(']C0B-1').keys).toEqual([{ text: ']C0B-1' }, { text: 'B-1' }]);
    expect(readBarcode('B 1', ' B\u200b 1 ').keys[0]).toEqual({ text: 'B 1' });
  });

  it.each([
    ['4006381333930', true],
    ['4 006381 333930', true],
    [']E04006381333930', true],
    ['036000291453', true],
    ['96385075', true],
    ['04252615', true],
    ['0 425261 5', true],
    [']E404252614', true],
    ['0 425261 4', false],
    ['10012345678903', true],
    ['99999999999999', true],
    [']C10104006381333930', true],
    ['(01)04006381333930', true],
    ['(01)04006381333931(3103)12', true],
    ['https://id.gs1.org/01/04006381333930', true],
    [EAN, false],
    ['04252614', false],
    ['36000291453', false],
    ['4011', false],
    ['123456789012345', false],
    ['B-1', false],
    ['https://shop.example', false],
    ['', false],
  ])('such as %j is misread: %j', (code, isMisread) => {
    expect(readBarcode(code)).toMatchObject({ isMisread });
  });

  it('is read whatever it is, and what is kept of it is found again', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[\]E0 (-9)]{0,20}$/)),
        (code) => {
          const { barcode, gtin } = barcodeColumns(code);
          expect(barcodeColumns(barcode)).toEqual({ barcode, gtin });
          const key = gtin === null ? { text: barcode } : { gtin };
          expect(readBarcode(code).keys).toContainEqual(key);
        },
      ),
    );
  });

  it('is found with any marks between its digits, whatever the zeros before it', () => {
    const marks = fc.stringMatching(/^[ .\-–>*]{0,2}$/);
    const number = fc
      .constantFrom(7, 11, 12, 13)
      .chain((length) => fc.stringMatching(new RegExp(`^[0-9]{${length}}$`)));
    fc.assert(
      fc.property(number, fc.array(marks, { minLength: 15, maxLength: 15 }), (digits, between) => {
        const code = digits + checkDigitOf(digits);
        const printed = [...code].map((digit, at) => (between[at] ?? '') + digit).join('');
        expect(barcodeColumns(printed)).toEqual({ barcode: code, gtin: code.padStart(14, '0') });
        expect(readBarcode(printed).keys).toContainEqual({ gtin: code.padStart(14, '0') });
      }),
    );
  });
});
