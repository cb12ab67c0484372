import { setImmediate as nextTurn } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { CategoriesService } from '../categories/categories.service.js';
import { ItemBatchesService, type NewItem } from '../items/item-batches.service.js';
import type { ItemChange } from '../items/item-batches.repository.js';
import type { ItemValues } from '../items/items.repository.js';
import type { CurrentUser } from '../platform/authorization/current-user.decorator.js';
import { ConstraintViolation } from '../platform/database/constraint-violation.js';
import { Database } from '../platform/database/database.js';
import { CodedException } from '../platform/errors/coded.exception.js';
import { CollectionVersionsRepository } from '../platform/lists/collection-versions.repository.js';
import { thousandths } from '../platform/validation/decimal.js';
import { StockService } from '../stock/stock.service.js';
import { FIELD_COLUMNS } from './import-columns.js';
import type { ImportFile } from './import-file.js';
import { ImportIssues } from './import-issues.js';
import { ImportPlan } from './import-plan.js';
import { ImportPlanner } from './import-planner.js';
import type { ImportedRow } from './import-row-reader.js';

/** A few milliseconds' work, so that requests are served in between. */
const BATCH = 100;

/** How often a plan is made while others change the catalogue, before they have to wait until it is carried out. */
const MAX_FREE_PLANS = 2;

/** Names the lock of imports: each sees what the one before has done. */
const LOCK = 'item import';

/** What an import looks at to find the items of its rows. */
const CATALOGUE = ['items', 'categories'];

/** What an import has done. */
export interface ImportResult {
  created: number;
  updated: number;
  unchanged: number;
  /** Rows that have counted the stock. */
  counted: number;
  categories_created: number;
}

/** How far an import has come, in rows. */
export interface ImportProgress {
  checked: number;
  written: number;
}

interface Run {
  file: ImportFile;
  isDryRun: boolean;
  actor: Pick<CurrentUser, 'id'>;
  progress?: ImportProgress;
  /** The last part of the transaction that writes the rows: both or neither. */
  finish?: (result: ImportResult) => Promise<void>;
  /** Throws when the import has to stop. */
  assertGoesOn?: () => void;
}

/** Writes the rows of a file to the catalogue: all of them or, where one is wrong, none. */
@Injectable()
export class ItemImporter {
  constructor(
    private readonly categories: CategoriesService,
    private readonly items: ItemBatchesService,
    private readonly stock: StockService,
    private readonly versions: CollectionVersionsRepository,
    private readonly database: Database,
  ) {}

  /**
   * Few rows: others wait with their writes for as long as they take.
   *
   * @returns what it has done, or the issues of the rows
   * @throws CodedException 409 when somebody else has changed the catalogue at the same time
   */
  importFew(run: Run): Promise<ImportResult | ImportIssues> {
    return run.isDryRun ? this.checkOnly(run) : this.planAndWrite(run, 'transaction');
  }

  /**
   * Many rows: it is found out what they do while others go on, and they wait only while that is written. Where somebody has
   * changed the catalogue in between, it is found out again; after a few times, while others wait.
   *
   * @returns what it has done, or the issues of the rows
   * @throws CodedException 409 when somebody else has changed the catalogue at the same time
   */
  async importMany(run: Run): Promise<ImportResult | ImportIssues> {
    if (run.isDryRun) return this.checkOnly(run);
    for (let count = 0; count < MAX_FREE_PLANS; count++) {
      const { changes } = await this.versions.read(CATALOGUE);
      const plan = await this.plan(run);
      if (plan.issues.count > 0) return plan.issues;
      const result = await this.write(run, plan, changes);
      if (result) return result;
    }
    return this.planAndWrite(run, 'largeTransaction');
  }

  private async checkOnly(run: Run): Promise<ImportResult | ImportIssues> {
    const plan = await this.plan(run);
    if (plan.issues.count > 0) return plan.issues;
    const result = resultOf(plan);
    await run.finish?.(result);
    return result;
  }

  /** @returns undefined, and writes nothing, when the catalogue has been changed since the plan was made */
  private async write(run: Run, plan: ImportPlan, changes: number): Promise<ImportResult | undefined> {
    try {
      return await this.database.largeTransaction(async () => {
        await this.database.lock(LOCK);
        if ((await this.versions.read(CATALOGUE)).changes !== changes) return undefined;
        return this.carryOut(run, plan);
      });
    } catch (error) {
      if (isOutdated(error)) return undefined;
      throw error;
    }
  }

  private async planAndWrite(
    run: Run,
    kind: 'transaction' | 'largeTransaction',
  ): Promise<ImportResult | ImportIssues> {
    try {
      return await this.database[kind](async () => {
        await this.database.lock(LOCK);
        const plan = await this.plan(run);
        return plan.issues.count > 0 ? plan.issues : this.carryOut(run, plan);
      });
    } catch (error) {
      if (isOutdated(error)) throw changedMeanwhile(error as Error);
      throw error;
    }
  }

  private async plan({ file, progress, assertGoesOn }: Run): Promise<ImportPlan> {
    const plan = new ImportPlan(file.rows, ImportIssues.after(file.issues));
    const categories = await this.categories.findIds();
    const planner = new ImportPlanner(plan, file.lacking, categories, this.items, this.stock);
    let place = 0;
    for await (const rows of batchesOf(file)) {
      assertGoesOn?.();
      await planner.add(rows, place);
      place += rows.length;
      if (progress) progress.checked = place;
      await nextTurn();
    }
    return plan;
  }

  /** Inside the open transaction. Stock goes last, and by ascending id, so that it is locked for the shortest time. */
  private async carryOut(run: Run, plan: ImportPlan): Promise<ImportResult> {
    const { file, actor, progress, assertGoesOn } = run;
    if (plan.writesAnything) {
      for (const name of plan.newCategories) await this.categories.create({ name }, actor);
      const categories = await this.categories.findIds();
      await this.lockItems(plan);
      let place = 0;
      for await (const rows of batchesOf(file)) {
        assertGoesOn?.();
        await this.createItems(rows, place, plan, categories, actor);
        await this.updateItems(rows, place, plan, categories, actor);
        place += rows.length;
        if (progress) progress.written = place;
        await nextTurn();
      }
      await this.countStock(plan, run);
    }
    const result = resultOf(plan);
    await run.finish?.(result);
    return result;
  }

  /** By ascending id, as whoever locks several items. */
  private async lockItems(plan: ImportPlan): Promise<void> {
    const { itemIds, versions } = plan;
    const isLocked = (place: number) =>
      plan.isChanged(place) || (!plan.isNew(place) && plan.isCounted(place));
    for (const places of slicesOf(plan.placesByItem(isLocked))) {
      const found = await this.items.lockAll(places.map((place) => itemIds[place] as number));
      const isAsPlanned = places.every((place) => {
        const version = found.get(itemIds[place] as number);
        return plan.isChanged(place) ? version === versions[place] : version !== undefined;
      });
      if (!isAsPlanned) throw new Outdated();
      await nextTurn();
    }
  }

  private async createItems(
    rows: ImportedRow[],
    start: number,
    plan: ImportPlan,
    categories: ReadonlyMap<string, number>,
    actor: Pick<CurrentUser, 'id'>,
  ): Promise<void> {
    const places = rows.map((_, index) => start + index).filter((place) => plan.isNew(place));
    if (places.length === 0) return;
    const items = places.map((place) => {
      const { values } = rows[place - start] as ImportedRow;
      const fields = FIELD_COLUMNS.map((column) => [column, values[column]]);
      const category_id = categories.get(values.category as string);
      return { ...(Object.fromEntries(fields) as Omit<NewItem, 'category_id'>), category_id } as NewItem;
    });
    const ids = await this.items.createAll(items, actor);
    places.forEach((place, index) => {
      plan.itemIds[place] = ids[index] as number;
    });
  }

  /** Columns that stay as they are are not written again, which would take their indexes as long as a change. */
  private async updateItems(
    rows: ImportedRow[],
    start: number,
    plan: ImportPlan,
    categories: ReadonlyMap<string, number>,
    actor: Pick<CurrentUser, 'id'>,
  ): Promise<void> {
    const byColumns = new Map<string, ItemChange[]>();
    rows.forEach(({ values }, index) => {
      const place = start + index;
      const columns = plan.changedColumns(place);
      if (columns.length === 0) return;
      const changes = columns.map((column) =>
        column === 'category'
          ? ['category_id', categories.get(values.category as string)]
          : [column, values[column]],
      );
      const item = {
        id: plan.itemIds[place] as number,
        version: plan.versions[place] as number,
        changes: Object.fromEntries(changes) as Partial<ItemValues>,
      };
      const alike = byColumns.get(columns.join());
      if (alike) alike.push(item);
      else byColumns.set(columns.join(), [item]);
    });
    for (const items of byColumns.values()) {
      if ((await this.items.updateAll(items, actor)) !== items.length) throw new Outdated();
    }
  }

  private async countStock(plan: ImportPlan, { actor, assertGoesOn }: Run): Promise<void> {
    const { itemIds, quantities, changesStock } = plan;
    for (const places of slicesOf(plan.placesByItem((place) => plan.isCounted(place)))) {
      assertGoesOn?.();
      const counts = places.map((place) => ({
        item_id: itemIds[place] as number,
        quantity: thousandths(quantities[place] as number),
      }));
      const changed = new Set(await this.stock.countAll(counts, actor));
      for (const place of places) changesStock[place] = Number(changed.has(itemIds[place] as number));
      await nextTurn();
    }
  }
}

/** The catalogue is not what it was when the plan was made. */
class Outdated extends Error {}

/** What an import writes may also break a constraint only because somebody else has written at the same time. */
function isOutdated(error: unknown): boolean {
  return error instanceof Outdated || error instanceof ConstraintViolation;
}

function changedMeanwhile(cause: Error): CodedException {
  const sentence =
    'Somebody else has changed the catalogue at the same time, and nothing was imported: try again';
  const error = new CodedException(409, 'changed_meanwhile', sentence);
  error.cause = cause;
  return error;
}

/** A row updates its item when it changes a field, or what is in stock. */
function resultOf(plan: ImportPlan): ImportResult {
  let [created, updated, counted] = [0, 0, 0];
  for (let place = 0; place < plan.rows; place++) {
    if (plan.isNew(place)) created++;
    else if (plan.isChanged(place) || plan.changesStock[place] === 1) updated++;
    if (plan.isCounted(place)) counted++;
  }
  const unchanged = plan.rows - created - updated;
  return { created, updated, unchanged, counted, categories_created: plan.newCategories.size };
}

/** The rows of a file in small batches, however it keeps them. */
async function* batchesOf({ batches }: ImportFile): AsyncGenerator<ImportedRow[]> {
  for await (const rows of batches()) yield* slicesOf(rows);
}

function* slicesOf<T>(all: ArrayLike<T>): Generator<T[]> {
  for (let start = 0; start < all.length; start += BATCH) {
    yield Array.from({ length: Math.min(BATCH, all.length - start) }, (_, index) => all[start + index] as T);
  }
}
