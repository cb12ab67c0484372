import { Injectable } from '@nestjs/common';
import { createdBy, updatedBy } from '../platform/database/authorship.js';
import { Database } from '../platform/database/database.js';
import { BATCH } from '../platform/database/engine.js';
import { allOf, commaSeparated, sql, type SqlFragment } from '../platform/database/sql.js';
import { type Page, readPage } from '../platform/lists/page.js';
import type { PageRequest } from '../platform/lists/page-query.dto.js';
import { Stocktake, StocktakeStatus, type Uncounted } from './stocktake.entity.js';
import { StocktakeAssignee } from './stocktake-assignee.entity.js';

type StocktakeValues = Pick<Stocktake, 'name' | 'category_id' | 'due_at'>;

/** Conditions on a list of stocktakes, combined with AND. */
export interface StocktakeFilter {
  status?: StocktakeStatus;
  /** The user who has to be assigned. */
  assigned_to?: number;
}

/** The queries on `stocktakes` and `stocktake_assignees`, and which items a stocktake has. */
@Injectable()
export class StocktakesRepository {
  constructor(private readonly database: Database) {}

  /** Without items. @throws ConstraintViolation `fk_stocktakes_category` */
  insert(values: StocktakeValues, userId: number): Promise<Stocktake> {
    return this.database.insert(Stocktake, {
      ...values,
      status: StocktakeStatus.Open,
      items_count: 0,
      ...createdBy(userId, this.database.clock.now()),
    });
  }

  /** Adds what is in stock: all of it, or that of a category. */
  async addStock(stocktakeId: number, categoryId: number | null): Promise<void> {
    const ofCategory =
      categoryId === null
        ? sql``
        : sql`where item_id in (select id from items where category_id = ${categoryId})`;
    await this.database.write`
      insert into stocktake_items (stocktake_id, item_id)
      select ${stocktakeId}, item_id from stock_entries ${ofCategory} order by item_id`;
  }

  /** Adds those of the items that are in stock. Returns the ids of the others. */
  async addItems(stocktakeId: number, itemIds: number[]): Promise<number[]> {
    const ids = [...new Set(itemIds)];
    const added = new Set<number>();
    for (let start = 0; start < ids.length; start += BATCH) {
      const some = commaSeparated(ids.slice(start, start + BATCH).map((id) => sql`${id}`));
      const rows = await this.database.write<{ item_id: number }>`
        insert into stocktake_items (stocktake_id, item_id)
        select ${stocktakeId}, item_id from stock_entries where item_id in (${some}) order by item_id
        returning item_id`;
      for (const { item_id } of rows) added.add(item_id);
    }
    return ids.filter((id) => !added.has(id));
  }

  /** Notes how many items it has, once they are all added. */
  async countItems(id: number): Promise<Stocktake> {
    const [stocktake] = await this.database.write<Stocktake>`
      update stocktakes set items_count = (select count(*) from stocktake_items where stocktake_id = ${id})
      where id = ${id} returning *`;
    return stocktake as Stocktake;
  }

  list({ status, assigned_to }: StocktakeFilter, page: PageRequest): Promise<Page<Stocktake>> {
    const condition = allOf(
      status === undefined ? undefined : sql`status = ${status}`,
      assigned_to === undefined ? undefined : isAssignedTo(assigned_to),
    );
    return readPage<Stocktake>(
      this.database,
      condition ? sql`stocktakes stocktake` : 'stocktakes',
      condition,
      page,
    );
  }

  /** @param assigneeId the user who has to be assigned, if given */
  async findById(id: number, assigneeId?: number): Promise<Stocktake | undefined> {
    const [found] = await this.database.read<Stocktake>`
      select * from stocktakes stocktake where id = ${id} and ${isAssignedToIfGiven(assigneeId)}`;
    return found;
  }

  /** The same. Nobody approves, cancels or changes it until the open transaction ends, and this waits for whoever does. */
  async findForShare(id: number, assigneeId?: number): Promise<Stocktake | undefined> {
    const [found] = await this.database.read<Stocktake>`
      select * from stocktakes stocktake
      where id = ${id} and ${isAssignedToIfGiven(assigneeId)} ${this.database.dialect.forShare}`;
    return found;
  }

  /** Changes a stocktake that is open. */
  update(id: number, changes: Partial<StocktakeValues>, userId: number): Promise<Stocktake | undefined> {
    return this.database.update(Stocktake, isOpen(id), {
      ...changes,
      ...updatedBy(userId, this.database.clock.now()),
    });
  }

  /** Approves a stocktake that is open. From then on nobody counts, and what was counted is to be recorded. */
  claim(id: number, uncounted: Uncounted, userId: number): Promise<Stocktake | undefined> {
    const now = this.database.clock.now();
    return this.database.update(Stocktake, isOpen(id), {
      status: StocktakeStatus.Approving,
      uncounted,
      approved_by: userId,
      approved_at: new Date(now).toISOString(),
      ...updatedBy(userId, now),
    });
  }

  /** Cancels a stocktake that is open. */
  cancel(id: number, userId: number): Promise<Stocktake | undefined> {
    const now = this.database.clock.now();
    return this.database.update(Stocktake, isOpen(id), {
      status: StocktakeStatus.Cancelled,
      cancelled_by: userId,
      cancelled_at: new Date(now).toISOString(),
      ...updatedBy(userId, now),
    });
  }

  /** Says of an approved stocktake that everything is recorded. */
  async end({ id, approved_by }: Stocktake): Promise<void> {
    const isApproving = sql`id = ${id} and status = ${StocktakeStatus.Approving}`;
    await this.database.update(Stocktake, isApproving, {
      status: StocktakeStatus.Approved,
      ...updatedBy(approved_by as number, this.database.clock.now()),
    });
  }

  /** The ids of those that are approved, and whose counts are not all recorded. */
  async findApproving(): Promise<number[]> {
    const found = await this.database.read<{ id: number }>`
      select id from stocktakes where status = ${StocktakeStatus.Approving} order by id`;
    return found.map(({ id }) => id);
  }

  /** Replaces those who are assigned to a stocktake, inside the transaction that has locked it. */
  async assign(stocktake_id: number, userIds: number[]): Promise<void> {
    await this.database.write`delete from stocktake_assignees where stocktake_id = ${stocktake_id}`;
    const rows = [...new Set(userIds)].map((user_id) => ({ stocktake_id, user_id }));
    this.database.insertAllPipelined(StocktakeAssignee, rows);
  }

  async isAssigned(stocktakeId: number, userId: number): Promise<boolean> {
    const found = await this.database.read`
      select id from stocktake_assignees where user_id = ${userId} and stocktake_id = ${stocktakeId}`;
    return found.length > 0;
  }

  /** The ids of the users who are assigned to some stocktakes, ascending, by stocktake. */
  async findAssignees(ids: number[]): Promise<Map<number, number[]>> {
    const assignees = new Map(ids.map((id) => [id, [] as number[]]));
    if (ids.length === 0) return assignees;
    const rows = await this.database.read<StocktakeAssignee>`
      select * from stocktake_assignees
      where stocktake_id in (${commaSeparated(ids.map((id) => sql`${id}`))}) order by stocktake_id, user_id`;
    for (const { stocktake_id, user_id } of rows) assignees.get(stocktake_id)?.push(user_id);
    return assignees;
  }

  /** How many items of some stocktakes are counted. */
  async countCounted(ids: number[]): Promise<Map<number, number>> {
    if (ids.length === 0) return new Map();
    const rows = await this.database.read<{ stocktake_id: number; counted: number }>`
      select stocktake_id, count(*) as counted from stocktake_items
      where counted_at is not null and stocktake_id in (${commaSeparated(ids.map((id) => sql`${id}`))})
      group by stocktake_id`;
    return new Map(rows.map(({ stocktake_id, counted }) => [stocktake_id, counted]));
  }
}

function isOpen(id: number): SqlFragment {
  return sql`id = ${id} and status = ${StocktakeStatus.Open}`;
}

function isAssignedTo(userId: number): SqlFragment {
  return sql`exists (
    select 1 from stocktake_assignees assignee where assignee.user_id = ${userId} and assignee.stocktake_id = stocktake.id)`;
}

function isAssignedToIfGiven(userId: number | undefined): SqlFragment {
  return userId === undefined ? sql`true` : isAssignedTo(userId);
}
