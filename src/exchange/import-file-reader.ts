import { setImmediate as nextTurn } from 'node:timers/promises';
import { CsvProblem } from '../platform/csv/csv-problem.js';
import type { CsvReading } from '../platform/csv/csv-query.dto.js';
import { CsvReader } from '../platform/csv/csv-reader.js';
import { DecimalMarks } from '../platform/csv/decimal-marks.js';
import { issueOf, readHeader } from './import-columns.js';
import type { ImportFileSummary } from './import-file.js';
import { ImportIssues } from './import-issues.js';
import { ImportInvalidException } from './import-invalid.exception.js';
import { type ImportedRow, ImportRowReader } from './import-row-reader.js';

/** A file of 20 MB with more has nearly nothing in them. */
export const MAX_ROWS = 200_000;

/** A few milliseconds' work, so that requests are served in between. */
const BATCH = 100;

const TOO_MANY_ROWS = {
  type: 'too_long',
  msg: `A file has at most ${MAX_ROWS} rows: import it in parts`,
};

/**
 * Reads a file as it arrives.
 *
 * @param keep is given the rows that are right, a few at a time
 * @returns what is known of the file, and the issues of the other rows
 * @throws ImportInvalidException when the file, or its header, can't be read
 */
export async function readImportFile(
  bytes: AsyncIterable<Buffer>,
  stated: CsvReading,
  keep: (rows: ImportedRow[]) => Promise<void>,
): Promise<ImportFileSummary & { issues: ImportIssues }> {
  const csv = await CsvReader.open(bytes, stated).catch((error: unknown) => {
    throw error instanceof CsvProblem ? new ImportInvalidException(ImportIssues.of(issueOf(error))) : error;
  });
  const header = readHeader(csv.header);
  if (Array.isArray(header)) throw new ImportInvalidException(ImportIssues.of(...header));
  const marks = new DecimalMarks(stated.decimal, csv.delimiter);
  const reader = new ImportRowReader(header, csv.header.length, marks);
  const issues = new ImportIssues();
  const lacking = { sku: false, code: false };
  let [count, right]: [number, ImportedRow[]] = [0, []];
  let read = 0;
  const pass = async () => {
    for (const { values } of right) {
      lacking.sku ||= values.sku == null;
      lacking.code ||= values.sku == null && values.barcode == null;
    }
    count += right.length;
    await keep(right);
    right = [];
    await nextTurn();
  };
  try {
    for await (const csvRow of csv.rows()) {
      if (++read > MAX_ROWS) throw new CsvProblem(TOO_MANY_ROWS, csvRow.row);
      const row = reader.read(csvRow);
      if (Array.isArray(row)) issues.add(row);
      else right.push(row);
      if (read % BATCH === 0) await pass();
    }
  } catch (error) {
    if (!(error instanceof CsvProblem)) throw error;
    issues.add([issueOf(error)]);
  }
  await pass();
  return {
    rows: count,
    lacking,
    issues,
    reading: {
      delimiter: csv.delimiter,
      decimal: marks.mark,
      encoding: csv.encoding,
      ignored_columns: header.ignored,
    },
  };
}
