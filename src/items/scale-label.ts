import { Injectable } from '@nestjs/common';
import { Settings } from '../platform/config/settings.js';
import { SettingsError } from '../platform/config/settings-error.js';
import { checkDigitOf, gtinOf } from './gtin.js';
import { type Thousandths, thousandths } from '../platform/validation/decimal.js';

/**
 * The layout of a scale's labels: fixed digits, `I` for the item, `W` for the weight in thousandths of its unit, `X` for an
 * ignored digit (a measure verifier: GS1 General Specifications, section 2.1.14.2), `C` for the check digit at the end.
 */
class ScaleLabelPattern {
  private readonly digits: RegExp;

  private constructor(private readonly pattern: string) {
    const groups = pattern
      .padStart(14, '0')
      .replace(/X/g, '[0-9]')
      .replace(/I+/, (group) => `(?<item>[0-9]{${group.length}})`)
      .replace(/W+/, (group) => `(?<weight>[0-9]{${group.length}})`)
      .replace('C', '[0-9]');
    this.digits = new RegExp(`^${groups}$`);
  }

  /** Returns undefined for an invalid pattern. */
  static parse(text: string): ScaleLabelPattern | undefined {
    const hasDigits = /^[0-9][0-9X]*(I+[0-9X]*W+|W+[0-9X]*I+)[0-9X]*C?$/.test(text);
    return hasDigits && text.length <= 14 ? new ScaleLabelPattern(text) : undefined;
  }

  /** Reads a code that matches the pattern, with or without leading zeros. Returns undefined for any other code. */
  read(code: string): ScaleLabel | undefined {
    const gtin = gtinOf(code);
    const found = gtin === null ? null : this.digits.exec(gtin);
    if (gtin === null || !found?.groups) return undefined;
    const { item = '', weight = '' } = found.groups;
    const hasCheckDigit = this.pattern.endsWith('C');
    return {
      itemDigits: item,
      itemGtin: this.withoutWeight(gtin),
      weight: thousandths(Number(weight)),
      isMisread: hasCheckDigit && checkDigitOf(gtin.slice(0, -1)) !== gtin.at(-1),
    };
  }

  /** Returns the label with weight 0, which is the barcode of the item itself. */
  private withoutWeight(gtin: string): string {
    const pattern = this.pattern.padStart(gtin.length, '0');
    const digits = [...gtin]
      .map((digit, index) => (/[WX]/.test(pattern.charAt(index)) ? '0' : digit))
      .join('');
    return pattern.endsWith('C') ? digits.slice(0, -1) + checkDigitOf(digits.slice(0, -1)) : digits;
  }
}

/** The data on a scale label. */
export interface ScaleLabel {
  itemDigits: string;
  /** The label with weight 0, as GTIN-14. */
  itemGtin: string;
  /** In the item's unit. */
  weight: Thousandths;
  /** Whether the check digit is wrong. */
  isMisread: boolean;
}

/** Reads labels of the shop's scales by the patterns in SCALE_BARCODE_PATTERN. */
@Injectable()
export class ScaleLabels {
  private readonly patterns: readonly ScaleLabelPattern[];

  /** @throws SettingsError */
  constructor({ scaleBarcodePattern }: Settings) {
    this.patterns = scaleBarcodePattern === 'none' ? [] : scaleBarcodePattern.split(',').map(parsePattern);
  }

  /** Reads a code by the first matching pattern. Returns undefined when none matches. */
  read(code: string): ScaleLabel | undefined {
    for (const pattern of this.patterns) {
      const label = pattern.read(code);
      if (label) return label;
    }
    return undefined;
  }
}

function parsePattern(part: string): ScaleLabelPattern {
  const pattern = ScaleLabelPattern.parse(part.trim());
  if (pattern) return pattern;
  throw new SettingsError(
    `SCALE_BARCODE_PATTERN takes none, or patterns of at most 14 characters separated by commas, such as 21IIIIIWWWWWC, not ${JSON.stringify(part.trim())}.`,
  );
}
