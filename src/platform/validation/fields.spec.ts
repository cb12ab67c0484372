import {
  array,
  assert,
  bigInt,
  constantFrom,
  date,
  integer,
  jsonValue,
  property,
  string,
  webUrl,
} from 'fast-check';
import type { FieldDecorator } from './field.js';
import {
  DecimalField,
  type DecimalLimits,
  EmailField,
  EnumField,
  FlagField,
  IdField,
  NewPasswordField,
  PatternField,
  TextField,
  type TextLimits,
  TimestampField,
  UrlField,
} from './fields.js';
import { valueReader } from './read-value.js';
import { ValidationException } from './validation.exception.js';
import type { ValidationIssue } from './validation-issue.js';

/** Why a value was refused. */
class Refusal {
  constructor(readonly issues: ValidationIssue[]) {}
}

/** Reads a value by a field: what becomes of it, or the refusal. */
function reader<Value>(field: FieldDecorator<Value>): (value: unknown) => Value | Refusal {
  const read = valueReader(field);
  return (value) => {
    try {
      return read(value, 'body', 'field');
    } catch (error) {
      if (error instanceof ValidationException) return new Refusal(error.issues);
      throw error;
    }
  };
}

const decimal = (limits: DecimalLimits) => reader(DecimalField(limits));
const text = (limits: TextLimits) => reader(TextField(limits));
const url = (limits: TextLimits) => reader(UrlField(limits));
const id = reader(IdField());
const flag = reader(FlagField());
const timestamp = reader(TimestampField());
const newPassword = reader(NewPasswordField());

const MAX = 10 ** 12;

/** A whole number of 10^-places as a decimal string: 399 with two places is 3.99. */
function written(scaled: number, places: number): string {
  const digits = String(Math.abs(scaled)).padStart(places + 1, '0');
  const point = digits.length - places;
  const fraction = places > 0 ? `.${digits.slice(point)}` : '';
  return `${scaled < 0 ? '-' : ''}${digits.slice(0, point)}${fraction}`;
}

function typeOf(result: unknown): string {
  return result instanceof Refusal
    ? result.issues.map(({ type }) => type).join()
    : `the value ${JSON.stringify(result)}`;
}

describe('A field', () => {
  it.each<[string, FieldDecorator<never>]>([
    ['decimals', DecimalField({ places: 2, min: 0, max: MAX })],
    ['ids', IdField()],
    ['text', TextField({ min: 1, max: 10 })],
    ['text of a pattern', PatternField(/^\w+$/, { max: 10 })],
    ['e-mail addresses', EmailField()],
    ['timestamps', TimestampField()],
    ['web addresses', UrlField({ max: 500 })],
    ['new passwords', NewPasswordField()],
    ['flags', FlagField()],
    ['an enum', EnumField({ A: 'a', B: 'b' }, 'Letter')],
    ['ids or null', IdField({ nullable: true })],
  ])('of %s takes whatever it is given, or refuses it with one issue', (_, field) => {
    const read = reader(field);
    const isRead = (value: unknown) => {
      const result = read(value);
      if (result instanceof Refusal) expect(result.issues).toHaveLength(1);
    };
    assert(property(jsonValue(), isRead));
    for (const value of [Symbol('s'), () => 1, NaN, Infinity, undefined, 1n]) isRead(value);
  });
});

describe('decimal', () => {
  const anyScaled = integer({ min: -MAX, max: MAX });
  const anyPlaces = integer({ min: 0, max: 6 });
  const exactly = (places: number) => decimal({ places, min: -MAX, max: MAX });

  it('gives back every number that was written as a decimal string', () => {
    assert(
      property(anyScaled, anyPlaces, (scaled, places) => {
        expect(exactly(places)(written(scaled, places))).toBe(scaled);
      }),
    );
  });

  it('gives back every number that JSON can carry', () => {
    assert(
      property(anyScaled, integer({ min: 0, max: 3 }), (scaled, places) => {
        expect(exactly(places)(JSON.parse(written(scaled, places)))).toBe(scaled);
      }),
    );
  });

  it('reads an exponent as a shift of the point', () => {
    assert(
      property(anyScaled, anyPlaces, integer({ min: 0, max: 20 }), (scaled, places, shift) => {
        expect(exactly(places)(`${scaled}${'0'.repeat(shift)}e-${places + shift}`)).toBe(scaled);
      }),
    );
  });

  it('takes zeros that say nothing, and refuses any other digit beyond the places', () => {
    assert(
      property(
        anyScaled,
        integer({ min: 1, max: 6 }),
        integer({ min: 1, max: 9 }),
        (scaled, places, digit) => {
          const exact = written(scaled, places);
          expect(exactly(places)(`${exact}000`)).toBe(scaled);
          expect(typeOf(exactly(places)(`${exact}00${digit}`))).toBe('decimal_max_places');
        },
      ),
    );
  });

  /** Doubles that follow each other, upwards from a positive one. */
  function following(value: number, steps: number): number {
    const bits = new DataView(new ArrayBuffer(8));
    bits.setFloat64(0, value);
    bits.setBigInt64(0, bits.getBigInt64(0) + BigInt(steps));
    return bits.getFloat64(0);
  }

  it('takes a JSON number that is off by float noise for the decimal it stands for', () => {
    assert(
      property(integer({ min: 1, max: MAX }), integer({ min: -4, max: 4 }), (scaled, steps) => {
        expect(exactly(3)(following(scaled / 1000, steps))).toBe(scaled);
        expect(exactly(3)(-following(scaled / 1000, steps))).toBe(-scaled);
      }),
    );
  });

  it('takes what clients calculate with doubles for what they mean', () => {
    const summands = array(integer({ min: -1_000_000, max: 1_000_000 }), { minLength: 2, maxLength: 50 });
    assert(
      property(summands, (all) => {
        const sum = all.reduce((total, scaled) => total + scaled / 1000, 0);
        expect(exactly(3)(sum)).toBe(all.reduce((total, scaled) => total + scaled, 0));
      }),
      // A sum may by chance, once in some millions, look like a number that somebody wrote.
      { seed: 1, numRuns: 1000 },
    );
  });

  it('never takes a third decimal for noise', () => {
    const withThird = integer({ min: -MAX, max: MAX }).filter((scaled) => scaled % 10 !== 0);
    assert(
      property(withThird, (scaled) => {
        expect(typeOf(exactly(2)(scaled / 1000))).toBe('decimal_max_places');
      }),
    );
  });

  it.each([
    [2.3 - 1, 130],
    [1 - 2.3, -130],
    [0.1 + 0.2, 30],
    [2.0000000000000004, 200],
    [12.7 - 12, 70],
    [1000.1 - 1000, 10],
    [100_000.1 - 100_000, 10],
    [19.99 * 3, 5997],
    [4.35 * 100, 43_500],
    [0.1 + 0.2 - 0.3, 0],
    [999_999_999.99, 99_999_999_999],
    [following(999_999_999.99, 1), 99_999_999_999],
    [following(1_000_000_000, 1), 100_000_000_000],
    // The farthest that it goes: thirteen digits and 1e-9, or 1e-15 of a large number.
    [1.000000000001, 100],
    [1.000000000999, 100],
    [999_999_999 + 8 * 2 ** -23, 99_999_999_900],
  ])('reads %p as %p hundredths', (value, scaled) => {
    expect(exactly(2)(value)).toBe(scaled);
  });

  it.each([
    1.999,
    1.005,
    12.3456,
    -0.001,
    999_999_999.999,
    0.30000000004,
    // Twelve digits may have been written, and this is farther than noise goes.
    1.00000000001,
    1.000000001001,
    999_999_999 + 9 * 2 ** -23,
    1e-12,
    5e-324,
  ])('takes the number %p to the letter', (value) => {
    expect(typeOf(exactly(2)(value))).toBe('decimal_max_places');
  });

  it.each(['1.2999999999999998', '0.30000000000000004', '2.0000000000000004', '1e-17'])(
    'takes the string %p to the letter',
    (value) => {
      expect(typeOf(exactly(2)(value))).toBe('decimal_max_places');
    },
  );

  it('holds its limits to the last place', () => {
    assert(
      property(integer({ min: -MAX, max: MAX }), (scaled) => {
        const parse = decimal({ places: 3, min: 0, max: 1000 });
        const expected =
          scaled < 0 ? 'greater_than_equal' : scaled > 1_000_000 ? 'less_than_equal' : undefined;
        const result = parse(written(scaled, 3));
        if (expected) expect(typeOf(result)).toBe(expected);
        else expect(result).toBe(scaled);
      }),
    );
  });

  it('is a safe integer or refused for any string of the characters of numbers', () => {
    const characters = string({ unit: constantFrom(...'0123456789+-.eE '), maxLength: 20 });
    assert(
      property(characters, (value) => {
        const result = decimal({ places: 2, min: 0, max: MAX })(value);
        expect(result instanceof Refusal || (Number.isSafeInteger(result) && result >= 0)).toBe(true);
        if (!(result instanceof Refusal)) expect(result / 100).toBeCloseTo(Number(value), 2);
      }),
    );
  });

  it('is zero, not minus zero, for all ways to write it', () => {
    for (const zero of [0, -0, '0', '-0', '-0.00', '.0', '0.', '0e5', '0e-999', ' 0 ']) {
      expect(Object.is(exactly(2)(zero), 0)).toBe(true);
    }
  });

  it('takes no longer for spaces and digits without end', () => {
    expect(typeOf(exactly(2)(`${' '.repeat(200_000)}x`))).toBe('decimal_parsing');
    expect(typeOf(exactly(2)('9'.repeat(200_000)))).toBe('less_than_equal');
  });

  it.each([
    [Number.MAX_VALUE, 'less_than_equal'],
    [-Number.MAX_VALUE, 'greater_than_equal'],
    ['1e999', 'less_than_equal'],
    ['1e9999', 'decimal_parsing'],
    [Infinity, 'decimal_parsing'],
    [NaN, 'decimal_parsing'],
    ['', 'decimal_parsing'],
    ['.', 'decimal_parsing'],
    ['e5', 'decimal_parsing'],
    ['1 2', 'decimal_parsing'],
    ['1.2.3', 'decimal_parsing'],
    ['--1', 'decimal_parsing'],
    ['0x10', 'decimal_parsing'],
    ['1,5', 'decimal_parsing'],
    ['١', 'decimal_parsing'],
    [null, 'decimal_type'],
    [true, 'decimal_type'],
    [[1], 'decimal_type'],
    [1n, 'decimal_type'],
  ])('refuses %p', (value, type) => {
    expect(typeOf(exactly(2)(value))).toBe(type);
  });
});

describe('id', () => {
  it('gives back every id, as a number or a string', () => {
    assert(
      property(integer({ min: 1, max: 2 ** 31 - 1 }), (value) => {
        for (const sent of [value, String(value), `+${value}`, ` ${value} `, `00${value}`]) {
          expect(id(sent)).toBe(value);
        }
      }),
    );
  });

  it('turns a whole number that no row can have into one that no row has', () => {
    const impossible = bigInt().filter((value) => value < 1n || value >= 2n ** 31n);
    assert(
      property(impossible, (value) => {
        expect(id(String(value))).toBe(0);
      }),
    );
    for (const value of [0, -1, 2 ** 31, 1e300, Infinity, '9'.repeat(10_000)]) expect(id(value)).toBe(0);
  });

  it.each([
    ['', 'int_parsing'],
    [' ', 'int_parsing'],
    ['one', 'int_parsing'],
    ['1.0', 'int_parsing'],
    ['1e3', 'int_parsing'],
    ['0x1', 'int_parsing'],
    ['1 2', 'int_parsing'],
    ['١', 'int_parsing'],
    [1.5, 'int_from_float'],
    [true, 'int_type'],
    [null, 'int_type'],
    [[1], 'int_type'],
  ])('refuses %p', (value, type) => {
    expect(typeOf(id(value))).toBe(type);
  });
});

describe('text', () => {
  const short = text({ min: 1, max: 5 });

  it('gives back text of any characters within its limits', () => {
    const anyText = string({ unit: 'binary', minLength: 1, maxLength: 5 }).filter(
      (value) => !value.includes('\0'),
    );
    assert(
      property(anyText, (value) => {
        expect(text({ max: 5, verbatim: true })(value)).toBe(value);
      }),
    );
  });

  it('refuses a million characters', () => {
    expect(typeOf(short('x'.repeat(1_000_000)))).toBe('string_too_long');
  });

  it('counts characters, not the units of their encoding', () => {
    expect(short('🥕🥕🥕🥕🥕')).toBe('🥕🥕🥕🥕🥕');
    expect(typeOf(short('🥕🥕🥕🥕🥕🥕'))).toBe('string_too_long');
  });

  it('trims and composes before it counts', () => {
    expect(short('  e\u0301e\u0301e\u0301e\u0301e\u0301\n')).toBe('ééééé');
    expect(typeOf(short(' \t\u00a0\u3000\n'))).toBe('string_too_short');
  });

  it('keeps the lines of text of several lines', () => {
    expect(text({ max: 20, multiline: true })(' one\r\n\ntw\u200bo \n')).toBe('one\r\n\ntwo');
  });

  it.each(['\u200b', '\u00ad', '\u3164', '\u2800', '\u0301', '\ufe0f\ufe0e', '\u202e\u202c', '\u0007'])(
    'refuses %j, of which nothing is seen, where text is required',
    (value) => {
      expect(typeOf(short(value))).toBe('string_too_short');
      expect(typeOf(text({ min: 1, max: 5, multiline: true })(value))).toBe('string_too_short');
    },
  );

  it('leaves verbatim text as it is', () => {
    expect(text({ max: 5, verbatim: true })(' e\u0301 ')).toBe(' e\u0301 ');
  });

  it.each([
    ['', 'string_too_short'],
    ['abcdef', 'string_too_long'],
    ['a\0', 'string_unicode'],
    ['\ud83e', 'string_unicode'],
    ['\udd55\ud83e', 'string_unicode'],
    [5, 'string_type'],
    [null, 'string_type'],
    [['a'], 'string_type'],
    [new String('a'), 'string_type'],
  ])('refuses %p', (value, type) => {
    expect(typeOf(short(value))).toBe(type);
  });
});

describe('url', () => {
  const parse = url({ max: 500 });

  it('gives back every address of the web as it was sent', () => {
    const addresses = webUrl({ withQueryParameters: true, withFragments: true }).filter(
      (address) => address.length <= 500,
    );
    assert(
      property(addresses, (address) => {
        expect(parse(address)).toBe(address);
      }),
    );
  });

  it.each([
    '',
    'http://localhost:3000/apples.jpg',
    'HTTPS://Images.Shop.example/a%20b.jpg?size=2&v=(1)#top',
    'https://127.0.0.1/a.jpg',
    'https://[2001:db8::1]/a.jpg',
    'https://käse.example/Käse.jpg',
  ])('takes %p', (value) => {
    expect(parse(value)).toBe(value);
  });

  it('takes no more than its limits, around which spaces do not count', () => {
    expect(parse(' https://shop.example/a.jpg\n')).toBe('https://shop.example/a.jpg');
    expect(typeOf(url({ max: 20 })('https://shop.example/'))).toBe('string_too_long');
    expect(typeOf(url({ min: 1, max: 20 })(''))).toBe('string_too_short');
  });

  it.each([
    ['javascript:alert(1)', 'url_scheme'],
    ['JaVaScRiPt://shop.example/%0aalert(1)', 'url_scheme'],
    ['java\nscript:alert(1)', 'url_scheme'],
    ['data:text/html,<script>alert(1)</script>', 'url_scheme'],
    ['data:image/png;base64,iVBORw0KGgo=', 'url_scheme'],
    ['file:///etc/passwd', 'url_scheme'],
    ['ftp://shop.example/a.jpg', 'url_scheme'],
    ['gopher://127.0.0.1:6379/_FLUSHALL', 'url_scheme'],
    ['blob:https://shop.example/1', 'url_scheme'],
    ['vbscript:x', 'url_scheme'],
    ['apples.jpg', 'url_parsing'],
    ['/images/apples.jpg', 'url_parsing'],
    ['//shop.example/apples.jpg', 'url_parsing'],
    ['https:apples.jpg', 'url_parsing'],
    ['https:///apples.jpg', 'url_parsing'],
    ['https:\\\\shop.example\\apples.jpg', 'url_parsing'],
    ['https://', 'url_parsing'],
    ['https://shop.example:99999/', 'url_parsing'],
    ['https://shop.example/red apples.jpg', 'url_parsing'],
    ['https://shop.example/a\tb', 'url_parsing'],
    ['https://shop.example/a\r\nSet-Cookie: b', 'url_parsing'],
    ['https://shop.example/\u202egpj.exe', 'url_parsing'],
    ['https://shop.example/"onerror="alert(1)', 'url_parsing'],
    ['https://shop.example/<script>', 'url_parsing'],
    ['https://user:password@shop.example/', 'url_parsing'],
    ['https://shop.example@evil.example/', 'url_parsing'],
    [5, 'string_type'],
    [null, 'string_type'],
    [['https://shop.example/'], 'string_type'],
    ['https://shop.example/\0', 'string_unicode'],
  ])('refuses %p', (value, type) => {
    expect(typeOf(parse(value))).toBe(type);
  });
});

describe('flag', () => {
  it.each([true, 1, '1', 'true', 'TRUE', ' yes ', 'y', 'on', 't'])('is true for %p', (value) => {
    expect(flag(value)).toBe(true);
  });

  it.each([false, 0, '0', 'false', 'False', 'no', 'n', 'OFF', 'f'])('is false for %p', (value) => {
    expect(flag(value)).toBe(false);
  });

  it.each(['', 'maybe', '2', 2, -1, null, [], [true], {}])('refuses %p', (value) => {
    expect(typeOf(flag(value))).toBe('bool_parsing');
  });
});

describe('newPassword', () => {
  it('is composed, with plain spaces, before its characters are counted', () => {
    expect(newPassword('Cafe\u0301\u00a0123')).toBe('Café 123');
    expect(typeOf(newPassword('Cafe\u0301 12'))).toBe('string_too_short');
  });
});

describe('timestamp', () => {
  it.each([
    ['in UTC', '2026-03-01T07:00:00Z', '2026-03-01T07:00:00.000Z'],
    ['in UTC, in lower case', '2026-03-01t07:00:00z', '2026-03-01T07:00:00.000Z'],
    ['with no offset in numbers', '2026-03-01T07:00:00+00:00', '2026-03-01T07:00:00.000Z'],
    ['with an unknown local offset', '2026-03-01T07:00:00-00:00', '2026-03-01T07:00:00.000Z'],
    ['east of Greenwich', '2026-03-01T01:30:00+03:00', '2026-02-28T22:30:00.000Z'],
    ['west of Greenwich', '2026-12-31T20:00:00-09:30', '2027-01-01T05:30:00.000Z'],
    ['at the end of the offsets', '2026-03-01T00:00:00+23:59', '2026-02-28T00:01:00.000Z'],
    ['whose plus was read as a space', '2026-03-01T07:00:00 03:00', '2026-03-01T04:00:00.000Z'],
    ['between spaces', ' 2026-03-01T07:00:00Z\n', '2026-03-01T07:00:00.000Z'],
    ['with a tenth of a second', '2026-03-01T07:00:00.5+03:00', '2026-03-01T04:00:00.500Z'],
    ['with microseconds', '2026-03-01T07:00:00.123999+00:00', '2026-03-01T07:00:00.123Z'],
    ['with digits without end', `2026-03-01T07:00:00.1${'9'.repeat(1000)}Z`, '2026-03-01T07:00:00.199Z'],
    ['on a leap day', '2028-02-29T00:00:00Z', '2028-02-29T00:00:00.000Z'],
    ['of a leap second', '2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
    ['of a leap second elsewhere', '2017-01-01T02:59:60.250+03:00', '2017-01-01T00:00:00.250Z'],
    ['of the first year', '0000-01-01T00:00:00Z', '0000-01-01T00:00:00.000Z'],
    ['of the last second', '9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ])('takes a time %s', (_, sent, kept) => {
    expect(timestamp(sent)).toBe(kept);
  });

  it('gives back every time with every offset', () => {
    const minutes = integer({ min: -1439, max: 1439 });
    const times = date({
      min: new Date('0001-01-01T00:00:00Z'),
      max: new Date('9998-12-31T00:00:00Z'),
      noInvalidDate: true,
    });
    assert(
      property(times, minutes, (time, offset) => {
        const local = new Date(time.getTime() + offset * 60_000).toISOString().slice(0, -1);
        const [hours, rest] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60].map((part) =>
          String(part).padStart(2, '0'),
        );
        expect(timestamp(`${local}${offset < 0 ? '-' : '+'}${hours}:${rest}`)).toBe(time.toISOString());
      }),
    );
  });

  it.each([
    ['without an offset', '2026-03-01T07:00:00'],
    ['without a time', '2026-03-01'],
    ['without seconds', '2026-03-01T07:00Z'],
    ['with a space for its T', '2026-03-01 07:00:00Z'],
    ['with an offset of hours', '2026-03-01T07:00:00+03'],
    ['with an offset without its colon', '2026-03-01T07:00:00+0300'],
    ['with an offset of a day', '2026-03-01T07:00:00+24:00'],
    ['with an offset of 60 minutes', '2026-03-01T07:00:00+00:60'],
    ['with Z and an offset', '2026-03-01T07:00:00Z+00:00'],
    ['with an empty fraction', '2026-03-01T07:00:00.Z'],
    ['on a day that is none', '2026-02-30T00:00:00Z'],
    ['on a leap day that is none', '2026-02-29T00:00:00+03:00'],
    ['at 24:00', '2026-03-01T24:00:00Z'],
    ['at minute 60', '2026-03-01T07:60:00Z'],
    ['at second 61', '2016-12-31T23:59:61Z'],
    ['at a second 60 within a month', '2026-03-15T23:59:60Z'],
    ['at a second 60 within a day', '2016-12-31T23:59:60+03:00'],
    ['before the first year', '0000-01-01T00:00:00+00:01'],
    ['after the last year', '9999-12-31T23:59:59-00:01'],
    ['of another calendar', '２０２６-03-01T07:00:00Z'],
    ['that is a number', 1772348400],
    ['in a list', ['2026-03-01T07:00:00Z']],
    ['that is null', null],
  ])('refuses a time %s', (_, value) => {
    expect(typeOf(timestamp(value))).toBe('datetime_parsing');
  });
});
