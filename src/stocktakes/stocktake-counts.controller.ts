import { Body, Controller, Get, Param, Put, Query } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { CurrentUser } from '../platform/authorization/current-user.decorator.js';
import { ApiErrors } from '../platform/errors/api-errors.decorator.js';
import { Compressed } from '../platform/http/compression.js';
import { Idempotent } from '../platform/idempotency/idempotent.decorator.js';
import type { RunIdempotent } from '../platform/idempotency/idempotent.pipe.js';
import type { ListResponse } from '../platform/lists/page.js';
import { PathIdPipe } from '../platform/validation/path-id.pipe.js';
import { CountingService } from './counting.service.js';
import { CountResponse } from './dto/count-response.dto.js';
import { COUNT_UPDATE_EXAMPLES, CountUpdate } from './dto/count-update.dto.js';
import { CountedItemListQuery } from './dto/counted-item-list-query.dto.js';
import { CountedItemResponse } from './dto/counted-item-response.dto.js';

@ApiTags('Stocktakes')
@Controller('stocktakes/:stocktake_id/counts')
export class StocktakeCountsController {
  constructor(private readonly counting: CountingService) {}

  /**
   * List the items to count
   *
   * @remarks Each with its count, if there is one. What is expected is not told. Returns all of them, or one page with `limit`.
   * @throws {404} There is no such stocktake, or you are not assigned to it.
   */
  @Get()
  @ApiErrors('stocktake_not_found')
  @Compressed()
  @ApiOkResponse({ type: [CountedItemResponse] })
  listItemsToCount(
    @Param('stocktake_id', PathIdPipe) id: number,
    @Query() query: CountedItemListQuery,
    @CurrentUser() actor: CurrentUser,
  ): Promise<ListResponse<CountedItemResponse>> {
    return this.counting.listItems(id, query, actor);
  }

  /**
   * List all counts of an item, the one that counts first
   *
   * @remarks By when they were counted, not by when they arrived.
   * @throws {404} There is no such stocktake, you are not assigned to it, or the item is not part of it.
   */
  @Get(':item_id')
  @ApiErrors('stocktake_not_found', 'not_in_stocktake')
  @ApiOkResponse({ type: [CountResponse] })
  listCounts(
    @Param('stocktake_id', PathIdPipe) id: number,
    @Param('item_id', PathIdPipe) itemId: number,
    @CurrentUser() actor: CurrentUser,
  ): Promise<CountResponse[]> {
    return this.counting.listCounts(id, itemId, actor);
  }

  /**
   * Count an item
   *
   * @remarks Adds a count. The last one by `counted_at` counts, also when an earlier one arrives later; all are kept. The same count
   * again (same user, quantity and `counted_at`) adds none.
   * @throws {403} Only those who are assigned count.
   * @throws {404} There is no such stocktake, you are not assigned to it, or the item is not part of it.
   * @throws {409} The stocktake is approved or cancelled.
   */
  @Put(':item_id')
  @ApiErrors('forbidden', 'stocktake_not_found', 'not_in_stocktake', 'stocktake_not_open')
  @ApiOkResponse({ type: CountResponse })
  @ApiBody({ type: CountUpdate, examples: COUNT_UPDATE_EXAMPLES })
  countItem(
    @Param('stocktake_id', PathIdPipe) id: number,
    @Param('item_id', PathIdPipe) itemId: number,
    @Body() count: CountUpdate,
    @CurrentUser() actor: CurrentUser,
    @Idempotent() runIdempotent: RunIdempotent,
  ): Promise<CountResponse> {
    return runIdempotent([id, itemId, count], () => this.counting.count(id, itemId, count, actor));
  }
}
