import { Injectable } from '@nestjs/common';
import type { CurrentUser } from '../platform/authorization/current-user.decorator.js';
import { Database } from '../platform/database/database.js';
import { CodedException } from '../platform/errors/coded.exception.js';
import {
  fromThousandths,
  hundredths,
  minus,
  negated,
  type Thousandths,
  thousandths,
} from '../platform/validation/decimal.js';
import { CartStockService } from './cart-stock.service.js';
import { type CartItem, UNFROZEN } from './cart-item.entity.js';
import { byItem } from './cart-lines.js';
import { valueOf } from '../platform/database/settled.js';
import { assertExact, subtotalOf } from './cart-sums.js';
import { CartsRepository } from './carts.repository.js';
import { DraftsService } from './drafts.service.js';
import type { CartItemCreate } from './dto/cart-item-create.dto.js';
import { type CartItemResponse, cartItemResponseOf } from './dto/cart-item-response.dto.js';
import { ScannedItemsService } from './scanned-items.service.js';

const NOTHING = thousandths(0);
const FREE = hundredths(0);

/** The lines of drafts. What is in a draft has left the shelf: every change of a line is a movement of stock. */
@Injectable()
export class CartItemsService {
  constructor(
    private readonly carts: CartsRepository,
    private readonly drafts: DraftsService,
    private readonly scanned: ScannedItemsService,
    private readonly stock: CartStockService,
    private readonly database: Database,
  ) {}

  /**
   * Adds an item to a draft.
   *
   * @throws CodedException 404 when there is no such cart or item, 409 when the cart is no draft, has the item already, or there is
   * not enough of it in stock
   */
  async add(cart_id: number, sent: CartItemCreate, actor: CurrentUser): Promise<CartItemResponse> {
    return this.database.transaction(async () => {
      const { item_id, quantity } = await this.scanned.resolve(sent);
      // Sent together, as they run in this order: what is wrong first is reported, once all have ended.
      const [draft, place, moved] = await Promise.allSettled([
        this.drafts.lock(cart_id, actor),
        this.carts.findLineOfItem(cart_id, item_id),
        this.stock.move({ cart_id, item_id, delta: negated(quantity) }, actor),
      ]);
      const { updated_at } = valueOf(draft);
      const { line_id, next_id } = valueOf(place);
      if (line_id !== null) throwAlreadyInCart(line_id);
      const { stock_entry_id, unit_price } = valueOf(moved).movement;
      assertExact(subtotalOf({ unit_price: unit_price ?? FREE, quantity }));
      const authorship = { created_by: actor.id, updated_by: actor.id, created_at: updated_at, updated_at };
      const line: CartItem = {
        id: next_id,
        cart_id,
        item_id,
        stock_entry_id,
        quantity,
        ...UNFROZEN,
        ...authorship,
      };
      this.carts.insertLine(line);
      return cartItemResponseOf(line);
    });
  }

  /**
   * Sets the quantity of a line; with 0 the line is gone.
   *
   * @param id of the line, or of its item
   * @returns undefined when the line is gone
   * @throws CodedException 404, 409 when the cart is no draft, or there is not enough in stock
   */
  setQuantity(
    cartId: number,
    id: number,
    quantity: Thousandths,
    actor: CurrentUser,
  ): Promise<CartItemResponse | undefined> {
    return this.changeQuantity(cartId, id, () => quantity, actor);
  }

  /**
   * Gives a part of a line, or all of it, back to the shelf.
   *
   * @returns undefined when nothing is left of the line
   * @throws CodedException 400 for more than is in the cart, 404, 409 when the cart is no draft
   */
  returnToShelf(
    cartId: number,
    id: number,
    returned: Thousandths | undefined,
    actor: CurrentUser,
  ): Promise<CartItemResponse | undefined> {
    return this.changeQuantity(cartId, id, (line) => remainderOf(line, returned), actor);
  }

  /** @throws CodedException 404, 409 when the cart is no draft */
  async remove(cartId: number, id: number, actor: CurrentUser): Promise<void> {
    await this.changeQuantity(cartId, id, () => NOTHING, actor);
  }

  /**
   * Removes all lines of a draft.
   *
   * @throws CodedException 404, 409 when the cart is no draft
   */
  async clear(cart_id: number, actor: CurrentUser): Promise<void> {
    await this.database.transaction(async () => {
      const [draft, lines] = await Promise.allSettled([
        this.drafts.lock(cart_id, actor),
        this.carts.findLines(cart_id),
      ]);
      valueOf(draft);
      for (const { item_id, quantity } of valueOf(lines).sort(byItem)) {
        await this.stock.move({ cart_id, item_id, delta: quantity }, actor);
      }
      this.carts.deleteLines(cart_id);
    });
  }

  private changeQuantity(
    cart_id: number,
    id: number,
    quantityOf: (line: CartItem) => Thousandths,
    actor: CurrentUser,
  ): Promise<CartItemResponse | undefined> {
    return this.database.transaction(async () => {
      const [draft, found] = await Promise.allSettled([
        this.drafts.lock(cart_id, actor),
        this.carts.findLine(cart_id, id),
      ]);
      const { updated_at } = valueOf(draft);
      const line = valueOf(found) ?? throwLineNotFound();
      const quantity = quantityOf(line);
      const delta = minus(line.quantity, quantity);
      if (delta !== 0) {
        const { movement } = await this.stock.move({ cart_id, item_id: line.item_id, delta }, actor);
        if (delta < 0) assertExact(subtotalOf({ unit_price: movement.unit_price ?? FREE, quantity }));
      }
      if (quantity === 0) {
        this.carts.deleteLine(line.id);
        return undefined;
      }
      const changed = { ...line, quantity, updated_by: actor.id, updated_at };
      this.carts.setQuantity(changed);
      return cartItemResponseOf(changed);
    });
  }
}

/** @throws CodedException 400 */
function remainderOf({ quantity }: CartItem, returned = quantity): Thousandths {
  if (returned <= quantity) return minus(quantity, returned);
  const in_cart = fromThousandths(quantity);
  throw new CodedException(400, 'more_than_in_cart', `There is only so much in the cart: ${in_cart}`, {
    in_cart,
  });
}

function throwAlreadyInCart(cart_item_id: number): never {
  throw new CodedException(409, 'already_in_cart', 'The item is in the cart already', { cart_item_id });
}

function throwLineNotFound(): never {
  throw new CodedException(404, 'cart_item_not_found', 'The cart has no such line');
}
