import { ApiProperty } from '@nestjs/swagger';
import type { ImportFileSummary } from '../import-file.js';
import type { ImportIssue } from '../import-issues.js';
import { type ItemImport, ItemImportStatus } from '../item-import.entity.js';
import type { ImportProgress, ImportResult } from '../item-importer.service.js';
import { ItemImportError } from './item-import-error.dto.js';
import { ItemImportResponse, itemImportResponseOf } from './item-import-response.dto.js';

/** What an import may be in when a client asks. */
const STATUSES = [
  ItemImportStatus.Waiting,
  ItemImportStatus.Running,
  ItemImportStatus.Succeeded,
  ItemImportStatus.Failed,
];

/** What an import of many rows has done. */
export class ItemImportJobResult extends ItemImportResponse {}

export class ItemImportJobResponse {
  /** @example 1 */
  id!: number;

  /** It is over when it has `succeeded` or `failed`. An import that failed has changed nothing. */
  @ApiProperty({ enum: STATUSES, enumName: 'ItemImportStatus' })
  status!: ItemImportStatus;

  /** Whether it only finds out what it would do. */
  dry_run!: boolean;

  /**
   * Rows of the file, not counting its header, empty rows and rows with a wrong cell.
   * @example 2500
   */
  rows!: number;

  /**
   * Rows that have been compared with the items.
   * @example 2500
   */
  checked_rows!: number;

  /**
   * Rows that have been written. Others see none of them before all are.
   * @example 1200
   */
  written_rows!: number;

  /** What it has done, when it has succeeded; null otherwise. */
  result!: ItemImportJobResult | null;

  /** What is wrong with the file, when it has failed: the first 1,000, by row. */
  errors!: ItemImportError[];

  /**
   * How many errors there are.
   * @example 0
   */
  error_count!: number;

  /**
   * Why it has failed, when that is not because of the file; null otherwise.
   * @example null
   */
  @ApiProperty({ type: 'string', nullable: true })
  failure!: string | null;

  /**
   * The code of `failure`, for programs.
   * @example null
   */
  @ApiProperty({ type: 'string', nullable: true })
  failure_code!: string | null;

  /** @example 1 */
  created_by!: number;

  /** @example "2026-03-01T07:00:00.000Z" */
  created_at!: string;

  /**
   * When it was over; null before.
   * @example null
   */
  finished_at!: string | null;
}

/** @param progress of the process that carries it out; what is stored unless it is given */
export function itemImportJobResponseOf(row: ItemImport, progress?: ImportProgress): ItemImportJobResponse {
  const file = JSON.parse(row.file as string) as ImportFileSummary;
  const result = row.result === null ? null : (JSON.parse(row.result) as ImportResult);
  const failure = row.error === null ? null : (JSON.parse(row.error) as { detail: string; code: string });
  const isDryRun = row.dry_run === 1;
  const hasFailed = row.status === ItemImportStatus.Failed;
  return {
    id: row.id,
    status: row.status,
    dry_run: isDryRun,
    rows: file.rows,
    checked_rows: progress?.checked ?? row.checked_rows,
    written_rows: progress?.written ?? row.written_rows,
    result: result && itemImportResponseOf(isDryRun, file, result),
    errors: hasFailed && row.issues !== null ? (JSON.parse(row.issues) as ImportIssue[]) : [],
    error_count: hasFailed ? row.issue_count : 0,
    failure: failure?.detail ?? null,
    failure_code: failure?.code ?? null,
    created_by: row.created_by,
    created_at: row.created_at,
    finished_at: row.finished_at,
  };
}
