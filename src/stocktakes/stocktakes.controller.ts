import { Body, Controller, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiNotFoundResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { CurrentUser } from '../platform/authorization/current-user.decorator.js';
import { OWNERS } from '../platform/authorization/role.js';
import { Roles } from '../platform/authorization/roles.decorator.js';
import { ApiErrors } from '../platform/errors/api-errors.decorator.js';
import { Compressed } from '../platform/http/compression.js';
import { Located } from '../platform/http/location.js';
import { Idempotent } from '../platform/idempotency/idempotent.decorator.js';
import type { RunIdempotent } from '../platform/idempotency/idempotent.pipe.js';
import type { ListStream } from '../platform/lists/list-stream.js';
import type { Page } from '../platform/lists/page.js';
import { PathIdPipe } from '../platform/validation/path-id.pipe.js';
import { STOCKTAKE_CREATE_EXAMPLES, StocktakeCreate } from './dto/stocktake-create.dto.js';
import { StocktakeErrorResponse } from './dto/stocktake-error-response.dto.js';
import { StocktakeListQuery } from './dto/stocktake-list-query.dto.js';
import { StocktakeResponse } from './dto/stocktake-response.dto.js';
import { STOCKTAKE_UPDATE_EXAMPLES, StocktakeUpdate } from './dto/stocktake-update.dto.js';
import { StocktakeVariancesResponse } from './dto/variance-response.dto.js';
import { StocktakesService } from './stocktakes.service.js';
import { VariancesService } from './variances.service.js';

@ApiTags('Stocktakes')
@Controller('stocktakes')
export class StocktakesController {
  constructor(
    private readonly stocktakes: StocktakesService,
    private readonly variances: VariancesService,
  ) {}

  /**
   * Begin a stocktake
   *
   * @remarks Of all that is in stock now, of a category, or of some items. Those who are assigned count it, blind: they are not told
   * what is expected. Sales go on meanwhile.
   * @throws {409} Nothing of it is in stock.
   */
  @Post()
  @ApiErrors('user_not_found', 'category_not_found', 'not_in_stock', 'nothing_to_count')
  @Roles(...OWNERS)
  @Located('stocktakes/{id}')
  @ApiCreatedResponse({ type: StocktakeResponse })
  @ApiNotFoundResponse({
    type: StocktakeErrorResponse,
    description: 'There is no such active user or category, or some of the items are not in stock.',
  })
  @ApiBody({ type: StocktakeCreate, examples: STOCKTAKE_CREATE_EXAMPLES })
  createStocktake(
    @Body() stocktake: StocktakeCreate,
    @CurrentUser() actor: CurrentUser,
    @Idempotent() runIdempotent: RunIdempotent,
  ): Promise<StocktakeResponse> {
    return runIdempotent([stocktake], () => this.stocktakes.create(stocktake, actor));
  }

  /**
   * List stocktakes, newest first
   *
   * @remarks Employees get those that they are assigned to, owners all.
   */
  @Get()
  @ApiOkResponse({ type: [StocktakeResponse] })
  listStocktakes(
    @Query() query: StocktakeListQuery,
    @CurrentUser() actor: CurrentUser,
  ): Promise<Page<StocktakeResponse>> {
    return this.stocktakes.list(query, actor);
  }

  /**
   * Get a stocktake
   *
   * @remarks With how many of its items are counted: the list of these has a path of its own.
   * @throws {404} There is no such stocktake, or you are not assigned to it.
   */
  @Get(':stocktake_id')
  @ApiErrors('stocktake_not_found')
  @ApiOkResponse({ type: StocktakeResponse })
  getStocktake(
    @Param('stocktake_id', PathIdPipe) id: number,
    @CurrentUser() actor: CurrentUser,
  ): Promise<StocktakeResponse> {
    return this.stocktakes.get(id, actor);
  }

  /**
   * Update a stocktake that is open
   *
   * @remarks Its name, who counts, and until when. What is counted stays.
   * @throws {404} There is no such stocktake, or no such active user.
   * @throws {409} The stocktake is approved or cancelled.
   */
  @Patch(':stocktake_id')
  @ApiErrors('stocktake_not_found', 'user_not_found', 'stocktake_not_open')
  @Roles(...OWNERS)
  @ApiOkResponse({ type: StocktakeResponse })
  @ApiBody({ type: StocktakeUpdate, examples: STOCKTAKE_UPDATE_EXAMPLES })
  updateStocktake(
    @Param('stocktake_id', PathIdPipe) id: number,
    @Body() changes: StocktakeUpdate,
    @CurrentUser() actor: CurrentUser,
    @Idempotent() runIdempotent: RunIdempotent,
  ): Promise<StocktakeResponse> {
    return runIdempotent([id, changes], () => this.stocktakes.update(id, changes, actor));
  }

  /**
   * Get what was counted beside what was expected
   *
   * @remarks Expected is what was in stock when the item was counted, by what is recorded so far: what was sold before or after that
   * does not matter. Prices and costs are those of now until the stocktake is approved.
   * @throws {404} There is no such stocktake.
   * @throws {409} A difference is worth too much to be told exactly.
   */
  @Get(':stocktake_id/variances')
  @ApiErrors('stocktake_not_found')
  @Roles(...OWNERS)
  @Compressed()
  @ApiOkResponse({ type: StocktakeVariancesResponse })
  getStocktakeVariances(
    @Param('stocktake_id', PathIdPipe) id: number,
    @CurrentUser() actor: CurrentUser,
  ): Promise<StocktakeVariancesResponse | ListStream> {
    return this.variances.get(id, actor);
  }
}
