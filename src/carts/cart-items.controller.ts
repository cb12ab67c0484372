import { Body, Controller, Delete, HttpCode, HttpStatus, Param, Patch, Post } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiBody,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
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
import { CartItemsService } from './cart-items.service.js';
import { CartErrorResponse } from './dto/cart-error-response.dto.js';
import { CART_ITEM_CREATE_EXAMPLES, CartItemCreate } from './dto/cart-item-create.dto.js';
import { CartItemResponse } from './dto/cart-item-response.dto.js';
import { CART_ITEM_RETURN_EXAMPLES, CartItemReturn } from './dto/cart-item-return.dto.js';
import { CartItemUpdate } from './dto/cart-item-update.dto.js';

@ApiTags('Carts')
@Controller('carts/:cart_id/items')
export class CartItemsController {
  constructor(private readonly items: CartItemsService) {}

  /**
   * Add an item to a draft
   *
   * @remarks It leaves the stock at once. Send `item_id` and `quantity`, or a `barcode`: the label of a scale has its quantity.
   * An item that is in the cart already has a line, which `cart_item_id` names: change its quantity.
   * @throws {404} There is no such cart, or no such item.
   */
  @Post()
  @ApiErrors(
    'cart_not_found',
    'item_not_found',
    'barcode_misread',
    'ambiguous_barcode',
    'too_many_digits',
    'cart_not_draft',
    'not_stocked',
    'already_in_cart',
    'insufficient_stock',
    'amount_too_large',
  )
  @Located('carts/{cart_id}')
  @ApiCreatedResponse({ type: CartItemResponse })
  @ApiBody({ type: CartItemCreate, examples: CART_ITEM_CREATE_EXAMPLES })
  @ApiConflictResponse({
    type: CartErrorResponse,
    description:
      'The cart is not a draft, it has the item already, or the item is not in stock, or there is not enough of it.',
  })
  addCartItem(
    @Param('cart_id', PathIdPipe) cartId: number,
    @Body() item: CartItemCreate,
    @CurrentUser() actor: CurrentUser,
    @Idempotent() runIdempotent: RunIdempotent,
  ): Promise<CartItemResponse> {
    return runIdempotent([cartId, item], () => this.items.add(cartId, item, actor));
  }

  /**
   * Change the quantity of a line
   *
   * @remarks With 0 the line is removed (204). An id that is no line of this cart is tried as an item's id.
   * @throws {404} There is no such cart, or it has no such line.
   */
  @Patch(':cart_item_id')
  @ApiParam({ name: 'cart_item_id', example: 3 })
  @ApiErrors(
    'cart_not_found',
    'cart_item_not_found',
    'cart_not_draft',
    'insufficient_stock',
    'quantity_too_large',
    'amount_too_large',
  )
  @ApiOkResponse({ type: CartItemResponse })
  @ApiNoContentResponse({ description: 'The quantity is 0: the line is removed.' })
  @ApiConflictResponse({
    type: CartErrorResponse,
    description: 'The cart is not a draft, or there is not enough of the item in stock.',
  })
  updateCartItem(
    @Param('cart_id', PathIdPipe) cartId: number,
    @Param('cart_item_id', PathIdPipe) id: number,
    @Body() { quantity }: CartItemUpdate,
    @CurrentUser() actor: CurrentUser,
    @Idempotent() runIdempotent: RunIdempotent,
  ): Promise<CartItemResponse | undefined> {
    return runIdempotent([cartId, id, quantity], () => this.items.setQuantity(cartId, id, quantity, actor));
  }

  /**
   * Return a part of a line, or all of it, to the shelf
   *
   * @remarks Without a quantity all of it is returned. When nothing is left, the line is removed (204). An id that is no line of
   * this cart is tried as an item's id.
   * @throws {404} There is no such cart, or it has no such line.
   * @throws {409} The cart is not a draft, or there would be too much of the item in stock.
   */
  @Post(':cart_item_id/return')
  @ApiParam({ name: 'cart_item_id', example: 3 })
  @HttpCode(HttpStatus.OK)
  @ApiErrors(
    'cart_not_found',
    'cart_item_not_found',
    'more_than_in_cart',
    'cart_not_draft',
    'quantity_too_large',
  )
  @ApiOkResponse({ type: CartItemResponse })
  @ApiNoContentResponse({ description: 'Nothing is left: the line is removed.' })
  @ApiBadRequestResponse({ type: CartErrorResponse, description: 'There is less in the cart.' })
  @ApiBody({ type: CartItemReturn, required: false, examples: CART_ITEM_RETURN_EXAMPLES })
  returnCartItem(
    @Param('cart_id', PathIdPipe) cartId: number,
    @Param('cart_item_id', PathIdPipe) id: number,
    @OptionalBody(CartItemReturn) { quantity }: CartItemReturn,
    @CurrentUser() actor: CurrentUser,
    @Idempotent() runIdempotent: RunIdempotent,
  ): Promise<CartItemResponse | undefined> {
    return runIdempotent([cartId, id, quantity], () => this.items.returnToShelf(cartId, id, quantity, actor));
  }

  /**
   * Remove a line: all of it goes back to the shelf
   *
   * @remarks An id that is no line of this cart is tried as an item's id.
   * @throws {404} There is no such cart, or it has no such line.
   * @throws {409} The cart is not a draft, or there would be too much of the item in stock.
   */
  @Delete(':cart_item_id')
  @ApiParam({ name: 'cart_item_id', example: 4 })
  @ApiErrors('cart_not_found', 'cart_item_not_found', 'cart_not_draft', 'quantity_too_large')
  @HttpCode(HttpStatus.NO_CONTENT)
  removeCartItem(
    @Param('cart_id', PathIdPipe) cartId: number,
    @Param('cart_item_id', PathIdPipe) id: number,
    @CurrentUser() actor: CurrentUser,
  ): Promise<void> {
    return this.items.remove(cartId, id, actor);
  }

  /**
   * Remove all lines of a draft
   *
   * @remarks Everything goes back to the shelf. The cart stays a draft.
   * @throws {404} There is no such cart.
   * @throws {409} The cart is not a draft, or there would be too much of an item in stock.
   */
  @Delete()
  @ApiParam({ name: 'cart_id', example: 2 })
  @ApiErrors('cart_not_found', 'cart_not_draft', 'quantity_too_large')
  @HttpCode(HttpStatus.NO_CONTENT)
  clearCart(@Param('cart_id', PathIdPipe) cartId: number, @CurrentUser() actor: CurrentUser): Promise<void> {
    return this.items.clear(cartId, actor);
  }
}
