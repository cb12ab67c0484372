import { ApiProperty } from '@nestjs/swagger';

/** What is wrong with one row of a file. */
export class ItemImportError {
  /**
   * The kind of error, for programs.
   * @example "decimal_parsing"
   */
  type!: string;

  /**
   * `body`, then the row, then the column.
   * @example ["body", 2, "unit_price"]
   */
  @ApiProperty({ type: 'array', items: { oneOf: [{ type: 'string' }, { type: 'integer' }] } })
  loc!: (string | number)[];

  /**
   * The kind of error, for people.
   * @example "Input should be a valid decimal, in this file with ',' and without a mark for thousands"
   */
  msg!: string;

  /**
   * The row as a spreadsheet counts: the header is row 1. Null where it is all of the file; absent where it is not the file.
   * @example 2
   */
  row?: number | null;

  /**
   * The column. Null where it is all of the row; absent where it is not the file.
   * @example "unit_price"
   */
  column?: string | null;
}

/** Why a file is not imported, row by row. */
export class ItemImportErrorResponse {
  /** What is wrong: the first 1,000 errors, by row. Errors of the query have neither row nor column. */
  detail!: ItemImportError[];

  /**
   * How many errors the file has.
   * @example 1
   */
  error_count?: number;
}
