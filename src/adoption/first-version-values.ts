/** Conversion of values of the first version. */

/** The largest rounding error of a float, in units of the last decimal place. A larger difference counts as rounded. */
const FLOAT_NOISE = 1e-6;

/** A float of the first version, converted to a decimal. */
export interface ReadDecimal {
  /** The value in units of 10^-places. */
  scaled: number;
  /** Whether it had more decimal places and was rounded half up. */
  isRounded: boolean;
}

/**
 * Converts a float to a decimal. A double keeps 15 digits of a decimal. Further digits come from arithmetic:
 * 0.30000000000000004 is 0.3.
 *
 * @returns undefined when the value is not a finite number
 */
export function readDecimal(value: unknown, places: number): ReadDecimal | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) return undefined;
  const [digits, exponent = '0'] = number.toPrecision(15).split('e');
  // Changes the exponent in the text, because 1.005 * 100 is 100.49999999999999.
  const shifted = Number(`${digits}e${Number(exponent) + places}`);
  const scaled = Math.round(shifted);
  return { scaled: scaled + 0, isRounded: Math.abs(shifted - scaled) > FLOAT_NOISE };
}

/** SQLite's `2026-03-01 07:00:00` and Python's `2026-03-01T07:00:00.123456+00:00`. UTC when there is no offset. */
const TIME = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)?$/;

/** Converts a timestamp to ISO 8601 with milliseconds. Returns undefined when the value is not a timestamp. */
export function readTimestamp(value: unknown): string | undefined {
  const [, date, time, fraction = '', offset = 'Z'] = TIME.exec(String(value).trim()) ?? [];
  const instant = new Date(`${date}T${time}${fraction.slice(0, 4)}${offset}`);
  return Number.isNaN(instant.getTime()) ? undefined : instant.toISOString();
}

const DATE = /^(\d{4})-(\d\d?)-(\d\d?)(?:[ T].*)?$/;

/** Converts a date, also one with a time behind it, to `2026-03-01`. Returns undefined when the value is not a date. */
export function readDate(value: unknown): string | undefined {
  const [, year, month = '', day = ''] = DATE.exec(String(value).trim()) ?? [];
  const date = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const time = Date.parse(`${date}T00:00:00Z`);
  // 2026-02-30 is read as 2026-03-02.
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(date) ? date : undefined;
}

/** Converts a value of any type to text. Returns undefined for NULL. */
export function readText(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  const text =
    typeof value === 'string'
      ? value
      : Buffer.isBuffer(value)
        ? value.toString('utf8')
        : JSON.stringify(value);
  return text.toWellFormed().replaceAll('\0', '');
}

/** Cuts a text after `max` characters (code points). */
export function truncate(text: string, max: number): string {
  return text.length <= max ? text : [...text].slice(0, max).join('');
}

/** Appends an addition to a name, and cuts the name so that both fit. */
export function fit(name: string, addition: string, max: number): string {
  return truncate(name, max - addition.length) + addition;
}

/** Formats a value for the log. */
export function display(value: unknown): string {
  if (typeof value === 'number') return String(value);
  const text = readText(value);
  return text === undefined ? 'NULL' : JSON.stringify(truncate(text, 100));
}

const BCRYPT_HASH = /^\$2[aby]\$(0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$/;

export function isBcryptHash(value: unknown): value is string {
  return typeof value === 'string' && BCRYPT_HASH.test(value);
}

/** Makes names unique. The first row keeps its name; later ones get an addition. */
export class UniqueNames {
  private readonly owners = new Map<string, number>();
  private readonly wanted: ReadonlySet<string>;

  /**
   * @param keyOf returns the part of a name that must be unique
   * @param names all names of the table, so that a name with an addition clashes with none of them
   */
  constructor(
    private readonly keyOf: (name: string) => string,
    names: Iterable<string>,
  ) {
    this.wanted = new Set(Array.from(names, keyOf));
  }

  /** Returns the row that has this name; undefined when the name is free. */
  ownerOf(name: string): number | undefined {
    return this.owners.get(this.keyOf(name));
  }

  /** @param other returns the name with an addition: the row's id, or the id and a number */
  take(name: string, id: number, other: (addition: string) => string): string {
    let taken = name;
    for (
      let count = 1;
      this.owners.has(this.keyOf(taken)) || (taken !== name && this.isWanted(taken));
      count++
    ) {
      taken = other(count === 1 ? String(id) : `${id}_${count}`);
    }
    this.owners.set(this.keyOf(taken), id);
    return taken;
  }

  private isWanted(name: string): boolean {
    return this.wanted.has(this.keyOf(name));
  }
}
