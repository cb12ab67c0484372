import { Body, Controller, Get, HttpCode, HttpStatus, Param, Patch, Post, Query } from '@nestjs/common';
import {
  ApiBody,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiTags,
} from '@nestjs/swagger';
import { CurrentUser } from '../platform/authorization/current-user.decorator.js';
import { ApiErrors } from '../platform/errors/api-errors.decorator.js';
import { Located } from '../platform/http/location.js';
import { Idempotent } from '../platform/idempotency/idempotent.decorator.js';
import type { RunIdempotent } from '../platform/idempotency/idempotent.pipe.js';
import type { Page } from '../platform/lists/page.js';
import { OptionalBody } from '../platform/validation/optional-body.decorator.js';
import { PathIdPipe } from '../platform/validation/path-id.pipe.js';
import { CartRefundsService } from './cart-refunds.service.js';
import { CartSalesService } from './cart-sales.service.js';
import { CartsService } from './carts.service.js';
import { CART_COMPLETE_EXAMPLES, CartComplete } from './dto/cart-complete.dto.js';
import { CART_CREATE_EXAMPLES, CartCreate } from './dto/cart-create.dto.js';
import { CartErrorResponse } from './dto/cart-error-response.dto.js';
import { CartListQuery } from './dto/cart-list-query.dto.js';
import { CartResponse, CreatedCartResponse } from './dto/cart-response.dto.js';
import { CartSummaryResponse } from './dto/cart-summary-response.dto.js';
import { CartUpdate } from './dto/cart-update.dto.js';
import { RefundCreate } from './dto/refund-create.dto.js';
import { RefundResponse } from './dto/refund-response.dto.js';

@ApiTags('Carts')
@Controller('carts')
export class CartsController {
  constructor(
    private readonly carts: CartsService,
    private readonly sales: CartSalesService,
    private readonly refunds: CartRefundsService,
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

  /**
   * Complete a draft: it is sold
   *
   * @remarks Freezes names, prices, rates and sums. The sale belongs to the trading day of now, or to the next one where that is
   * closed. Completing a completed cart again changes nothing and returns it.
   * @throws {404} There is no such cart.
   */
  @Post(':cart_id/complete')
  @HttpCode(HttpStatus.OK)
  @ApiErrors('cart_not_found', 'cart_not_draft', 'cart_empty', 'payments_mismatch', 'amount_too_large')
  @ApiOkResponse({ type: CartResponse })
  @ApiBody({ type: CartComplete, required: false, examples: CART_COMPLETE_EXAMPLES })
  @ApiConflictResponse({
    type: CartErrorResponse,
    description: 'The cart is deleted or empty, or the payments are not the total.',
  })
  completeCart(
    @Param('cart_id', PathIdPipe) id: number,
    @OptionalBody(CartComplete) sale: CartComplete,
    @CurrentUser() actor: CurrentUser,
    @Idempotent() runIdempotent: RunIdempotent,
  ): Promise<CartResponse> {
    return runIdempotent([id, sale], () => this.carts.complete(id, sale, actor));
  }

  /**
   * Refund parts of a completed cart
   *
   * @remarks A refund belongs to the trading day on which it is made. All refunds of a line together never pay back more than
   * its total, and just its total when all of it is refunded. What is restocked goes back to the shelf.
   */
  @Post(':cart_id/refunds')
  @ApiErrors(
    'cart_not_found',
    'cart_item_not_found',
    'item_not_found',
    'cart_not_completed',
    'refund_too_large',
    'not_stocked',
    'quantity_too_large',
  )
  @Located('carts/{cart_id}')
  @ApiCreatedResponse({ type: RefundResponse })
  @ApiNotFoundResponse({
    type: CartErrorResponse,
    description: 'There is no such cart, or it has no such line.',
  })
  @ApiConflictResponse({
    type: CartErrorResponse,
    description:
      'The cart is not completed, this is more than was sold and is not refunded yet, or the item is not in stock any more.',
  })
  refundCart(
    @Param('cart_id', PathIdPipe) id: number,
    @Body() refund: RefundCreate,
    @CurrentUser() actor: CurrentUser,
    @Idempotent() runIdempotent: RunIdempotent,
  ): Promise<RefundResponse> {
    return runIdempotent([id, refund], () => this.refunds.create(id, refund, actor));
  }

  /**
   * Delete a draft: what is in it goes back to the shelf
   *
   * @remarks The cart stays, with the status `deleted`. Deleting a deleted cart again changes nothing and returns it.
   * @throws {404} There is no such cart.
   * @throws {409} The cart is completed, or there would be too much of an item in stock.
   */
  @Post(':cart_id/delete')
  @HttpCode(HttpStatus.OK)
  @ApiErrors('cart_not_found', 'cart_not_draft', 'quantity_too_large')
  @ApiOkResponse({ type: CartResponse })
  deleteCart(
    @Param('cart_id', PathIdPipe) id: number,
    @CurrentUser() actor: CurrentUser,
    @Idempotent() runIdempotent: RunIdempotent,
  ): Promise<CartResponse> {
    return runIdempotent([id], () => this.carts.delete(id, actor));
  }
}
