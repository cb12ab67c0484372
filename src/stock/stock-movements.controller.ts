import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import {
  ApiBody,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { CurrentRole } from '../platform/authorization/current-role.decorator.js';
import { CurrentUser } from '../platform/authorization/current-user.decorator.js';
import { OwnersOnlyFields } from '../platform/authorization/owner-fields.decorator.js';
import type { Role } from '../platform/authorization/role.js';
import type { Versioned } from '../platform/http/versioned.js';
import { CsvFile } from '../platform/csv/table.decorators.js';
import type { Table } from '../platform/csv/table.js';
import type { Page } from '../platform/lists/page.js';
import { Located } from '../platform/http/location.js';
import { Idempotent } from '../platform/idempotency/idempotent.decorator.js';
import type { RunIdempotent } from '../platform/idempotency/idempotent.pipe.js';
import { ConditionalGet, ConditionalListByRole } from '../platform/lists/conditional.decorators.js';
import { ApiErrors } from '../platform/errors/api-errors.decorator.js';
import { MovementListQuery } from './dto/movement-list-query.dto.js';
import { MovementResponse } from './dto/movement-response.dto.js';
import { PathIdPipe } from '../platform/validation/path-id.pipe.js';
import { MovementBatch } from './dto/movement-batch.dto.js';
import { MOVEMENT_COLUMNS, MovementExportQuery } from './dto/movement-export-query.dto.js';
import { MovementCreate } from './dto/movement-create.dto.js';
import { MOVEMENT_BATCH_EXAMPLES, MOVEMENT_EXAMPLES } from './dto/movement.examples.js';
import { MovementErrorResponse } from './dto/movement-error-response.dto.js';
import { StockMovementsService } from './stock-movements.service.js';

@ApiTags('Stock movements')
@Controller('stock')
export class StockMovementsController {
  constructor(private readonly movements: StockMovementsService) {}

  /**
   * Record what came, went or was counted of an item
   *
   * @remarks Send either `delta` or `counted_quantity`. A movement never changes; reverse it to correct a mistake. A movement
   * that happened before a count which is already recorded leaves the stock as it was counted: a second movement, with
   * `compensates_id`, compensates it at that count. A count that arrives late keeps what has happened since.
   * @throws {404} The item is not in stock.
   */
  @Post(':item_id/movements')
  @OwnersOnlyFields('unit_cost')
  @ApiErrors(
    'not_in_stock',
    'taken_out_of_stock',
    'insufficient_stock',
    'unexpected_quantity',
    'quantity_too_large',
  )
  @Located('stock/movements/{id}')
  @ApiCreatedResponse({ type: MovementResponse })
  @ApiBody({ type: MovementCreate, examples: MOVEMENT_EXAMPLES })
  @ApiConflictResponse({
    type: MovementErrorResponse,
    description:
      'There is not enough in stock, another quantity than expected, or the item had been taken out of stock by then.',
  })
  recordMovement(
    @Param('item_id', PathIdPipe) itemId: number,
    @Body() movement: MovementCreate,
    @CurrentUser() actor: CurrentUser,
    @Idempotent() runIdempotent: RunIdempotent,
  ): Promise<Versioned<MovementResponse>> {
    return runIdempotent([itemId, movement], () => this.movements.record(itemId, movement, actor));
  }

  /**
   * Record several movements at once
   *
   * @remarks All or nothing: when one of them can't be recorded, none is, and `index` says which one it was. They are recorded
   * in the order in which they happened, and returned in the order in which they were sent.
   */
  @Post('movements/batch')
  @OwnersOnlyFields('unit_cost')
  @ApiErrors(
    'not_in_stock',
    'taken_out_of_stock',
    'insufficient_stock',
    'unexpected_quantity',
    'quantity_too_large',
  )
  @ApiBody({ type: MovementBatch, examples: MOVEMENT_BATCH_EXAMPLES })
  @ApiNotFoundResponse({ type: MovementErrorResponse, description: 'One of the items is not in stock.' })
  @ApiConflictResponse({
    type: MovementErrorResponse,
    description: 'There is not enough in stock of one of the items, or another quantity than expected.',
  })
  recordMovements(
    @Body() batch: MovementBatch,
    @CurrentUser() actor: CurrentUser,
    @Idempotent() runIdempotent: RunIdempotent,
  ): Promise<MovementResponse[]> {
    return runIdempotent([batch], () => this.movements.recordAll(batch, actor));
  }

  /**
   * List the movements of all items, newest first
   *
   * @remarks Always a page. Includes the movements of deleted items.
   */
  @Get('movements')
  @ConditionalListByRole('stock_entries')
  @ApiOkResponse({ type: [MovementResponse] })
  listMovements(
    @Query() query: MovementListQuery,
    @CurrentRole() role: Role,
  ): Promise<Page<MovementResponse>> {
    return this.movements.list(query, role);
  }

  /**
   * Export the movements of all items as a CSV file, newest first
   *
   * @remarks All of them, or what the filters leave: with `from` and `to`, those of a time. Costs are for owners.
   */
  @Get('movements/export')
  @CsvFile('stock-movements', MOVEMENT_COLUMNS)
  exportMovements(@Query() query: MovementExportQuery, @CurrentRole() role: Role): Promise<Table> {
    return this.movements.export(query, role);
  }

  /**
   * List the movements of an item, newest first
   *
   * @remarks Always a page. A deleted item keeps its movements.
   * @throws {404} There is no such item, and none was ever in stock.
   */
  @Get(':item_id/movements')
  @ApiErrors('item_not_found')
  @ConditionalListByRole('items', 'stock_entries')
  @ApiOkResponse({ type: [MovementResponse] })
  listMovementsOfItem(
    @Param('item_id', PathIdPipe) itemId: number,
    @Query() query: MovementListQuery,
    @CurrentRole() role: Role,
  ): Promise<Page<MovementResponse>> {
    return this.movements.listOfItem(itemId, query, role);
  }

  /**
   * Get a movement
   *
   * @remarks A movement never changes.
   * @throws {404} There is no such movement.
   */
  @Get('movements/:movement_id')
  @ApiErrors('movement_not_found')
  @ConditionalGet()
  @ApiOkResponse({ type: MovementResponse })
  getMovement(
    @Param('movement_id', PathIdPipe) id: number,
    @CurrentRole() role: Role,
  ): Promise<Versioned<MovementResponse>> {
    return this.movements.get(id, role);
  }

  /**
   * Reverse a movement
   *
   * @remarks Adds a movement that undoes this one and names it in `reverses_id`; both stay in the ledger. A movement can be
   * reversed once. The reversal happens at the time of the movement: if the item was counted since, the stock of today stays.
   * Reversing a count also reverses its compensations.
   * @throws {404} There is no such movement.
   */
  @Post('movements/:movement_id/reverse')
  @ApiErrors(
    'movement_not_found',
    'already_reversed',
    'not_reversible',
    'insufficient_stock',
    'quantity_too_large',
  )
  @Located('stock/movements/{id}')
  @ApiCreatedResponse({ type: MovementResponse })
  @ApiParam({ name: 'movement_id', example: 31 })
  @ApiConflictResponse({
    type: MovementErrorResponse,
    description:
      'It has been undone already, what it brought is no longer there, or it is one that the program or a cart made.',
  })
  reverseMovement(
    @Param('movement_id', PathIdPipe) id: number,
    @CurrentUser() actor: CurrentUser,
    @Idempotent() runIdempotent: RunIdempotent,
  ): Promise<Versioned<MovementResponse>> {
    return runIdempotent([id], () => this.movements.reverse(id, actor));
  }
}
