import { isBcryptHash, readDecimal, readText, readTimestamp, UniqueNames } from './first-version-values.js';

describe('readDecimal', () => {
  it.each([
    ['what a float stands for', 3.99, 2, 399],
    ['a sum of floats', 0.1 + 0.2, 2, 30],
    [
      'a thousand additions of 0.1',
      Array.from({ length: 1000 }).reduce<number>((sum) => sum + 0.1, 0),
      3,
      100_000,
    ],
    ['a whole number', 7, 3, 7000],
    ['nothing', 0, 2, 0],
    ['a noise around nothing', 0.1 + 0.2 - 0.3, 3, 0],
    ['a noise below nothing', -5e-17, 3, 0],
    ['the largest quantity', 999_999_999.999, 3, 999_999_999_999],
    ['digits in a text', '2.50', 2, 250],
  ])('reads %s', (_, value, places, scaled) => {
    expect(readDecimal(value, places)).toEqual({ scaled, isRounded: false });
  });

  it.each([
    [1.999, 2, 200],
    [1.005, 2, 101],
    [1.004, 2, 100],
    [0.0005, 3, 1],
    [12.34549, 3, 12_345],
  ])('rounds %d half up to %d places, and says so', (value, places, scaled) => {
    expect(readDecimal(value, places)).toEqual({ scaled, isRounded: true });
  });

  it.each([null, undefined, '', ' ', 'a lot', Infinity, Buffer.from('7')])('does not read %p', (value) => {
    expect(readDecimal(value, 2)).toBeUndefined();
  });
});

describe('readTimestamp', () => {
  it.each([
    ['2026-03-01 07:00:00', '2026-03-01T07:00:00.000Z'],
    ['2026-03-01T07:00:00.123999+00:00', '2026-03-01T07:00:00.123Z'],
    ['2026-03-01T07:00:00+00:00', '2026-03-01T07:00:00.000Z'],
    ['2026-03-01T10:00:00.5+03:00', '2026-03-01T07:00:00.500Z'],
    ['2026-03-01T07:00:00', '2026-03-01T07:00:00.000Z'],
    ['2026-03-01T07:00:00Z', '2026-03-01T07:00:00.000Z'],
  ])('reads %s', (time, timestamp) => {
    expect(readTimestamp(time)).toBe(timestamp);
  });

  it.each([null, '', 'yesterday', '2026-13-01 07:00:00', 1_772_348_400])('does not read %p', (time) => {
    expect(readTimestamp(time)).toBeUndefined();
  });
});

describe('readText', () => {
  it('reads a value of any type, without what no text can hold', () => {
    expect([null, 'a\0b', '\ud800', Buffer.from('Çay'), 7].map(readText)).toEqual([
      undefined,
      'ab',
      '\ufffd',
      'Çay',
      '7',
    ]);
  });
});

describe('isBcryptHash', () => {
  const rest = 'k7Uo16RFNVwsppCSM.6k/eb1AITVUCjAGqSUzjaQQ7Sah66j4UXey';

  it('takes the hashes that can be compared with a password, and no others', () => {
    expect(['$2b$12$', '$2a$04$', '$2y$31$'].map((start) => isBcryptHash(start + rest.slice(-53)))).toEqual([
      true,
      true,
      true,
    ]);
    expect(
      ['$2b$03$', '$2b$32$', '$2x$12$', '$1b$12$'].map((start) => isBcryptHash(start + rest.slice(-53))),
    ).toEqual([false, false, false, false]);
    expect([null, '', `$2b$12$${rest.slice(-52)}`].map(isBcryptHash)).toEqual([false, false, false]);
  });
});

describe('UniqueNames', () => {
  it('gives a name to who comes first, and others an addition that nobody wants', () => {
    const names = new UniqueNames((name) => name.toLowerCase(), ['Tea', 'TEA', 'tea-2', 'tea']);
    const take = (name: string, id: number) => names.take(name, id, (addition) => `${name}-${addition}`);
    expect([take('Tea', 1), take('TEA', 2), take('tea-2', 3), take('tea', 4)]).toEqual([
      'Tea',
      'TEA-2_2',
      'tea-2',
      'tea-4',
    ]);
    expect(names.ownerOf('tEa')).toBe(1);
  });
});
