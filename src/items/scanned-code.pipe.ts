import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import { PathTextPipe } from '../platform/validation/path-text.pipe.js';
import { type Barcode, MAX_SCANNED_LENGTH, readBarcode } from './barcode.js';

/** Reads a scanned code from the path. 422 when it is empty or too long. */
export class ScannedCodePipe implements PipeTransform<string, Barcode> {
  private readonly text = new PathTextPipe({ min: 1, max: MAX_SCANNED_LENGTH });

  transform(code: string, metadata: ArgumentMetadata): Barcode {
    return readBarcode(this.text.transform(code, metadata), code);
  }
}
