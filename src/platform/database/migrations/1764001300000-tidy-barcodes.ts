import type { MigrationInterface, QueryRunner } from 'typeorm';

const BATCH = 1000;

interface Row {
  id: number;
  barcode: string;
}

/**
 * Keeps GTINs without the spaces, hyphens and marks that are printed between their digits, and finds their items by number.
 * Other barcodes stay as they are.
 */
export class TidyBarcodes1764001300000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    let rows: Row[] = [];
    do {
      rows = (await queryRunner.query(`
        select id, barcode from items
        where barcode is not null and gtin is null and id > ${rows.at(-1)?.id ?? 0}
        order by id limit ${BATCH}`)) as Row[];
      for (const { id, barcode } of rows) {
        const digits = gtinIn(barcode);
        if (digits === undefined) continue;
        await queryRunner.query(`
          update items set barcode = '${digits}', gtin = '${digits.padStart(14, '0')}' where id = ${id}`);
      }
    } while (rows.length === BATCH);
  }

  /** Nobody knows where the marks were, and nobody needs them. */
  async down(): Promise<void> {
    // Nothing to do.
  }
}

/** The digits of a barcode, where they are a GTIN: 8, 12, 13 or 14, the last of which is their check digit. */
function gtinIn(barcode: string): string | undefined {
  // An element string with application identifiers, `(01)…`, is no GTIN with marks.
  if (/^\s*[(\uff08]/.test(barcode)) return undefined;
  const digits = barcode
    .replace(/[\uff01-\uff5e]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))
    .trim()
    // What some scanners send before the code to say how it is printed (ISO/IEC 15424).
    .replace(/^\][A-Za-z][0-9A-Za-z]/, '')
    .replace(/[^\p{L}\p{N}]/gu, '');
  if (!/^(?:[0-9]{8}|[0-9]{12,14})$/.test(digits)) return undefined;
  return hasCheckDigit(digits) || hasCheckDigit(expanded(digits)) ? digits : undefined;
}

function hasCheckDigit(digits: string): boolean {
  const sum = [...digits]
    .reverse()
    .reduce((total, digit, index) => total + Number(digit) * (index % 2 ? 3 : 1), 0);
  return digits !== '' && sum % 10 === 0;
}

/** The UPC-A that a UPC-E stands for; empty for other digits. */
function expanded(digits: string): string {
  const [, start, code = '', last = '', check] = /^([01])([0-9]{5})([0-9])([0-9])$/.exec(digits) ?? [];
  if (start === undefined) return '';
  const kept = last <= '2' ? 2 : last === '3' ? 3 : last === '4' ? 4 : 5;
  const zeros = last <= '2' ? `${last}0000` : last <= '4' ? '00000' : `0000${last}`;
  return `${start}${code.slice(0, kept)}${zeros}${code.slice(kept)}${check}`;
}
