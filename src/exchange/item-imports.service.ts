import { Injectable } from '@nestjs/common';
import type { CurrentUser } from '../platform/authorization/current-user.decorator.js';
import { type Encoding, ENCODINGS } from '../platform/csv/encoded-text.js';
import { CodedException } from '../platform/errors/coded.exception.js';
import type { SentFile } from '../platform/http/sent-file.js';
import type { ItemImportQuery } from './dto/item-import-query.dto.js';
import { type ItemImportJobResponse, itemImportJobResponseOf } from './dto/item-import-job-response.dto.js';
import { type ItemImportResponse, itemImportResponseOf } from './dto/item-import-response.dto.js';
import type { ImportFile, ImportFileSummary } from './import-file.js';
import { readImportFile } from './import-file-reader.js';
import { ImportInvalidException } from './import-invalid.exception.js';
import { ImportIssues } from './import-issues.js';
import type { ImportedRow } from './import-row-reader.js';
import { BATCH_SIZE, ItemImportJobs } from './item-import-jobs.service.js';
import { ItemImporter } from './item-importer.service.js';
import { ItemImportsRepository } from './item-imports.repository.js';

/** The most rows that are imported while the client waits. */
export const MAX_ROWS_AT_ONCE = 1_000;

/** A file that has been read. With many rows they are in the database already, as those of an import. */
interface ReceivedFile {
  file: ImportFile;
  importId: number | undefined;
}

/** Carries out `work` once, however often the request comes. `digest` identifies the file. */
export type RunOnce = <Result>(digest: string, work: () => Promise<Result>) => Promise<Result>;

/** Imports files of items: few rows at once, many rows when the request has ended. */
@Injectable()
export class ItemImportsService {
  constructor(
    private readonly imports: ItemImportsRepository,
    private readonly importer: ItemImporter,
    private readonly jobs: ItemImportJobs,
  ) {}

  /**
   * @param accept is called when the file has so many rows that its import goes on when the request has ended
   * @returns what the import has done, or the import that goes on
   * @throws ImportInvalidException 422 with what is wrong with the file
   * @throws CodedException 409 when somebody else has changed the catalogue at the same time
   */
  async import(
    sent: SentFile,
    query: ItemImportQuery,
    actor: CurrentUser,
    runOnce: RunOnce,
    accept: () => void,
  ): Promise<ItemImportResponse | ItemImportJobResponse> {
    const { file, importId } = await this.receive(sent, query, actor);
    if (importId === undefined) {
      return runOnce(sent.digest(), () => this.importAtOnce(file, query, actor));
    }
    const queued = new Set<number>();
    try {
      return await runOnce(sent.digest(), async () => {
        const response = await this.enqueue(importId, file);
        accept();
        queued.add(importId);
        return response;
      });
    } finally {
      // The response to an earlier request with the same key belongs to the import of that one.
      if (queued.has(importId)) this.jobs.wake();
      else await this.imports.delete(importId);
    }
  }

  /** @throws CodedException 404 */
  async get(id: number): Promise<ItemImportJobResponse> {
    const found = await this.imports.findById(id);
    if (!found) throw new CodedException(404, 'import_not_found', 'Import not found');
    return itemImportJobResponseOf(found, found.finished_at === null ? this.jobs.progressOf(id) : undefined);
  }

  private async importAtOnce(
    file: ImportFile,
    query: ItemImportQuery,
    actor: CurrentUser,
  ): Promise<ItemImportResponse> {
    const isDryRun = query.dry_run || file.issues.count > 0;
    const outcome = await this.importer.importFew({ file, isDryRun, actor });
    if (outcome instanceof ImportIssues) throw new ImportInvalidException(outcome);
    return itemImportResponseOf(query.dry_run, file, outcome);
  }

  private async enqueue(
    id: number,
    { issues: { first, count }, rows, lacking, reading }: ImportFile,
  ): Promise<ItemImportJobResponse> {
    const summary: ImportFileSummary = { rows, lacking, reading };
    const queued = await this.imports.enqueue(id, {
      file: JSON.stringify(summary),
      issues: count > 0 ? JSON.stringify(first) : null,
      issue_count: count,
    });
    return itemImportJobResponseOf(queued);
  }

  /** Keeps few rows in memory, and writes more of them to the database, where any process can carry the import out. */
  private async receive(sent: SentFile, query: ItemImportQuery, actor: CurrentUser): Promise<ReceivedFile> {
    const { dry_run, ...reading } = query;
    const rows: ImportedRow[] = [];
    let importId: number | undefined;
    let position = 0;
    const stage = async (size: number) => {
      importId ??= await this.imports.add(dry_run, actor.id);
      await this.imports.addBatch(importId, position++, rows.splice(0, size));
    };
    try {
      const file = await readImportFile(sent, { encoding: encodingOf(sent), ...reading }, async (read) => {
        rows.push(...read);
        const isMany = importId !== undefined || rows.length > MAX_ROWS_AT_ONCE;
        while (isMany && rows.length >= BATCH_SIZE) await stage(BATCH_SIZE);
      });
      if (importId !== undefined && rows.length > 0) await stage(rows.length);
      // eslint-disable-next-line @typescript-eslint/require-await -- async, as the rows of the database are.
      const batches = async function* () {
        yield rows;
      };
      return { file: { ...file, batches }, importId };
    } catch (error) {
      if (importId !== undefined) await this.imports.delete(importId);
      throw error;
    }
  }
}

/** The encoding that the media type states, if it is one that is known. */
function encodingOf({ charset }: SentFile): Encoding | undefined {
  return ENCODINGS.find((encoding) => encoding === charset);
}
