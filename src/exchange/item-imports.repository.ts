import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';
import type { ImportedRow } from './import-row-reader.js';
import type { ItemImportBatch } from './item-import-batch.entity.js';
import { ItemImport, ItemImportStatus } from './item-import.entity.js';

/** What is known when an import has ended. */
export type ImportOutcome = Pick<ItemImport, 'result' | 'issues' | 'issue_count' | 'error'>;

/** Deleting this many batches takes a few milliseconds, so that other writers don't wait long. */
const DELETED_BATCHES = 5;

/** The queries on `item_imports` and `item_import_batches`. */
@Injectable()
export class ItemImportsRepository {
  constructor(private readonly database: Database) {}

  /** Adds an import whose file is being received. */
  async add(dryRun: boolean, userId: number): Promise<number> {
    const { id } = await this.database.insert(ItemImport, {
      status: ItemImportStatus.Receiving,
      dry_run: Number(dryRun),
      checked_rows: 0,
      written_rows: 0,
      attempt: 0,
      issue_count: 0,
      created_by: userId,
      created_at: this.database.clock.timestamp(),
    });
    return id;
  }

  async addBatch(importId: number, position: number, rows: ImportedRow[]): Promise<void> {
    await this.database.write`
      insert into item_import_batches (import_id, position, rows)
      values (${importId}, ${position}, ${JSON.stringify(rows)})`;
  }

  /** Lets an import wait for a process that carries it out. */
  async enqueue(
    id: number,
    values: Pick<ItemImport, 'file' | 'issues' | 'issue_count'>,
  ): Promise<ItemImport> {
    const [queued] = await this.database.write<ItemImport>`
      update item_imports
      set status = ${ItemImportStatus.Waiting}, file = ${values.file}, issues = ${values.issues}, issue_count = ${values.issue_count}
      where id = ${id}
      returning *`;
    return queued as ItemImport;
  }

  async findById(id: number): Promise<ItemImport | undefined> {
    const [found] = await this.database.read<ItemImport>`
      select * from item_imports where id = ${id} and status <> ${ItemImportStatus.Receiving}`;
    return found;
  }

  async findBatch(importId: number, position: number): Promise<ItemImportBatch | undefined> {
    const [batch] = await this.database.read<ItemImportBatch>`
      select * from item_import_batches where import_id = ${importId} and position = ${position}`;
    return batch;
  }

  /** Whether an import waits, or the process that carried it out has not been heard of for too long. */
  async isAnyWaiting(now: string): Promise<boolean> {
    const waiting = await this.database.read`
      select id from item_imports
      where status = ${ItemImportStatus.Waiting} or (status = ${ItemImportStatus.Running} and leased_until <= ${now})
      limit 1`;
    return waiting.length > 0;
  }

  /** Takes the next import that waits; no other process gets it before the lease ends. */
  async claim(now: string, leasedUntil: string): Promise<ItemImport | undefined> {
    const [claimed] = await this.database.write<ItemImport>`
      update item_imports set status = ${ItemImportStatus.Running}, attempt = attempt + 1, leased_until = ${leasedUntil}
      where id = (
        select id from item_imports
        where status = ${ItemImportStatus.Waiting} or (status = ${ItemImportStatus.Running} and leased_until <= ${now})
        order by id limit 1 ${this.database.dialect.forUpdateSkipLocked}
      )
      returning *`;
    return claimed;
  }

  /** Returns false when the import is not that process's any more. */
  async renew(
    { id, attempt }: ItemImport,
    leasedUntil: string,
    progress: { checked: number; written: number },
  ): Promise<boolean> {
    const renewed = await this.database.write`
      update item_imports
      set leased_until = ${leasedUntil}, checked_rows = ${progress.checked}, written_rows = ${progress.written}
      where id = ${id} and attempt = ${attempt} and status = ${ItemImportStatus.Running}
      returning id`;
    return renewed.length > 0;
  }

  /** Lets another process go on with it at once. */
  async release({ id, attempt }: ItemImport): Promise<void> {
    await this.database.write`
      update item_imports set status = ${ItemImportStatus.Waiting}, leased_until = null
      where id = ${id} and attempt = ${attempt} and status = ${ItemImportStatus.Running}`;
  }

  /** Ends an import. Returns false, and changes nothing, when it is not that process's any more. */
  async finish(
    { id, attempt }: ItemImport,
    status: ItemImportStatus.Succeeded | ItemImportStatus.Failed,
    progress: { checked: number; written: number },
    { result, issues, issue_count, error }: ImportOutcome,
  ): Promise<boolean> {
    const finished = await this.database.write`
      update item_imports
      set status = ${status}, leased_until = null, finished_at = ${this.database.clock.timestamp()},
        checked_rows = ${progress.checked}, written_rows = ${progress.written},
        result = ${result}, issues = ${issues}, issue_count = ${issue_count}, error = ${error}
      where id = ${id} and attempt = ${attempt} and status = ${ItemImportStatus.Running}
      returning id`;
    return finished.length > 0;
  }

  /** Deletes the rows of a file, a few at a time. */
  async deleteBatches(importId: number): Promise<void> {
    let deleted: unknown[];
    do {
      deleted = await this.database.write`
        delete from item_import_batches where id in (
          select id from item_import_batches where import_id = ${importId} order by id limit ${DELETED_BATCHES}
        )
        returning id`;
    } while (deleted.length === DELETED_BATCHES);
  }

  async delete(id: number): Promise<void> {
    await this.deleteBatches(id);
    await this.database.write`delete from item_imports where id = ${id}`;
  }

  /** Imports of which no request and no user needs anything any more. */
  async findExpired(receivingBefore: string, finishedBefore: string): Promise<number[]> {
    const expired = await this.database.read<{ id: number }>`
      select id from item_imports
      where (status = ${ItemImportStatus.Receiving} and created_at <= ${receivingBefore}) or finished_at <= ${finishedBefore}`;
    return expired.map(({ id }) => id);
  }
}
