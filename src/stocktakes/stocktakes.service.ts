import { Injectable } from '@nestjs/common';
import type { CurrentUser } from '../platform/authorization/current-user.decorator.js';
import { Role } from '../platform/authorization/role.js';
import { Database } from '../platform/database/database.js';
import { CodedException } from '../platform/errors/coded.exception.js';
import type { Page } from '../platform/lists/page.js';
import { NO_ID } from '../platform/validation/conversions.js';
import { UsersService } from '../users/users.service.js';
import type { StocktakeCreate } from './dto/stocktake-create.dto.js';
import type { StocktakeListQuery } from './dto/stocktake-list-query.dto.js';
import { type StocktakeResponse, stocktakeResponseOf } from './dto/stocktake-response.dto.js';
import type { StocktakeUpdate } from './dto/stocktake-update.dto.js';
import { type Stocktake, StocktakeStatus } from './stocktake.entity.js';
import { StocktakesRepository } from './stocktakes.repository.js';

/** How many missing items an error names. */
const MAX_NAMED_ITEMS = 100;

/** Stocktakes: what is counted, by whom, and how far that is. Owners see all, employees those that they are assigned to. */
@Injectable()
export class StocktakesService {
  constructor(
    private readonly stocktakes: StocktakesRepository,
    private readonly users: UsersService,
    private readonly database: Database,
  ) {}

  /**
   * Of what is in stock now: what comes into stock later is not counted.
   *
   * @throws CodedException 404 when there is no such active user, or an item is not in stock; 409 when nothing is
   * @throws ConstraintViolation when there is no such category
   */
  async create(
    { name, category_id = null, item_ids, assigned_to, due_at = null }: StocktakeCreate,
    actor: CurrentUser,
  ): Promise<StocktakeResponse> {
    return this.database.transaction(async () => {
      await this.assertActive(assigned_to);
      const { id } = await this.stocktakes.insert({ name, category_id, due_at }, actor.id);
      if (item_ids) assertInStock(await this.stocktakes.addItems(id, item_ids));
      else await this.stocktakes.addStock(id, category_id);
      const stocktake = await this.stocktakes.countItems(id);
      if (stocktake.items_count === 0) {
        throw new CodedException(409, 'nothing_to_count', 'None of these items is in stock');
      }
      await this.stocktakes.assign(id, assigned_to);
      return this.responseOf(stocktake);
    });
  }

  async list(query: StocktakeListQuery, actor: CurrentUser): Promise<Page<StocktakeResponse>> {
    const filter = { status: query.status, assigned_to: assigneeOf(actor) };
    const page = await this.stocktakes.list(filter, query);
    const bodyOf = await this.responsesOf(page.rows);
    return page.map(bodyOf);
  }

  /** @throws CodedException 404, also for an employee who is not assigned */
  async get(id: number, actor: CurrentUser): Promise<StocktakeResponse> {
    return this.responseOf(await this.find(id, actor));
  }

  /** @throws CodedException 404, also for an employee who is not assigned */
  async find(id: number, actor: CurrentUser): Promise<Stocktake> {
    return (await this.stocktakes.findById(id, assigneeOf(actor))) ?? throwNotFound();
  }

  /** @throws CodedException 404; 409 when it is not open any more */
  async update(
    id: number,
    { assigned_to, ...changes }: StocktakeUpdate,
    actor: CurrentUser,
  ): Promise<StocktakeResponse> {
    return this.database.transaction(async () => {
      if (assigned_to) await this.assertActive(assigned_to);
      const stocktake = await this.stocktakes.update(id, changes, actor.id);
      if (!stocktake) throwNotOpen((await this.stocktakes.findById(id)) ?? throwNotFound());
      if (assigned_to) await this.stocktakes.assign(id, assigned_to);
      return this.responseOf(stocktake);
    });
  }

  /**
   * Cancels a stocktake: nothing of what was counted is recorded. One that is cancelled already stays so.
   *
   * @throws CodedException 404; 409 when it is approved
   */
  async cancel(id: number, actor: CurrentUser): Promise<StocktakeResponse> {
    return this.database.transaction(async () => {
      const cancelled = await this.stocktakes.cancel(id, actor.id);
      if (cancelled) return this.responseOf(cancelled);
      const stocktake = (await this.stocktakes.findById(id)) ?? throwNotFound();
      if (stocktake.status !== StocktakeStatus.Cancelled) throwNotOpen(stocktake);
      return this.responseOf(stocktake);
    });
  }

  /** @throws CodedException 404 */
  async assertExists(id: number): Promise<void> {
    if (!(await this.stocktakes.findById(id))) throwNotFound();
  }

  async responseOf(stocktake: Stocktake): Promise<StocktakeResponse> {
    return (await this.responsesOf([stocktake]))(stocktake);
  }

  private async responsesOf(stocktakes: Stocktake[]): Promise<(of: Stocktake) => StocktakeResponse> {
    const ids = stocktakes.map(({ id }) => id);
    const assignees = await this.stocktakes.findAssignees(ids);
    const counted = await this.stocktakes.countCounted(ids);
    return (stocktake) => {
      const { id } = stocktake;
      return stocktakeResponseOf(stocktake, assignees.get(id) ?? [], counted.get(id) ?? 0);
    };
  }

  /** In ascending order, so that two transactions that lock the same users don't wait for each other. */
  private async assertActive(userIds: number[]): Promise<void> {
    for (const id of [...new Set(userIds)].sort((one, other) => one - other)) {
      await this.users.assertActive(id);
    }
  }
}

/** Whose stocktakes a user may see; undefined for all. */
export function assigneeOf({ id, role }: CurrentUser): number | undefined {
  return role === Role.Employee ? id : undefined;
}

export function throwNotFound(): never {
  throw new CodedException(404, 'stocktake_not_found', 'Stocktake not found');
}

export function throwNotOpen({ status }: Stocktake): never {
  const state = status === StocktakeStatus.Cancelled ? 'cancelled' : 'approved';
  throw new CodedException(409, 'stocktake_not_open', `The stocktake is ${state}`);
}

/** @throws CodedException 404 */
function assertInStock(missing: number[]): void {
  if (missing.length === 0) return;
  const item_ids = missing.filter((id) => id !== NO_ID).slice(0, MAX_NAMED_ITEMS);
  const sentence =
    missing.length === 1
      ? 'One of the items is not in stock'
      : `${missing.length} of the items are not in stock`;
  throw new CodedException(404, 'not_in_stock', sentence, { item_ids });
}
