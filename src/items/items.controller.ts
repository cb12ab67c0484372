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
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiParam, ApiTags } from '@nestjs/swagger';
import { CurrentRole } from '../platform/authorization/current-role.decorator.js';
import { CurrentUser } from '../platform/authorization/current-user.decorator.js';
import { OwnersOnlyFields } from '../platform/authorization/owner-fields.decorator.js';
import type { Role } from '../platform/authorization/role.js';
import {
  ConditionalGet,
  ConditionalListByRole,
  ConditionalWrite,
} from '../platform/lists/conditional.decorators.js';
import { IfMatch } from '../platform/http/if-match.decorator.js';
import type { Versioned } from '../platform/http/versioned.js';
import { ApiErrors } from '../platform/errors/api-errors.decorator.js';
import { Located } from '../platform/http/location.js';
import type { ListResponse, Page } from '../platform/lists/page.js';
import { CsvFile } from '../platform/csv/table.decorators.js';
import type { Table } from '../platform/csv/table.js';
import { PathIdPipe } from '../platform/validation/path-id.pipe.js';
import { type Barcode, MAX_SCANNED_LENGTH } from './barcode.js';
import { ITEM_CREATE_EXAMPLES, ItemCreate } from './dto/item-create.dto.js';
import { ItemExportQuery } from './dto/item-export-query.dto.js';
import { ItemListQuery } from './dto/item-list-query.dto.js';
import { ItemPriceListQuery } from './dto/item-price-list-query.dto.js';
import { ItemPriceResponse } from './dto/item-price-response.dto.js';
import { ItemResponse } from './dto/item-response.dto.js';
import { ItemSearchQuery } from './dto/item-search-query.dto.js';
import { ScannedItemResponse } from './dto/scanned-item-response.dto.js';
import { ITEM_UPDATE_EXAMPLES, ItemUpdate } from './dto/item-update.dto.js';
import { ITEM_COLUMNS } from './exported-item.js';
import { ItemPricesService } from './item-prices.service.js';
import { ItemsService } from './items.service.js';
import { ScannedCodePipe } from './scanned-code.pipe.js';

@ApiTags('Items')
@Controller('items')
export class ItemsController {
  constructor(
    private readonly items: ItemsService,
    private readonly prices: ItemPricesService,
  ) {}

  /**
   * Create an item
   *
   * @remarks A new item is not in stock yet. Use `POST /stock` to add it.
   * @throws {404} There is no such category.
   * @throws {409} An item with this SKU already exists.
   */
  @Post()
  @OwnersOnlyFields('unit_cost')
  @ApiErrors('category_not_found', 'sku_taken')
  @Located('items/{id}')
  @ApiCreatedResponse({ type: ItemResponse })
  @ApiBody({ type: ItemCreate, examples: ITEM_CREATE_EXAMPLES })
  createItem(@Body() item: ItemCreate, @CurrentUser() actor: CurrentUser): Promise<Versioned<ItemResponse>> {
    return this.items.create(item, actor);
  }

  /**
   * List all items, or those of a category, sorted by name
   *
   * @remarks Returns all items, or one page with `limit`.
   */
  @Get()
  @ConditionalListByRole('items')
  @ApiOkResponse({ type: [ItemResponse] })
  listItems(@Query() query: ItemListQuery, @CurrentRole() role: Role): Promise<ListResponse<ItemResponse>> {
    return this.items.list(query, role);
  }

  /**
   * Export the items as a CSV file, sorted by name
   *
   * @remarks All items, or those that the filters leave. Costs are for owners. `POST /items/import` takes the file back.
   */
  @Get('export')
  @CsvFile('items', ITEM_COLUMNS)
  exportItems(@Query() query: ItemExportQuery, @CurrentRole() role: Role): Promise<Table> {
    return this.items.export(query, role);
  }

  /**
   * Search items by a part of their name
   *
   * @remarks `creme` finds `Crème`; `%` and `_` are plain characters.
   */
  @Get('search')
  @ConditionalListByRole('items')
  @ApiOkResponse({ type: [ItemResponse] })
  searchItems(
    @Query() query: ItemSearchQuery,
    @CurrentRole() role: Role,
  ): Promise<ListResponse<ItemResponse>> {
    return this.items.search(query, role);
  }

  /**
   * Get the item with a scanned barcode, and the scanned quantity
   *
   * @remarks Accepts what a scanner sends, percent-encoded, with symbology identifier (`]E0`) and control characters.
   * Numbers are compared as GTIN-14: leading zeros and marks between digits do not matter. A UPC-E also matches its UPC-A.
   * For a GS1 element string or Digital Link, `gs1` contains its other data. A code that is not an item's barcode may be a
   * label from one of the shop's scales, which contains the item and its weight. Without a weight or count the quantity is
   * 1.
   * @throws {404} No item has this barcode, or it was misread: the check digit or the form is wrong.
   * @throws {409} Several items have this barcode, or the quantity or price on the label has too many digits.
   */
  @Get('by-barcode/:code')
  @ApiErrors('item_not_found', 'barcode_misread', 'ambiguous_barcode', 'too_many_digits')
  @ApiParam({
    name: 'code',
    description: 'What the scanner read, percent-encoded.',
    schema: { type: 'string', minLength: 1, maxLength: MAX_SCANNED_LENGTH, example: '2000000000015' },
  })
  scanItem(
    @Param('code', ScannedCodePipe) barcode: Barcode,
    @CurrentRole() role: Role,
  ): Promise<ScannedItemResponse> {
    return this.items.scan(barcode, role);
  }

  /**
   * Get an item
   *
   * @remarks The `ETag` of the response can be sent as `If-Match` to change the item.
   * @throws {404} There is no such item.
   */
  @Get(':item_id')
  @ApiErrors('item_not_found')
  @ConditionalGet()
  @ApiOkResponse({ type: ItemResponse })
  getItem(
    @Param('item_id', PathIdPipe) id: number,
    @CurrentRole() role: Role,
  ): Promise<Versioned<ItemResponse>> {
    return this.items.get(id, role);
  }

  /**
   * List every price, rate and cost that an item had, newest first
   *
   * @remarks Always a page. A row is added with each change, and none is ever changed. A deleted item keeps its prices.
   * @throws {404} There never was such an item.
   */
  @Get(':item_id/prices')
  @ApiErrors('item_not_found')
  @ConditionalListByRole('items')
  @ApiOkResponse({ type: [ItemPriceResponse] })
  listPricesOfItem(
    @Param('item_id', PathIdPipe) id: number,
    @Query() query: ItemPriceListQuery,
    @CurrentRole() role: Role,
  ): Promise<Page<ItemPriceResponse>> {
    return this.prices.list(id, query, role);
  }

  /**
   * Update an item
   *
   * @remarks Fields that are left out stay unchanged; null clears a field that may be null.
   * @throws {404} There is no such item, or no such category.
   * @throws {409} An item with this SKU already exists.
   */
  @Patch(':item_id')
  @OwnersOnlyFields('unit_cost')
  @ApiOkResponse({ type: ItemResponse })
  @ApiErrors('item_not_found', 'category_not_found', 'sku_taken')
  @ConditionalWrite()
  @ApiBody({ type: ItemUpdate, examples: ITEM_UPDATE_EXAMPLES })
  updateItem(
    @Param('item_id', PathIdPipe) id: number,
    @Body() changes: ItemUpdate,
    @CurrentUser() actor: CurrentUser,
    @IfMatch() expected: IfMatch,
  ): Promise<Versioned<ItemResponse>> {
    return this.items.update(id, changes, actor, expected);
  }

  /**
   * Delete an item and its stock entry
   *
   * @remarks A last movement takes what was in stock out. All movements stay.
   * @throws {404} There is no such item.
   * @throws {409} A cart that is not completed holds the item.
   */
  @Delete(':item_id')
  @ApiErrors('item_not_found', 'held_by_cart')
  @ConditionalWrite()
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiParam({ name: 'item_id', example: 32 })
  deleteItem(
    @Param('item_id', PathIdPipe) id: number,
    @CurrentUser() actor: CurrentUser,
    @IfMatch() expected: IfMatch,
  ): Promise<void> {
    return this.items.delete(id, actor, expected);
  }
}
