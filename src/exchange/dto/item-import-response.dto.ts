import type { FileReading } from '../import-file.js';
import type { ImportResult } from '../item-importer.service.js';

export class ItemImportResponse implements ImportResult, FileReading {
  /** Whether nothing was written, as was asked for. */
  dry_run!: boolean;

  /**
   * Rows of the file, not counting its header and empty rows.
   * @example 2
   */
  rows!: number;

  /**
   * New items.
   * @example 1
   */
  created!: number;

  /**
   * Items with another value in a field, or another quantity in stock.
   * @example 1
   */
  updated!: number;

  /**
   * Items that were like that already.
   * @example 0
   */
  unchanged!: number;

  /**
   * Rows with a quantity. Each is a count of the stock, or puts the item in stock.
   * @example 2
   */
  counted!: number;

  /**
   * New categories.
   * @example 0
   */
  categories_created!: number;

  /**
   * Columns of the file that are not imported.
   * @example ["supplier"]
   */
  ignored_columns!: string[];

  /**
   * What stands between the fields, stated or found out.
   * @example ";"
   */
  delimiter!: string;

  /**
   * The decimal mark, stated or found out.
   * @example ","
   */
  decimal!: string;

  /**
   * The encoding of the file, stated or found out.
   * @example "windows-1254"
   */
  encoding!: string;
}

export function itemImportResponseOf(
  isDryRun: boolean,
  { rows, reading }: { rows: number; reading: FileReading },
  result: ImportResult,
): ItemImportResponse {
  const { ignored_columns, delimiter, decimal, encoding } = reading;
  return { dry_run: isDryRun, rows, ...result, ignored_columns, delimiter, decimal, encoding };
}
