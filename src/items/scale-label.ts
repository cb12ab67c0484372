import { Injectable } from '@nestjs/common';
import { Settings } from '../platform/config/settings.js';
import { SettingsError } from '../platform/config/settings-error.js';
import { checkDigitOf, gtinOf } from './gtin.js';
import { type Thousandths, thousandths } from '../platform/validation/decimal.js';

/**
 * Where the digits of a scale's labels stand: digits that are always the same, `I` for the item, `W` for the weight in
 * thousandths of its unit, `X` for a digit that is not read (a measure verifier: GS1 General Specifications, section
 * 2.1.14.2), `C` for the check digit at the end.
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

  /** Undefined for a text that is no such pattern. */
  static parse(text: string): ScaleLabelPattern | undefined {
    const hasDigits = /^[0-9][0-9X]*(I+[0-9X]*W+|W+[0-9X]*I+)[0-9X]*C?$/.test(text);
    return hasDigits && text.length <= 14 ? new ScaleLabelPattern(text) : undefined;
  }

  /** Reads a code that has the pattern, with zeros before it or not; undefined for every other one. */
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

  /** What a label of the same item says of no weight: the barcode that it has for itself. */
  private withoutWeight(gtin: string): string {
    const pattern = this.pattern.padStart(gtin.length, '0');
    const digits = [...gtin]
      .map((digit, index) => (/[WX]/.test(pattern.charAt(index)) ? '0' : digit))
      .join('');
    return pattern.endsWith('C') ? digits.slice(0, -1) + checkDigitOf(digits.slice(0, -1)) : digits;
  }
}

/** What a scale has printed. */
export interface ScaleLabel {
  itemDigits: string;
  /** As GTIN-14: the label with zeros for the weight. */
  itemGtin: string;
  /** In the item's unit. */
  weight: Thousandths;
  /** The check digit does not fit the others. */
  isMisread: boolean;
}

/** The labels that the shop's scales print, as the setting SCALE_BARCODE_PATTERN describes them. */
@Injectable()
export class ScaleLabels {
  private readonly patterns: readonly ScaleLabelPattern[];

  /** @throws SettingsError */
  constructor({ scaleBarcodePattern }: Settings) {
    this.patterns = scaleBarcodePattern === 'none' ? [] : scaleBarcodePattern.split(',').map(parsePattern);
  }

  /** Reads a code by the first pattern that it has; undefined for every other one. */
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
