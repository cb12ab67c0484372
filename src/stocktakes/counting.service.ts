import { Injectable } from '@nestjs/common';
import type { CurrentUser } from '../platform/authorization/current-user.decorator.js';
import { Database } from '../platform/database/database.js';
import { CodedException } from '../platform/errors/coded.exception.js';
import { type ListResponse, toListResponse } from '../platform/lists/page.js';
import { assertRecent } from '../stock/occurred-at.js';
import { type CountResponse, countResponseOf } from './dto/count-response.dto.js';
import type { CountUpdate } from './dto/count-update.dto.js';
import { type CountedItemResponse, countedItemResponseOf } from './dto/counted-item-response.dto.js';
import type { CountedItemListQuery } from './dto/counted-item-list-query.dto.js';
import { StocktakeStatus } from './stocktake.entity.js';
import { StocktakeCountsRepository } from './stocktake-counts.repository.js';
import { StocktakesRepository } from './stocktakes.repository.js';
import { assigneeOf, StocktakesService, throwNotFound, throwNotOpen } from './stocktakes.service.js';

/** Counting blind: nothing here says what is expected. Several people count at once, also offline. */
@Injectable()
export class CountingService {
  constructor(
    private readonly stocktakes: StocktakesService,
    private readonly repository: StocktakesRepository,
    private readonly counts: StocktakeCountsRepository,
    private readonly database: Database,
  ) {}

  /**
   * Adds a count. The last one by `counted_at` counts; the same count again changes nothing.
   *
   * @throws ValidationException when it was counted more than a week ago
   * @throws CodedException 404 for a stocktake or item that is not counted by this user; 403; 409 when the stocktake is not open
   */
  async count(
    stocktakeId: number,
    itemId: number,
    { quantity, counted_at }: CountUpdate,
    actor: CurrentUser,
  ): Promise<CountResponse> {
    assertRecent([counted_at], () => ['body', 'counted_at']);
    return this.database.transaction(async () => {
      const stocktake = await this.repository.findForShare(stocktakeId, assigneeOf(actor));
      if (!stocktake) throwNotFound();
      if (!(await this.repository.isAssigned(stocktakeId, actor.id))) {
        throw new CodedException(403, 'forbidden', 'Only those who are assigned to the stocktake count');
      }
      const item = (await this.counts.findItem(stocktakeId, itemId)) ?? throwNotInStocktake();
      if (stocktake.status !== StocktakeStatus.Open) throwNotOpen(stocktake);
      const now = this.database.clock.timestamp();
      const count = await this.counts.add({
        stocktake_item_id: item.id,
        quantity,
        counted_at: counted_at ?? now,
        counted_by: actor.id,
        recorded_at: now,
      });
      return countResponseOf(itemId, count);
    });
  }

  /** The items to count, each with its count. @throws CodedException 404 */
  async listItems(
    stocktakeId: number,
    { counted: isCounted, ...page }: CountedItemListQuery,
    actor: CurrentUser,
  ): Promise<ListResponse<CountedItemResponse>> {
    const { id } = await this.stocktakes.find(stocktakeId, actor);
    const items = await this.counts.listItems({ stocktake_id: id, isCounted }, page);
    return toListResponse(items, countedItemResponseOf);
  }

  /** All counts of an item, the one that counts first. @throws CodedException 404 */
  async listCounts(stocktakeId: number, itemId: number, actor: CurrentUser): Promise<CountResponse[]> {
    const { id } = await this.stocktakes.find(stocktakeId, actor);
    const item = (await this.counts.findItem(id, itemId)) ?? throwNotInStocktake();
    return (await this.counts.listCounts(item.id)).map((count) => countResponseOf(itemId, count));
  }
}

function throwNotInStocktake(): never {
  throw new CodedException(404, 'not_in_stocktake', 'The item is not part of the stocktake');
}
