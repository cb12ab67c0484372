import type { KeysLacking } from './import-planner.js';
import type { ImportIssues } from './import-issues.js';
import type { ImportedRow } from './import-row-reader.js';

/** How a file was read, for whoever sent it to see. */
export interface FileReading {
  delimiter: string;
  decimal: string;
  encoding: string;
  ignored_columns: string[];
}

/** What is known of a file when all of it is read. */
export interface ImportFileSummary {
  /** Rows whose cells are right, each by itself. */
  rows: number;
  lacking: KeysLacking;
  reading: FileReading;
}

/** A file whose cells are read and checked. Its rows may be read again and again. */
export interface ImportFile extends ImportFileSummary {
  /** What is wrong with cells. A row with an issue is not among {@link batches}. */
  issues: ImportIssues;
  batches: () => AsyncIterable<ImportedRow[]>;
}
