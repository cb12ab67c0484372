/** How values of the first version become values of this program. */

/** How far from a whole number of the last decimal a sum of binary floats may be, in parts of that decimal. */
const FLOAT_NOISE = 1e-6;

/** A float of the first version, read as the decimal that it stands for. */
export interface ReadDecimal {
  /** In 10^-places. */
  scaled: number;
  /** Whether it had more places than that, and was rounded half up. */
  isRounded: boolean;
}

/**
 * Reads a float as a decimal. 15 digits are what a double keeps of a decimal; what is behind them comes from computing:
 * 0.30000000000000004 is 0.3.
 *
 * @returns undefined for what is no finite number
 */
export function readDecimal(value: unknown, places: number): ReadDecimal | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) return undefined;
  const [digits, exponent = '0'] = number.toPrecision(15).split('e');
  // The exponent is changed in the text: multiplying 1.005 by 100 is 100.49999999999999.
  const shifted = Number(`${digits}e${Number(exponent) + places}`);
  const scaled = Math.round(shifted);
  return { scaled: scaled + 0, isRounded: Math.abs(shifted - scaled) > FLOAT_NOISE };
}

/** `2026-03-01 07:00:00` of SQLite and `2026-03-01T07:00:00.123456+00:00` of Python; without an offset it is UTC. */
const TIME = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)?$/;

/** A time of the first version as this program keeps it, truncate to milliseconds; undefined for what is no time. */
export function readTimestamp(value: unknown): string | undefined {
  const [, date, time, fraction = '', offset = 'Z'] = TIME.exec(String(value).trim()) ?? [];
  const instant = new Date(`${date}T${time}${fraction.slice(0, 4)}${offset}`);
  return Number.isNaN(instant.getTime()) ? undefined : instant.toISOString();
}

/** The text in a column of any type; undefined for NULL. */
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

/** Cuts behind so many characters (code points). */
export function truncate(text: string, max: number): string {
  return text.length <= max ? text : [...text].slice(0, max).join('');
}

/** A hash that bcrypt can compare a password with. */
const BCRYPT_HASH = /^\$2[aby]\$(0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$/;

export function isBcryptHash(value: unknown): value is string {
  return typeof value === 'string' && BCRYPT_HASH.test(value);
}

/** Names that must differ, each given to the row that comes first; later ones get an addition. */
export class UniqueNames {
  private readonly owners = new Map<string, number>();
  private readonly wanted: ReadonlySet<string>;

  /**
   * @param keyOf what of a name must differ
   * @param names all that are wanted, so that an addition leads to none of them
   */
  constructor(
    private readonly keyOf: (name: string) => string,
    names: Iterable<string>,
  ) {
    this.wanted = new Set(Array.from(names, keyOf));
  }

  /** Whose name this is already; undefined when it is free. */
  ownerOf(name: string): number | undefined {
    return this.owners.get(this.keyOf(name));
  }

  /** @param other makes another name of an addition: the row's id, and in case of need the id and a number */
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
