import { Injectable } from '@nestjs/common';
import type { CurrentUser } from '../platform/authorization/current-user.decorator.js';
import { CodedException } from '../platform/errors/coded.exception.js';
import { type Cart, CartStatus } from './cart.entity.js';
import { CartsRepository } from './carts.repository.js';

/** What every change of a draft begins with. */
@Injectable()
export class DraftsService {
  constructor(private readonly carts: CartsRepository) {}

  /**
   * Locks a draft until the open transaction ends, and notes who changes it.
   *
   * @throws CodedException 404 when there is no such cart, 409 when it is no draft
   * @throws ConstraintViolation `uq_carts_desk_number`
   */
  async lock(
    id: number,
    actor: CurrentUser,
    changes: Pick<Partial<Cart>, 'desk_number'> = {},
  ): Promise<Cart> {
    return (await this.carts.lockDraft(id, actor.id, changes)) ?? this.throwNoDraft(id);
  }

  /** Like {@link lock}; a cart that has ended that way already is returned as it is. */
  async lockUnless(
    ended: CartStatus,
    id: number,
    actor: CurrentUser,
  ): Promise<{ cart: Cart; isDraft: boolean }> {
    const cart = await this.carts.lockDraft(id, actor.id);
    if (cart) return { cart, isDraft: true };
    const found = await this.carts.findById(id);
    if (found?.status === ended) return { cart: found, isDraft: false };
    throw whyNoDraft(found);
  }

  private async throwNoDraft(id: number): Promise<never> {
    throw whyNoDraft(await this.carts.findById(id));
  }
}

function whyNoDraft(cart: Cart | undefined): CodedException {
  return cart
    ? new CodedException(409, 'cart_not_draft', `The cart is ${cart.status}`)
    : new CodedException(404, 'cart_not_found', 'Cart not found');
}
