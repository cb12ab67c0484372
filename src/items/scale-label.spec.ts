import { assert, integer, property } from 'fast-check';
import { checkDigitOf, gtinOf } from './gtin.js';
import { readSettings } from '../platform/config/settings.js';
import { SettingsError } from '../platform/config/settings-error.js';
import { ScaleLabels } from './scale-label.js';

function labelsOf(SCALE_BARCODE_PATTERN?: string): ScaleLabels {
  return new ScaleLabels(readSettings({ SCALE_BARCODE_PATTERN }));
}

describe('A GTIN', () => {
  it.each([
    ['4006381333931', '04006381333931'],
    ['036000291452', '00036000291452'],
    ['36000291452', '00036000291452'],
    ['10012345678902', '10012345678902'],
    ['96385074', '00000096385074'],
    ['0', '00000000000000'],
  ])('of %s is %s', (code, gtin) => {
    expect(gtinOf(code)).toBe(gtin);
  });

  it.each(['', '123456789012345', 'B-1', ' 1', '1\n', '1.5', '-1', '٣', '１'])('is none for %j', (code) => {
    expect(gtinOf(code)).toBeNull();
  });

  it.each(['4006381333931', '036000291452', '10012345678902', '96385074', '2000000000015'])(
    'such as %s ends in the check digit of the others',
    (code) => {
      expect(checkDigitOf(code.slice(0, -1))).toBe(code.slice(-1));
    },
  );
});

describe('A scale label', () => {
  // The one that Odoo's documentation has: 1.5 kg of item 12345.
  const LABEL = '2112345015002';

  it.each([LABEL, `0${LABEL}`])('is read from %s', (code) => {
    expect(labelsOf('21IIIIIWWWWWC').read(code)).toEqual({
      itemDigits: '12345',
      itemGtin: '02112345000008',
      weight: 1500,
      isMisread: false,
    });
  });

  it('gives back every item and weight that was printed, and knows each misread digit', () => {
    const labels = labelsOf('21IIIIIWWWWWC');
    const digits = integer({ min: 0, max: 99_999 });
    assert(
      property(
        digits,
        digits,
        integer({ min: 2, max: 12 }),
        integer({ min: 1, max: 9 }),
        (item, weight, at, off) => {
          const itemDigits = String(item).padStart(5, '0');
          const unchecked = `21${itemDigits}${String(weight).padStart(5, '0')}`;
          const code = unchecked + checkDigitOf(unchecked);
          const base = `21${itemDigits}00000`;
          const itemGtin = gtinOf(base + checkDigitOf(base));
          expect(labels.read(code)).toEqual({ itemDigits, itemGtin, weight, isMisread: false });
          const misread = code.slice(0, at) + String((Number(code[at]) + off) % 10) + code.slice(at + 1);
          expect(labels.read(misread)).toMatchObject({ isMisread: true });
        },
      ),
    );
  });

  it.each([
    ['29WWWWWIIIIIC', '2900750123457', { itemDigits: '12345', weight: 750, itemGtin: '02900000123458' }],
    ['2IIIIIXWWWWC', '212345607504', { itemDigits: '12345', weight: 750, itemGtin: '00212345000007' }],
    ['21IIIIWWWWWW', '211234007500', { itemDigits: '1234', weight: 7500, itemGtin: '00211234000000' }],
    ['28IIII0WWWWWX', '2812340007509', { itemDigits: '1234', weight: 750, itemGtin: '02812340000000' }],
  ])('of the pattern %s is read from %s', (text, code, label) => {
    expect(labelsOf(text).read(code)).toMatchObject(label);
  });

  it.each(['2212345015002', '12112345015002', '211234501500', '21123450150021', '2112345O15002', '', 'B-1'])(
    'is not what %j is',
    (code) => {
      expect(labelsOf('21IIIIIWWWWWC').read(code)).toBeUndefined();
    },
  );

  it('is read by the first pattern that it has', () => {
    const labels = labelsOf('29IIIIIWWWWWC,21IIIIWWWWWWC, 21IIIIIWWWWWC');
    expect(labels.read(LABEL)).toMatchObject({ itemDigits: '1234' });
    expect(labelsOf('none').read(LABEL)).toBeUndefined();
  });
});

describe('SCALE_BARCODE_PATTERN', () => {
  it.each([
    [undefined, ['2112345006789']],
    ['none', []],
    ['29WWWWWIIIIIX', ['2900678123450']],
    ['21IIIIIWWWWWC, 2IIIIIXWWWWC', ['2112345006789', '212345067890']],
  ])('takes %s', (value, expected) => {
    const all = ['2112345006789', '2900678123450', '212345067890'];
    expect(all.filter((code) => labelsOf(value).read(code))).toEqual(expected);
  });

  it.each([
    'IIIIIWWWWW',
    '21IIIII',
    '21WWWWWC',
    '21IIIIIPPPPPC',
    '21IIWIIWWWWWC',
    '21IIIIIWWWWWC2',
    'C21IIIIIWWWWW',
    '21IIIIIWWWWWWWC',
    '21iiiiiwwwwwc',
    '21IIIIIWWWWWC,',
    'off',
  ])('refuses %s', (value) => {
    expect(() => labelsOf(value)).toThrow(SettingsError);
    expect(() => labelsOf(value)).toThrow(/^SCALE_BARCODE_PATTERN takes [^\n]+$/);
  });
});
