import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  HttpStatus,
  Param,
  Patch,
  Post,
  Query,
} from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiParam, ApiTags } from '@nestjs/swagger';
import { CurrentUser } from '../platform/authorization/current-user.decorator.js';
import {
  ConditionalGet,
  ConditionalList,
  ConditionalWrite,
} from '../platform/lists/conditional.decorators.js';
import { IfMatch } from '../platform/http/if-match.decorator.js';
import type { Versioned } from '../platform/http/versioned.js';
import { ApiErrors } from '../platform/errors/api-errors.decorator.js';
import { Located } from '../platform/http/location.js';
import { Idempotent } from '../platform/idempotency/idempotent.decorator.js';
import type { RunIdempotent } from '../platform/idempotency/idempotent.pipe.js';
import { CsvFile } from '../platform/csv/table.decorators.js';
import type { Table } from '../platform/csv/table.js';
import type { ListStream } from '../platform/lists/list-stream.js';
import type { ListResponse } from '../platform/lists/page.js';
import { PathIdPipe } from '../platform/validation/path-id.pipe.js';
import { CategoryStockQuery } from './dto/category-stock-query.dto.js';
import { CategoryStockResponse } from './dto/category-stock-response.dto.js';
import { LowStockResponse } from './dto/low-stock-response.dto.js';
import { STOCK_COLUMNS, StockExportQuery } from './dto/stock-export-query.dto.js';
import { StockCreate } from './dto/stock-create.dto.js';
import { ListedStockEntryResponse, StockEntryResponse } from './dto/stock-entry-response.dto.js';
import { StockListQuery } from './dto/stock-list-query.dto.js';
import { StockUpdate } from './dto/stock-update.dto.js';
import { StockService } from './stock.service.js';

@ApiTags('Stock')
@Controller('stock')
export class StockController {
  constructor(private readonly stock: StockService) {}

  /**
   * Put an item in stock
   *
   * @remarks Once for each item; after that, update its quantity or record movements.
   * @throws {404} There is no such item.
   * @throws {409} The item is in stock already.
   */
  @Post()
  @ApiErrors('item_not_found', 'already_in_stock')
  @Located('stock/{item_id}')
  @ApiCreatedResponse({ type: StockEntryResponse })
  addStock(
    @Body() entry: StockCreate,
    @CurrentUser() actor: CurrentUser,
    @Idempotent() runIdempotent: RunIdempotent,
  ): Promise<Versioned<StockEntryResponse>> {
    return runIdempotent([entry], () => this.stock.add(entry, actor));
  }

  /**
   * List the stock, sorted by item id
   *
   * @remarks The whole list, or a page with `limit`. The current stock, or that of an earlier time with `as_of`.
   */
  @Get()
  @ConditionalList('items', 'stock_entries')
  @ApiOkResponse({ type: [ListedStockEntryResponse] })
  listStock(@Query() query: StockListQuery): Promise<ListResponse<ListedStockEntryResponse>> {
    return this.stock.list(query);
  }

  /**
   * Export the stock as a CSV file, sorted by item id
   *
   * @remarks The whole list, or what its filters leave. The current stock, or that of an earlier time with `as_of`.
   */
  @Get('export')
  @CsvFile('stock', STOCK_COLUMNS)
  exportStock(@Query() query: StockExportQuery): Promise<Table> {
    return this.stock.export(query);
  }

  /**
   * List the stock by category, sorted by name
   *
   * @remarks For a shelf check: each item with its name, price and quantity. The current stock, or that of an earlier time with `as_of`.
   */
  @Get('by-category')
  @ConditionalList('categories', 'items', 'stock_entries')
  @ApiOkResponse({ type: [CategoryStockResponse] })
  listStockByCategory(@Query() query: CategoryStockQuery): Promise<CategoryStockResponse[] | ListStream> {
    return this.stock.listByCategory(query);
  }

  /**
   * List the items that are low in stock: at or below their threshold
   *
   * @remarks Items that are not in stock come first. The rest is sorted by the share of the threshold that is left, smallest
   * first: what has run out comes before what is running low.
   */
  @Get('low')
  @ConditionalList('categories', 'items', 'stock_entries')
  listLowStock(): Promise<LowStockResponse[]> {
    return this.stock.listLow();
  }

  /**
   * Get the stock of an item
   *
   * @remarks The `ETag` is for updating it.
   * @throws {404} The item is not in stock.
   */
  @Get(':item_id')
  @ApiErrors('not_in_stock')
  @ConditionalGet()
  @ApiOkResponse({ type: StockEntryResponse })
  getStock(@Param('item_id', PathIdPipe) itemId: number): Promise<Versioned<StockEntryResponse>> {
    return this.stock.get(itemId);
  }

  /**
   * Update the quantity of an item
   *
   * @remarks For a count. Record what came or went as a movement.
   * @throws {404} The item is not in stock.
   */
  @Patch(':item_id')
  @ApiOkResponse({ type: StockEntryResponse })
  @ApiErrors('not_in_stock')
  @ConditionalWrite()
  updateStock(
    @Param('item_id', PathIdPipe) itemId: number,
    @Body() update: StockUpdate,
    @CurrentUser() actor: CurrentUser,
    @IfMatch() expected: IfMatch,
    @Idempotent() runIdempotent: RunIdempotent,
  ): Promise<Versioned<StockEntryResponse>> {
    return runIdempotent([itemId, update], () => this.stock.setQuantity(itemId, update, actor, expected));
  }

  /**
   * Remove an item from stock
   *
   * @remarks The item itself stays and can be put in stock again.
   * @throws {404} The item is not in stock.
   * @throws {409} A cart that is not completed holds the item.
   */
  @Delete(':item_id')
  @ApiErrors('not_in_stock', 'held_by_cart')
  @ConditionalWrite()
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiParam({ name: 'item_id', example: 33 })
  removeStock(
    @Param('item_id', PathIdPipe) itemId: number,
    @CurrentUser() actor: CurrentUser,
    @IfMatch() expected: IfMatch,
  ): Promise<void> {
    return this.stock.remove(itemId, actor, expected);
  }
}
