import { Injectable } from '@nestjs/common';
import type { CurrentUser } from '../platform/authorization/current-user.decorator.js';
import { Database } from '../platform/database/database.js';
import { CodedException } from '../platform/errors/coded.exception.js';
import { fromThousandths, minus, plus } from '../platform/validation/decimal.js';
import { MovementReason } from '../ledger/movement-reason.js';
import { TradingDaysService } from '../trading-days/trading-days.service.js';
import { atLine, byItem } from './cart-lines.js';
import { PaymentMethod } from './cart-payment.entity.js';
import type { CartRefundLine } from './cart-refund-line.entity.js';
import type { CartRefund } from './cart-refund.entity.js';
import { CartRefundsRepository } from './cart-refunds.repository.js';
import { CartStockService } from './cart-stock.service.js';
import { refundAmountOf, type RefundableLine, sumOf } from './cart-sums.js';
import { CartStatus } from './cart.entity.js';
import { CartsRepository, type PricedCartItem } from './carts.repository.js';
import type { RefundCreate, RefundLineCreate } from './dto/refund-create.dto.js';
import { type RefundResponse, refundResponseOf } from './dto/refund-response.dto.js';
import { refundHash } from './sale-hash.js';

/** What is paid back of completed carts. The carts stay as they are. */
@Injectable()
export class CartRefundsService {
  constructor(
    private readonly refunds: CartRefundsRepository,
    private readonly carts: CartsRepository,
    private readonly stock: CartStockService,
    private readonly tradingDays: TradingDaysService,
    private readonly database: Database,
  ) {}

  /** The refunds of a cart, the first one first. */
  async list(cartId: number): Promise<RefundResponse[]> {
    const [refunds, lines] = await Promise.all([
      this.refunds.findOfCart(cartId),
      this.refunds.findLinesOfCart(cartId),
    ]);
    return refunds.map((refund) =>
      refundResponseOf(
        refund,
        lines.filter(({ refund_id }) => refund_id === refund.id),
      ),
    );
  }

  /**
   * Refunds parts of a completed cart, all or nothing. It belongs to the trading day of now.
   *
   * @throws CodedException 404 when there is no such cart or line
   * @throws CodedException 409 when the cart is not completed, for more than was sold and is not refunded yet, and for an item that
   * goes back to the shelf but is not in stock any more
   */
  create(
    cart_id: number,
    { lines: sent, reason = null, method }: RefundCreate,
    actor: CurrentUser,
  ): Promise<RefundResponse> {
    return this.database.transaction(async () => {
      const cart = await this.carts.lock(cart_id);
      if (!cart) throw new CodedException(404, 'cart_not_found', 'Cart not found');
      if (cart.status !== CartStatus.Completed) {
        throw new CodedException(
          409,
          'cart_not_completed',
          `The cart is ${cart.status}: only what is sold is refunded`,
        );
      }
      const { refundId: refund_id, lineIds } = await this.refunds.takeIds(sent.length);
      const refunded = refundedLines(await this.carts.findLines(cart_id), sent);
      const lines = refunded.map((line, index): CartRefundLine => ({
        id: lineIds[index] as number,
        refund_id,
        ...line,
      }));
      await this.restock(cart_id, lines, actor);
      const created_at = this.database.clock.timestamp();
      const refund: Omit<CartRefund, 'hash'> = {
        id: refund_id,
        cart_id,
        account_date: await this.tradingDays.takeOpenDay(created_at),
        reason,
        method: method ?? PaymentMethod.Unspecified,
        amount: sumOf(lines.map(({ amount }) => amount)),
        created_by: actor.id,
        created_at,
      };
      const hashed = { ...refund, hash: refundHash(refund, lines) };
      this.refunds.insert(hashed, lines);
      for (const { cart_item_id, quantity } of lines) this.refunds.addRefunded(cart_item_id, quantity);
      return refundResponseOf(hashed, lines);
    });
  }

  private async restock(cart_id: number, lines: CartRefundLine[], actor: CurrentUser): Promise<void> {
    const restocked = lines.map((line, index) => ({ ...line, index })).filter(({ restock }) => restock);
    for (const { item_id, quantity: delta, index } of restocked.sort(byItem)) {
      const movement = { cart_id, item_id, delta, reason: MovementReason.Return } as const;
      await this.stock.move(movement, actor).catch((error: unknown) => {
        throw atLine(error, index);
      });
    }
  }
}

/**
 * What is refunded of each line, and the amount. A line may come twice: a part goes back to the shelf, another one doesn't.
 *
 * @throws CodedException 404, 409 with the index of the line
 */
function refundedLines(
  sold: PricedCartItem[],
  sent: RefundLineCreate[],
): Omit<CartRefundLine, 'id' | 'refund_id'>[] {
  const lines = new Map(sold.map((line) => [line.id, { ...line }]));
  return sent.map(({ cart_item_id, quantity, restock = false }, index) => {
    const line = lines.get(cart_item_id);
    if (!line)
      throw atLine(new CodedException(404, 'cart_item_not_found', 'The cart has no such line'), index);
    const left = minus(line.quantity, line.refunded_quantity);
    if (quantity > left) throw atLine(tooLarge(fromThousandths(left)), index);
    // The lines of a completed cart have a total.
    const amount = refundAmountOf(line as RefundableLine, quantity);
    line.refunded_quantity = plus(line.refunded_quantity, quantity);
    return { cart_item_id, item_id: line.item_id, quantity, restock, amount };
  });
}

function tooLarge(refundable: number): CodedException {
  const sentence = `This is more than was sold and is not refunded yet: ${refundable}`;
  return new CodedException(409, 'refund_too_large', sentence, { refundable });
}
