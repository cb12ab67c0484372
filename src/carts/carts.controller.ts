import { Body, Controller, Get, Param, Patch, Post, Query } from '@nestjs/common';
import {
  ApiBody,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiTags,
} from '@nestjs/swagger';
import { CurrentUser } from '../platform/authorization/current-user.decorator.js';
import { CsvFile } from '../platform/csv/table.decorators.js';
import type { Table } from '../platform/csv/table.js';
import { ApiErrors } from '../platform/errors/api-errors.decorator.js';
import { Located } from '../platform/http/location.js';
import { Idempotent } from '../platform/idempotency/idempotent.decorator.js';
import type { RunIdempotent } from '../platform/idempotency/idempotent.pipe.js';
import type { Page } from '../platform/lists/page.js';
import { OptionalBody } from '../platform/validation/optional-body.decorator.js';
import { PathIdPipe } from '../platform/validation/path-id.pipe.js';
import { CartSalesService } from './cart-sales.service.js';
import { CartsService } from './carts.service.js';
import { CART_CREATE_EXAMPLES, CartCreate } from './dto/cart-create.dto.js';
import { CartErrorResponse } from './dto/cart-error-response.dto.js';
import { CartExportQuery } from './dto/cart-export-query.dto.js';
import { CartListQuery } from './dto/cart-list-query.dto.js';
import { CartResponse, CreatedCartResponse } from './dto/cart-response.dto.js';
import { CartSummaryResponse } from './dto/cart-summary-response.dto.js';
import { CartUpdate } from './dto/cart-update.dto.js';
import { LINE_COLUMNS } from './exported-line.js';

@ApiTags('Carts')
@Controller('carts')
export class CartsController {
  constructor(
    private readonly carts: CartsService,
    private readonly sales: CartSalesService,
  ) {}

  /**
   * Create a cart: an empty one, or a whole sale at once
   *
   * @remarks Everybody may work on every cart. What is put in a cart leaves the stock at once. A till that was offline sends what it
   * has sold with `items`, `payments`, `occurred_at` and `complete`: the sale then has the prices of that time, and belongs to
   * the day of that time unless that day is closed. All of it is recorded or nothing, and `index` says which item is the problem.
   */
  @Post()
  @ApiErrors(
    'item_not_found',
    'barcode_misread',
    'ambiguous_barcode',
    'too_many_digits',
    'desk_taken',
    'already_in_cart',
    'not_stocked',
    'taken_out_of_stock',
    'insufficient_stock',
    'cart_empty',
    'payments_mismatch',
    'amount_too_large',
  )
  @Located('carts/{id}')
  @ApiCreatedResponse({ type: CreatedCartResponse })
  @ApiBody({ type: CartCreate, required: false, examples: CART_CREATE_EXAMPLES })
  @ApiNotFoundResponse({ type: CartErrorResponse, description: 'There is no such item.' })
  @ApiConflictResponse({
    type: CartErrorResponse,
    description:
      'Another draft has the desk number, there is not enough of an item in stock, or the payments are not the total.',
  })
  createCart(
    @OptionalBody(CartCreate) cart: CartCreate,
    @CurrentUser() actor: CurrentUser,
    @Idempotent() runIdempotent: RunIdempotent,
  ): Promise<CreatedCartResponse> {
    return runIdempotent([cart], () => this.sales.create(cart, actor));
  }

  /**
   * List the carts, newest first, or the drafts at desks
   *
   * @remarks Without parameters: all drafts with a desk number, by desk. With any filter or paging parameter: a page of all carts.
   */
  @Get()
  @ApiOkResponse({ type: [CartResponse] })
  listCarts(@Query() query: CartListQuery): Promise<CartResponse[] | Page<CartResponse>> {
    return this.carts.list(query);
  }

  /**
   * Export what was sold as a CSV file, newest cart first
   *
   * @remarks A row for each line, with its cart: sums of lines add up to those of carts and days. Completed carts, unless `status` asks
   * for others. `start_date` and `end_date` are both included. Refunds are not in it: see the daily accounts.
   */
  @Get('export')
  @CsvFile('carts', LINE_COLUMNS)
  exportCarts(@Query() query: CartExportQuery): Promise<Table> {
    return this.carts.export(query);
  }

  /**
   * Get a cart with its lines, sums, payments and refunds
   *
   * @remarks A draft shows the names and prices of today, a completed cart those of its sale.
   * @throws {404} There is no such cart.
   */
  @Get(':cart_id')
  @ApiErrors('cart_not_found')
  getCart(@Param('cart_id', PathIdPipe) id: number): Promise<CartSummaryResponse> {
    return this.carts.getSummary(id);
  }

  /**
   * Change the desk number of a draft
   *
   * @remarks Null takes it from its desk. A desk has one draft at a time.
   * @throws {404} There is no such cart.
   * @throws {409} The cart is not a draft, or another draft has the desk number.
   */
  @Patch(':cart_id')
  @ApiErrors('cart_not_found', 'cart_not_draft', 'desk_taken')
  @ApiOkResponse({ type: CartResponse })
  updateCart(
    @Param('cart_id', PathIdPipe) id: number,
    @Body() changes: CartUpdate,
    @CurrentUser() actor: CurrentUser,
    @Idempotent() runIdempotent: RunIdempotent,
  ): Promise<CartResponse> {
    return runIdempotent([id, changes], () => this.carts.update(id, changes, actor));
  }
}
