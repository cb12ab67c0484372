import { applyDecorators } from '@nestjs/common';
import { Check, type FieldDecorator, type Presence } from '../../platform/validation/field.js';
import { TextField } from '../../platform/validation/fields.js';
import { normalizeLine } from '../../platform/validation/text.js';
import { type Barcode, MAX_SCANNED_LENGTH, readBarcode } from '../barcode.js';

/** What a scanner read, with every character: GS1 separates its elements by control characters. See {@link barcodeOf}. */
export function BarcodeField(presence: Presence): FieldDecorator<string> {
  return applyDecorators(
    TextField({ min: 1, max: MAX_SCANNED_LENGTH, verbatim: true, ...presence }) as PropertyDecorator,
    Check(
      'string_too_short',
      (text) => typeof text !== 'string' || normalizeLine(text) !== '',
      'String should have at least 1 character',
    ),
  );
}

export function barcodeOf(scanned: string): Barcode {
  return readBarcode(normalizeLine(scanned), scanned);
}
