import { Body, Controller, HttpCode, HttpStatus, Param, Post } from '@nestjs/common';
import {
  ApiBody,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { CurrentUser } from '../platform/authorization/current-user.decorator.js';
import { ApiErrors } from '../platform/errors/api-errors.decorator.js';
import { Located } from '../platform/http/location.js';
import { Idempotent } from '../platform/idempotency/idempotent.decorator.js';
import type { RunIdempotent } from '../platform/idempotency/idempotent.pipe.js';
import { OptionalBody } from '../platform/validation/optional-body.decorator.js';
import { PathIdPipe } from '../platform/validation/path-id.pipe.js';
import { CartRefundsService } from './cart-refunds.service.js';
import { CartsService } from './carts.service.js';
import { CART_COMPLETE_EXAMPLES, CartComplete } from './dto/cart-complete.dto.js';
import { CartErrorResponse } from './dto/cart-error-response.dto.js';
import { CartResponse } from './dto/cart-response.dto.js';
import { RefundCreate } from './dto/refund-create.dto.js';
import { RefundResponse } from './dto/refund-response.dto.js';

/** How drafts end, and what happens to a sale after that. */
@ApiTags('Carts')
@Controller('carts')
export class CartSalesController {
  constructor(
    private readonly carts: CartsService,
    private readonly refunds: CartRefundsService,
  ) {}

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
  @ApiParam({ name: 'cart_id', example: 2 })
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
