import type { ItemColumn } from '../items/exported-item.js';
import type { CsvProblem } from '../platform/csv/csv-problem.js';
import { restoreFormula } from '../platform/csv/csv-text.js';
import { normalizeLine } from '../platform/validation/text.js';
import type { ImportIssue } from './import-issues.js';

/** Columns of an item's own fields. A file need not have all of them. */
export const FIELD_COLUMNS = [
  'name',
  'description',
  'sku',
  'barcode',
  'image_url',
  'unit_price',
  'unit_cost',
  'unit_type',
  'tax_rate',
  'discount_rate',
  'low_stock_threshold',
  'reorder_quantity',
] as const satisfies ItemColumn[];

export type FieldColumn = (typeof FIELD_COLUMNS)[number];

/** All columns that are read: an `id` tells items apart that are alike otherwise, and a `quantity` counts the stock. */
export const IMPORT_COLUMNS = ['id', 'category', ...FIELD_COLUMNS, 'quantity'] as const;

export type ImportColumn = (typeof IMPORT_COLUMNS)[number];

/** Columns of decimals. */
export const DECIMAL_COLUMNS: readonly ImportColumn[] = [
  'unit_price',
  'unit_cost',
  'tax_rate',
  'discount_rate',
  'low_stock_threshold',
  'reorder_quantity',
  'quantity',
];

/** Where a file has which column. */
export interface ImportHeader {
  columns: Map<ImportColumn, number>;
  /** The names of the columns that are not read, as the file has them. */
  ignored: string[];
}

/**
 * Finds the columns by their names, in any letter case.
 *
 * @returns the issues in place of the header, when a column is there twice, or there is none to find items by
 */
export function readHeader(names: string[]): ImportHeader | ImportIssue[] {
  const columns = new Map<ImportColumn, number>();
  const ignored: string[] = [];
  const issues: ImportIssue[] = [];
  names
    .map((name) => normalizeLine(restoreFormula(name)))
    .forEach((name, index) => {
      const column = IMPORT_COLUMNS.find((one) => one === name.toLowerCase());
      if (column === undefined) {
        if (name !== '') ignored.push(name.slice(0, 100));
      } else if (columns.has(column)) issues.push(headerIssue(column, TWICE));
      else columns.set(column, index);
    });
  if (!columns.has('sku') && !columns.has('barcode')) {
    const missing = (['name', 'category'] as const).filter((column) => !columns.has(column));
    issues.push(...missing.map((column) => headerIssue(column, NO_KEY)));
  }
  return issues.length > 0 ? issues : { columns, ignored };
}

const TWICE = { type: 'value_error', msg: 'Value error, the header has this column twice' };
const NO_KEY = {
  type: 'missing',
  msg: 'Column required: items are found by sku, or by barcode, or by name and category',
};

function headerIssue(column: string, { type, msg }: { type: string; msg: string }): ImportIssue {
  return { type, loc: ['body', 1, column], msg, row: 1, column };
}

/** What is wrong with all of a file, or with one row of it. */
export function issueOf({ reason, row }: CsvProblem): ImportIssue {
  const loc: ImportIssue['loc'] = row === undefined ? ['body'] : ['body', row];
  return { ...reason, loc, row: row ?? null, column: null };
}
