import { Controller, HttpCode, HttpStatus, Param, Post } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiParam, ApiTags } from '@nestjs/swagger';
import { CurrentUser } from '../platform/authorization/current-user.decorator.js';
import { OWNERS } from '../platform/authorization/role.js';
import { Roles } from '../platform/authorization/roles.decorator.js';
import { ApiErrors } from '../platform/errors/api-errors.decorator.js';
import { Idempotent } from '../platform/idempotency/idempotent.decorator.js';
import type { RunIdempotent } from '../platform/idempotency/idempotent.pipe.js';
import { OptionalBody } from '../platform/validation/optional-body.decorator.js';
import { PathIdPipe } from '../platform/validation/path-id.pipe.js';
import { ApprovalService } from './approval.service.js';
import { STOCKTAKE_APPROVE_EXAMPLES, StocktakeApprove } from './dto/stocktake-approve.dto.js';
import { StocktakeResponse } from './dto/stocktake-response.dto.js';
import { StocktakesService } from './stocktakes.service.js';

@ApiTags('Stocktakes')
@Controller('stocktakes/:stocktake_id')
export class StocktakeApprovalController {
  constructor(
    private readonly approval: ApprovalService,
    private readonly stocktakes: StocktakesService,
  ) {}

  /**
   * Approve a stocktake
   *
   * @remarks Records a `count` movement for each item that was counted, as of when it was counted, with the reference
   * `stocktake/ID`. What was sold since stays sold. It happens once: from the approval on nobody counts, and an approval that is
   * interrupted goes on by itself, or when it is sent again. Ends with `approved`.
   * @throws {404} There is no such stocktake.
   * @throws {409} The stocktake is cancelled, was approved with another `uncounted`, or nothing was counted.
   */
  @Post('approve')
  @HttpCode(HttpStatus.OK)
  @Roles(...OWNERS)
  @ApiErrors('stocktake_not_found', 'stocktake_not_open', 'nothing_counted')
  @ApiOkResponse({ type: StocktakeResponse })
  @ApiBody({ type: StocktakeApprove, required: false, examples: STOCKTAKE_APPROVE_EXAMPLES })
  async approveStocktake(
    @Param('stocktake_id', PathIdPipe) id: number,
    @OptionalBody(StocktakeApprove) approval: StocktakeApprove,
    @CurrentUser() actor: CurrentUser,
    @Idempotent() runIdempotent: RunIdempotent,
  ): Promise<StocktakeResponse> {
    await runIdempotent([id, approval], () => this.approval.claim(id, approval, actor));
    return this.approval.record(id);
  }

  /**
   * Cancel a stocktake
   *
   * @remarks Nothing of what was counted is recorded. One that is cancelled already stays so.
   * @throws {404} There is no such stocktake.
   * @throws {409} The stocktake is approved.
   */
  @Post('cancel')
  @HttpCode(HttpStatus.OK)
  @Roles(...OWNERS)
  @ApiErrors('stocktake_not_found', 'stocktake_not_open')
  @ApiOkResponse({ type: StocktakeResponse })
  @ApiParam({ name: 'stocktake_id', example: 2 })
  cancelStocktake(
    @Param('stocktake_id', PathIdPipe) id: number,
    @CurrentUser() actor: CurrentUser,
    @Idempotent() runIdempotent: RunIdempotent,
  ): Promise<StocktakeResponse> {
    return runIdempotent([id], () => this.stocktakes.cancel(id, actor));
  }
}
