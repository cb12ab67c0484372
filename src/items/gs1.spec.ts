import * as fc from 'fast-check';
import { checkDigitOf } from './gtin.js';
import { type Gs1Data, MeasureKind, readGs1 } from './gs1.js';

const GTIN = '09506000134352';
const NOTHING: Gs1Data = { gtin: GTIN, measures: [] };
const THIS_YEAR = 2026;

function read(code: string): unknown {
  return readGs1(code, THIS_YEAR);
}

describe('A GS1 element string', () => {
  it.each([
    ['GS1-128', ']C1'],
    ['GS1 DataBar', ']e0'],
    ['GS1 DataMatrix', ']d2'],
    ['GS1 QR code', ']Q3'],
    ['GS1 DotCode', ']J1'],
    ['scanner that says no symbology', ''],
    ['scanner that sends the first FNC1', '\x1d'],
  ])('of a %s is read', (_, prefix) => {
    expect(read(`${prefix}01${GTIN}3103001250`)).toEqual({
      ...NOTHING,
      measures: [{ kind: MeasureKind.NetWeight, unit: 'kg', value: '1.250' }],
    });
  });

  it.each([
    ['\x1d'],
    ['\x1d\x1d'],
    ['<GS>'],
    ['{GS}'],
    ['[GS]'],
    ['<FNC1>'],
    ['{fnc1}'],
    ['\\x1d'],
    ['\\u001d'],
    ['^]'],
    ['\u241d'],
    ['|'],
    ['~'],
    ['^'],
  ])('has %j behind a value of no predefined length', (separator) => {
    const code = `]C110AB-12${separator}01${GTIN}21xyz${separator}`;
    expect(read(code)).toEqual({ ...NOTHING, batch: 'AB-12', serial: 'xyz' });
  });

  it('keeps to its separators where it has real ones', () => {
    expect(read(`01${GTIN}10A<GS>B\x1d21C`)).toEqual({ ...NOTHING, batch: 'A<GS>B', serial: 'C' });
  });

  it.each([
    `(01)${GTIN}(10)ABC(123)D(17)261231`,
    ` (01) 0 9506000 13435 2 (10) ABC(123)D\t(17) 261231\r\n`,
    `]C1(01)${GTIN}(10)ABC(123)D(17)261231`,
  ])('is read as it is printed: %j', (code) => {
    // A number in brackets within a value is taken for the next element, and 123 is none.
    expect(read(code.replace('(123)', ''))).toEqual({
      ...NOTHING,
      batch: 'ABCD',
      expiryDate: '2026-12-31',
    });
    expect(read(code.replace('(123)', '(x)'))).toMatchObject({ batch: 'ABC(x)D' });
    expect(read(code)).toBe('unreadable');
  });

  it.each<[string, Partial<Gs1Data>]>([
    ['10A-1/b', { batch: 'A-1/b' }],
    ['21S%1', { serial: 'S%1' }],
    ['3012', { count: '12' }],
    ['11260101', { productionDate: '2026-01-01' }],
    ['13260102', { packagingDate: '2026-01-02' }],
    ['15260103', { bestBeforeDate: '2026-01-03' }],
    ['16260104', { sellByDate: '2026-01-04' }],
    ['17260105', { expiryDate: '2026-01-05' }],
    ['3100000012', { measures: [{ kind: MeasureKind.NetWeight, unit: 'kg', value: '12' }] }],
    ['3105000012', { measures: [{ kind: MeasureKind.NetWeight, unit: 'kg', value: '0.00012' }] }],
    ['3112000250', { measures: [{ kind: MeasureKind.Length, unit: 'm', value: '2.50' }] }],
    ['3122000250', { measures: [{ kind: MeasureKind.Width, unit: 'm', value: '2.50' }] }],
    ['3132000250', { measures: [{ kind: MeasureKind.Height, unit: 'm', value: '2.50' }] }],
    ['3142000250', { measures: [{ kind: MeasureKind.Area, unit: 'm2', value: '2.50' }] }],
    ['3152000250', { measures: [{ kind: MeasureKind.NetVolume, unit: 'l', value: '2.50' }] }],
    ['3163000250', { measures: [{ kind: MeasureKind.NetVolume, unit: 'm3', value: '0.250' }] }],
    ['3202000150', { measures: [{ kind: MeasureKind.NetWeight, unit: 'lb', value: '1.50' }] }],
    ['3570000008', { measures: [{ kind: MeasureKind.NetWeight, unit: 'oz', value: '8' }] }],
    ['3922399', { price: '3.99' }],
    ['3929399', { price: '0.000000399' }],
    ['3932978399', { price: '3.99', priceCurrency: '978' }],
    ['39411234', { discountRate: '123.4' }],
    ['3952000399', { unitPrice: '3.99' }],
    // Elements that say nothing of use here are passed over.
    ['2007', {}],
    ['240ADDITIONAL\x1d422792\x1d7003', 'unreadable' as never],
    ['240ADDITIONAL\x1d422792\x1d70032612312359\x1d9912AB', {}],
  ])('tells %j', (elements, told) => {
    const expected = typeof told === 'string' ? told : { ...NOTHING, ...told };
    expect(read(`]C101${GTIN}${elements}`)).toEqual(expected);
    expect(read(`]C1${elements}\x1d01${GTIN}`)).toEqual(expected);
  });

  it('of a carton tells what is in it, and how much', () => {
    expect(read(`]C10010614141234567890802${GTIN}3724`)).toEqual({ ...NOTHING, count: '24' });
  });

  it.each([
    ['260200', '2026-02-28'],
    ['280200', '2028-02-29'],
    ['261200', '2026-12-31'],
    ['280229', '2028-02-29'],
    ['760101', '2076-01-01'],
    ['770101', '1977-01-01'],
    ['991231', '1999-12-31'],
    ['000101', '2000-01-01'],
    ['270229', undefined],
    ['261301', undefined],
    ['260001', undefined],
    ['260000', undefined],
    ['261300', undefined],
    ['260132', undefined],
  ])('says the date %s as %s in 2026', (digits, expiryDate) => {
    expect(read(`]C101${GTIN}17${digits}`)).toEqual({ ...NOTHING, expiryDate });
  });

  it('reads the year 49 back and 50 ahead, whatever the century', () => {
    expect(readGs1(`]C101${GTIN}17010101`, 2051)).toMatchObject({ expiryDate: '2101-01-01' });
    expect(readGs1(`]C101${GTIN}17020101`, 2051)).toMatchObject({ expiryDate: '2002-01-01' });
    expect(readGs1(`]C101${GTIN}17990101`, 2000)).toMatchObject({ expiryDate: '1999-01-01' });
  });

  it.each([
    ['a wrong check digit', '0109506000134351'],
    ['a GTIN that is cut off', '01095060001343'],
    ['a weight that is cut off', `01${GTIN}310300125`],
    ['letters in a weight', `01${GTIN}31030012A0`],
    ['letters in a price', `01${GTIN}392239A`],
    ['letters in a date', `01${GTIN}1726013A`],
    ['an empty batch', `01${GTIN}10`],
    ['a batch that is too long', `01${GTIN}10${'B'.repeat(21)}`],
    ['a value that is too long', `01${GTIN}240${'B'.repeat(91)}`],
    ['an unknown application identifier', `01${GTIN}0512`],
    ['half an application identifier', `01${GTIN}31`],
    ['two different batches', `01${GTIN}10A\x1d10B`],
    ['characters that no value has', `01${GTIN}10É`],
  ])('with %s is unreadable', (_, elements) => {
    expect(read(`]C1${elements}`)).toBe('unreadable');
    expect(read(`\x1d${elements}`)).toBe('unreadable');
    expect(read(elements)).toBeUndefined();
  });

  it.each([
    '',
    ' ',
    'B-1',
    '4006381333931',
    '2112345015002',
    '99999999999999',
    '(B)',
    '()',
    ']',
    ']C',
    ']C1',
  ])('is not what %j is', (code) => {
    expect(read(code)).toBeUndefined();
  });

  it.each([']C100106141412345678909', '(00)106141412345678908', ']C110ABC'])(
    'without an item, as %j, names none',
    (code) => {
      expect(read(code)).toBeUndefined();
    },
  );
});

describe('A GS1 Digital Link', () => {
  it.each<[string, Partial<Gs1Data>]>([
    [`https://id.gs1.org/01/${GTIN}`, {}],
    [`https://id.gs1.org/01/${GTIN}/`, {}],
    [`HTTPS://ID.GS1.ORG/01/${GTIN}#top`, {}],
    [`]Q1https://id.gs1.org/01/${GTIN}`, {}],
    [`http://shop.example:8080/a/b/01/${GTIN}/22/v2/10/AB%2F1/21/s1`, { batch: 'AB/1', serial: 's1' }],
    [`https://id.gs1.org/01/${GTIN}?10=ABC`, { batch: 'ABC' }],
    ['https://id.gs1.org/01/9506000134352', {}],
    [
      `https://id.gs1.org/01/${GTIN}?linkType=all&17=261231;3922=399&utm=%&x#y`,
      { expiryDate: '2026-12-31', price: '3.99' },
    ],
  ])('is read from %s', (code, told) => {
    expect(read(code)).toEqual({ ...NOTHING, ...told });
  });

  it.each([
    'https://id.gs1.org/01/09506000134351',
    `https://id.gs1.org/01/${GTIN}/10/%E0%A4%A`,
    `https://id.gs1.org/01/${GTIN}/10`,
    `https://id.gs1.org/01/${GTIN}/review/5`,
    `https://id.gs1.org/01/${GTIN}?3103=1`,
  ])('is unreadable in %s', (code) => {
    expect(read(code)).toBe('unreadable');
  });

  it.each([
    'https://id.gs1.org',
    'https://id.gs1.org/01/',
    'https://shop.example/apples?01=1',
    `ftp://x/01/${GTIN}`,
  ])('is not what %s is', (code) => {
    expect(read(code)).toBeUndefined();
  });
});

describe('Whatever is scanned', () => {
  const digits = (minLength: number, maxLength = minLength) =>
    fc.stringMatching(new RegExp(`^[0-9]{${minLength},${maxLength}}$`));
  const text = fc
    .stringMatching(/^[!"%-?A-Z_a-z]{1,20}$/)
    // Brackets around 2 to 4 digits are an application identifier in print.
    .filter((value) => !/\([0-9]{2,4}\)/.test(value));
  const date = fc
    .date({ min: new Date('1977-01-01'), max: new Date('2076-12-31'), noInvalidDate: true })
    .map((time) => time.toISOString().slice(0, 10));
  const yymmdd = (day: string) => day.slice(2).replaceAll('-', '');
  const decimals = fc.nat(5);
  const shift = (value: string, places: number) => (Number(value) / 10 ** places).toFixed(places);

  /** Elements, and what they say. Some need a separator behind them. */
  const element = {
    batch: text.map((value) => ({ ai: '10', value, says: { batch: value }, open: true })),
    serial: text.map((value) => ({ ai: '21', value, says: { serial: value }, open: true })),
    count: digits(1, 8).map((value) => ({ ai: '30', value, says: { count: value }, open: true })),
    bestBeforeDate: date.map((day) => ({
      ai: '15',
      value: yymmdd(day),
      says: { bestBeforeDate: day },
      open: false,
    })),
    expiryDate: date.map((day) => ({ ai: '17', value: yymmdd(day), says: { expiryDate: day }, open: false })),
    weight: fc.tuple(digits(6), decimals).map(([value, places]) => ({
      ai: `310${places}`,
      value,
      says: { measures: [{ kind: MeasureKind.NetWeight, unit: 'kg', value: shift(value, places) }] },
      open: false,
    })),
    price: fc.tuple(digits(6, 15), decimals).map(([value, places]) => ({
      ai: `392${places}`,
      value,
      says: { price: shift(value, places) },
      open: true,
    })),
    other: text.map((value) => ({ ai: '240', value, says: {}, open: true })),
    variant: digits(2).map((value) => ({ ai: '20', value, says: {}, open: false })),
  };
  const gtin = digits(13).map((number) => number + checkDigitOf(number));
  const elements = fc
    .record(element, { requiredKeys: [] })
    .chain((some) => fc.shuffledSubarray(Object.values(some), { minLength: Object.keys(some).length }));

  it('gives back what was encoded, in each form', () => {
    fc.assert(
      fc.property(gtin, elements, (number, encoded) => {
        const said = Object.assign(
          { ...NOTHING, gtin: number },
          ...encoded.map(({ says }) => says),
        ) as Gs1Data;
        const all = [{ ai: '01', value: number, open: false }, ...encoded];
        const raw = all.map(({ ai, value, open }) => ai + value + (open ? '\x1d' : '')).join('');
        expect(read(`]d2${raw}`)).toEqual(said);
        expect(read(`]d2${raw}`.replace(/\x1d$/, ''))).toEqual(said);
        expect(read(all.map(({ ai, value }) => `(${ai})${value}`).join(''))).toEqual(said);
        const query = encoded.map(({ ai, value }) => `${ai}=${encodeURIComponent(value)}`).join('&');
        expect(read(`https://id.gs1.org/01/${number}?${query}`)).toEqual(said);
      }),
    );
  });

  it('never throws, and gives no item without a right check digit', () => {
    const pieces = fc.constantFrom(
      '01',
      '10',
      '3103',
      '(01)',
      '(10)',
      ']C1',
      '\x1d',
      '<GS>',
      GTIN,
      'https://x/01/',
      '%',
      '?',
      '/',
      '=',
    );
    const code = fc.array(fc.oneof(pieces, digits(1, 6), fc.string({ unit: 'binary', maxLength: 5 })), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(code, (parts) => {
        const data = read(parts.join(''));
        if (typeof data === 'object') {
          const { gtin: number } = data as Gs1Data;
          expect(number).toBe(number.slice(0, -1) + checkDigitOf(number.slice(0, -1)));
        } else expect([undefined, 'unreadable']).toContain(data);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['elements', '2007'.repeat(100_000)],
    ['open elements', '10A\x1d'.repeat(100_000)],
    ['separators', '\x1d'.repeat(400_000)],
    ['brackets', '('.repeat(400_000)],
    ['elements in brackets', '(10)A'.repeat(80_000)],
    ['segments', `https://x${'/01'.repeat(130_000)}`],
    ['parameters', `https://x/01/${GTIN}?${'10=A&'.repeat(80_000)}`],
    ['symbology identifiers', ']C1'.repeat(130_000)],
    ['spaces', ' '.repeat(400_000)],
  ])('has an end with thousands of %s', (_, code) => {
    // What takes time that grows faster than the code would not come to its end here.
    expect(['unreadable', undefined, 'object']).toContain(
      typeof read(code) === 'object' ? 'object' : read(code),
    );
  });
});
