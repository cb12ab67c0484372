import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Database } from '../platform/database/database.js';
import { DatabaseUnavailable } from '../platform/database/database-unavailable.js';
import { CodedException } from '../platform/errors/coded.exception.js';
import type { ImportFileSummary } from './import-file.js';
import { type ImportIssue, ImportIssues } from './import-issues.js';
import type { ImportedRow } from './import-row-reader.js';
import { type ItemImport, ItemImportStatus } from './item-import.entity.js';
import { type ImportOutcome, ItemImportsRepository } from './item-imports.repository.js';
import { ItemImporter, type ImportProgress } from './item-importer.service.js';

/** Rows in one row of `item_import_batches`: so many are a few milliseconds' work to read. */
export const BATCH_SIZE = 500;

/** How often is looked for imports that another process has left behind. */
const POLL_INTERVAL_MS = 5_000;

const RENEW_INTERVAL_MS = 5_000;
/** How long a process may not be heard of before another one takes its import over. */
const LEASE_MS = 30_000;

/** Whatever ends a process again and again must not end all of them for ever. */
const MAX_ATTEMPTS = 5;

const CLEANUP_INTERVAL_MS = 60 * 60 * 1000;
/** For an upload that broke off. */
const RECEIVING_TIMEOUT_MS = 60 * 60 * 1000;
const RETENTION_MS = 7 * 24 * 60 * 60 * 1000;

const NOTHING_ELSE: ImportOutcome = { result: null, issues: null, issue_count: 0, error: null };

/** Thrown to leave an import that is another process's by now, or goes on in another one. */
class Stopped extends Error {}

/** Carries out the imports that wait, one at a time. When this process ends before, another one begins anew. */
@Injectable()
export class ItemImportJobs implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Import');
  private readonly progress = new Map<number, ImportProgress>();
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private isAskedAgain = false;
  private isStopped = false;
  private nextCleanupAt = 0;

  constructor(
    private readonly imports: ItemImportsRepository,
    private readonly importer: ItemImporter,
    private readonly database: Database,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.wake();
    }, POLL_INTERVAL_MS).unref();
    this.wake();
  }

  async onModuleDestroy(): Promise<void> {
    this.isStopped = true;
    clearInterval(this.timer);
    await this.running;
  }

  /** To be called when an import waits. */
  wake(): void {
    if (this.isStopped) return;
    if (this.running) {
      this.isAskedAgain = true;
      return;
    }
    this.isAskedAgain = false;
    this.running = this.runAll()
      // The database is away: the next poll tries again.
      .catch(() => undefined)
      .finally(() => {
        this.running = undefined;
        if (this.isAskedAgain) this.wake();
      });
  }

  /** How far an import has come that this process carries out. */
  progressOf(id: number): ImportProgress | undefined {
    return this.progress.get(id);
  }

  private async runAll(): Promise<void> {
    while (!this.isStopped && (await this.imports.isAnyWaiting(this.timestamp()))) {
      const claimed = await this.imports.claim(this.timestamp(), this.timestamp(LEASE_MS));
      if (claimed) await this.run(claimed);
    }
    await this.cleanUp();
  }

  private async run(claimed: ItemImport): Promise<void> {
    const progress = { checked: 0, written: 0 };
    this.progress.set(claimed.id, progress);
    const lease = this.keepLease(claimed, progress);
    try {
      await this.carryOut(claimed, progress, lease);
    } catch (error) {
      if (this.isStopped) await this.imports.release(claimed);
      else if (!(error instanceof Stopped || error instanceof DatabaseUnavailable)) {
        await this.fail(claimed, progress, error);
      }
    } finally {
      lease.end();
      this.progress.delete(claimed.id);
    }
    const ended = await this.imports.findById(claimed.id);
    if (ended?.finished_at != null) await this.imports.deleteBatches(claimed.id);
  }

  private async carryOut(claimed: ItemImport, progress: ImportProgress, lease: Lease): Promise<void> {
    if (claimed.attempt > MAX_ATTEMPTS) throw new Error('The import has been interrupted too often');
    const summary = JSON.parse(claimed.file as string) as ImportFileSummary;
    const issues = ImportIssues.restored(
      JSON.parse(claimed.issues ?? '[]') as ImportIssue[],
      claimed.issue_count,
    );
    const outcome = await this.importer.importMany({
      file: { ...summary, issues, batches: () => this.batchesOf(claimed.id) },
      // A file with wrong cells is only looked at, to find everything else that is wrong.
      isDryRun: claimed.dry_run === 1 || issues.count > 0,
      actor: { id: claimed.created_by },
      progress,
      assertGoesOn: () => {
        if (this.isStopped || lease.isLost) throw new Stopped();
      },
      finish: async (result) => {
        const succeeded = { ...NOTHING_ELSE, result: JSON.stringify(result) };
        const isOurs = await this.imports.finish(claimed, ItemImportStatus.Succeeded, progress, succeeded);
        if (!isOurs) throw new Stopped();
      },
    });
    if (!(outcome instanceof ImportIssues)) return;
    const found = { ...NOTHING_ELSE, issues: JSON.stringify(outcome.first), issue_count: outcome.count };
    await this.imports.finish(claimed, ItemImportStatus.Failed, progress, found);
  }

  private async fail(claimed: ItemImport, progress: ImportProgress, error: unknown): Promise<void> {
    if (!(error instanceof CodedException)) this.logger.error({ err: error }, 'An import failed');
    const { message: detail, code } =
      error instanceof CodedException
        ? error
        : { message: 'Internal Server Error', code: 'internal_error' as const };
    const failed = { ...NOTHING_ELSE, error: JSON.stringify({ detail, code }) };
    await this.imports.finish(claimed, ItemImportStatus.Failed, progress, failed);
  }

  private async *batchesOf(importId: number): AsyncGenerator<ImportedRow[]> {
    for (let position = 0; ; position++) {
      const batch = await this.imports.findBatch(importId, position);
      if (!batch) return;
      yield JSON.parse(batch.rows) as ImportedRow[];
    }
  }

  /** Outside any transaction, so that other processes see it. On SQLite it waits while the import writes. */
  private keepLease(claimed: ItemImport, progress: ImportProgress): Lease {
    let isRenewing = false;
    const timer = setInterval(() => {
      if (isRenewing) return;
      isRenewing = true;
      this.imports
        .renew(claimed, this.timestamp(LEASE_MS), progress)
        .then((isOurs) => {
          lease.isLost ||= !isOurs;
        })
        .catch(() => undefined)
        .finally(() => {
          isRenewing = false;
        });
    }, RENEW_INTERVAL_MS);
    const lease: Lease = {
      isLost: false,
      end: () => {
        clearInterval(timer);
      },
    };
    return lease;
  }

  private async cleanUp(): Promise<void> {
    const now = this.database.clock.now();
    if (now < this.nextCleanupAt) return;
    this.nextCleanupAt = now + CLEANUP_INTERVAL_MS;
    const expired = await this.imports.findExpired(
      this.timestamp(-RECEIVING_TIMEOUT_MS),
      this.timestamp(-RETENTION_MS),
    );
    for (const id of expired) await this.imports.delete(id);
  }

  private timestamp(laterMs = 0): string {
    return new Date(this.database.clock.now() + laterMs).toISOString();
  }
}

interface Lease {
  isLost: boolean;
  end: () => void;
}
