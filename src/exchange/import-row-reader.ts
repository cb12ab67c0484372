import { validateSync } from 'class-validator';
import type { CsvRow } from '../platform/csv/csv-reader.js';
import { restoreFormula } from '../platform/csv/csv-text.js';
import type { DecimalMarks } from '../platform/csv/decimal-marks.js';
import { toInstance } from '../platform/validation/read-dto.js';
import { FIELD_REQUIRED, issuesOf } from '../platform/validation/validation-issue.js';
import { ItemImportRow } from './dto/item-import-row.dto.js';
import { DECIMAL_COLUMNS, type ImportColumn, type ImportHeader } from './import-columns.js';
import { cellIssue, type ImportIssue } from './import-issues.js';

/** A row whose cells are right, each by itself. */
export interface ImportedRow {
  /** As a spreadsheet counts: the header is row 1. */
  row: number;
  values: ItemImportRow;
}

/** What a row has to state where the file has the column. */
const REQUIRED: readonly ImportColumn[] = ['name', 'category', 'unit_price'];

/** Where an empty cell says nothing: the item keeps what it has, a new one gets the default, and no stock is counted. */
const KEPT: readonly ImportColumn[] = ['id', 'unit_type', 'tax_rate', 'discount_rate', 'quantity'];

const TOO_MANY_CELLS = {
  type: 'value_error',
  msg: 'Value error, the row has more cells than the header: text with a delimiter in it stands in quotes',
};

/** Reads the cells of a row into values, as they are in the body of a request. */
export class ImportRowReader {
  private readonly columns: [ImportColumn, number][];

  constructor(
    header: ImportHeader,
    private readonly width: number,
    private readonly marks: DecimalMarks,
  ) {
    this.columns = [...header.columns];
  }

  /** @returns the issues of a wrong row */
  read({ row, cells }: CsvRow): ImportedRow | ImportIssue[] {
    const sent: Partial<Record<ImportColumn, string | null>> = {};
    const issues: ImportIssue[] = [];
    if (cells.slice(this.width).some((cell) => cell.trim() !== '')) {
      issues.push({ ...TOO_MANY_CELLS, loc: ['body', row], row, column: null });
    }
    for (const [column, index] of this.columns) {
      const cell = cells[index] ?? '';
      if (cell.trim() !== '') {
        const value = this.readCell(column, cell);
        if (typeof value === 'string') sent[column] = value;
        else issues.push(cellIssue(row, column, value));
      } else if (REQUIRED.includes(column)) issues.push(cellIssue(row, column, FIELD_REQUIRED));
      else if (!KEPT.includes(column)) sent[column] = null;
    }
    const values = toInstance(ItemImportRow, sent);
    const errors = validateSync(values, { whitelist: true, stopAtFirstError: true });
    const found = issuesOf(errors, ['body', row]).map((issue) => cellIssue(row, String(issue.loc[2]), issue));
    const all = [...issues, ...found];
    return all.length > 0 ? this.sorted(all) : { row, values };
  }

  private readCell(column: ImportColumn, cell: string): string | { type: string; msg: string } {
    if (DECIMAL_COLUMNS.includes(column)) return this.marks.read(cell) ?? this.notDecimal();
    return restoreFormula(cell);
  }

  /** In the order of the file's columns. */
  private sorted(issues: ImportIssue[]): ImportIssue[] {
    const place = ({ column }: ImportIssue) => this.columns.findIndex(([name]) => name === column);
    return issues.sort((one, other) => place(one) - place(other));
  }

  private notDecimal(): { type: string; msg: string } {
    const { mark } = this.marks;
    return {
      type: 'decimal_parsing',
      msg: `Input should be a valid decimal, in this file with '${mark}' and without a mark for thousands`,
    };
  }
}
