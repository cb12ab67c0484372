import type { ValidationIssue } from '../platform/validation/validation-issue.js';

/** As many issues as anybody reads. */
export const MAX_ISSUES = 1_000;

/** What is wrong with one row of a file, in the form of every other validation issue and with its place by name. */
export interface ImportIssue extends ValidationIssue {
  /** As a spreadsheet counts: the header is row 1. Null where it is all of the file. */
  row: number | null;
  column: string | null;
}

/** The first issues of a file by row, and how many there are. */
export class ImportIssues {
  count = 0;
  private issues: ImportIssue[] = [];

  static of(...issues: ImportIssue[]): ImportIssues {
    const all = new ImportIssues();
    all.add(issues);
    return all;
  }

  /** A copy, to add to. */
  static after({ first, count }: ImportIssues): ImportIssues {
    return ImportIssues.restored(first, count);
  }

  static restored(first: ImportIssue[], count: number): ImportIssues {
    const issues = new ImportIssues();
    issues.issues = first;
    issues.count = count;
    return issues;
  }

  /** Issues come by row; those of the second reading of a file, after those of the first. */
  add(issues: ImportIssue[]): void {
    this.count += issues.length;
    this.issues.push(...issues);
    if (this.issues.length > 2 * MAX_ISSUES) this.issues = this.first;
  }

  /** At most {@link MAX_ISSUES}. */
  get first(): ImportIssue[] {
    return this.issues.sort((one, other) => (one.row ?? 0) - (other.row ?? 0)).slice(0, MAX_ISSUES);
  }
}

/** An issue of one cell. */
export function cellIssue(
  row: number,
  column: string,
  { type, msg }: { type: string; msg: string },
): ImportIssue {
  return { type, loc: ['body', row, column], msg, row, column };
}
