import { Injectable } from '@nestjs/common';
import type { CurrentUser } from '../platform/authorization/current-user.decorator.js';
import { Role } from '../platform/authorization/role.js';
import { CodedException } from '../platform/errors/coded.exception.js';
import type { Thousandths } from '../platform/validation/decimal.js';
import { ItemsService } from '../items/items.service.js';
import { MovementReason } from '../ledger/movement-reason.js';
import type { StockMovement } from '../ledger/stock-movement.entity.js';
import type { OnShortfall } from '../stock/dto/movement-create.dto.js';
import { StockMovementsService } from '../stock/stock-movements.service.js';

/** What leaves the shelf for a cart, or comes back to it. */
export interface CartMovement {
  cart_id: number;
  item_id: number;
  /** Below zero for what leaves the shelf. */
  delta: Thousandths;
  /** What a customer brings back is a return; all else is a sale, or takes one back. */
  reason?: MovementReason.Sale | MovementReason.Return;
  /** ISO 8601, UTC; now unless it is given. */
  occurred_at?: string;
  on_shortfall?: OnShortfall;
}

/** Moves what is in carts off the shelf and back to it, inside the open transaction. */
@Injectable()
export class CartStockService {
  constructor(
    private readonly movements: StockMovementsService,
    private readonly items: ItemsService,
  ) {}

  /**
   * Several items go by ascending item id, see {@link byItem}.
   *
   * @returns the movement, and how much was missing in stock and was added by a correction
   * @throws CodedException 404 when there is no such item, 409 when it is not in stock, or there is not enough
   */
  async move(
    { cart_id, reason = MovementReason.Sale, ...movement }: CartMovement,
    actor: CurrentUser,
  ): Promise<{ movement: StockMovement; corrected: Thousandths }> {
    try {
      return await this.movements.recordForCart(
        { cart_id, reason, reference: `cart/${cart_id}`, ...movement },
        actor,
      );
    } catch (error) {
      if (error instanceof CodedException && error.code === 'not_in_stock') {
        await this.throwNotStocked(movement.item_id);
      }
      throw error;
    }
  }

  private async throwNotStocked(itemId: number): Promise<never> {
    await this.items.get(itemId, Role.Employee);
    throw new CodedException(409, 'not_stocked', 'The item is not in stock');
  }
}
