import { Injectable } from '@nestjs/common';
import type { CurrentUser } from '../platform/authorization/current-user.decorator.js';
import { Settings } from '../platform/config/settings.js';
import { Table } from '../platform/csv/table.js';
import { Database } from '../platform/database/database.js';
import { nameKey } from '../platform/database/name-key.js';
import { CodedException } from '../platform/errors/coded.exception.js';
import type { Page } from '../platform/lists/page.js';
import { TradingDaysService } from '../trading-days/trading-days.service.js';
import { byItem, freeze, withSums } from './cart-lines.js';
import { CartRefundsService } from './cart-refunds.service.js';
import { CartStockService } from './cart-stock.service.js';
import { type Cart, CartStatus } from './cart.entity.js';
import { CartsRepository } from './carts.repository.js';
import { DraftsService } from './drafts.service.js';
import { valueOf } from '../platform/database/settled.js';
import type { CartComplete } from './dto/cart-complete.dto.js';
import type { CartExportQuery } from './dto/cart-export-query.dto.js';
import type { CartListQuery } from './dto/cart-list-query.dto.js';
import { type CartResponse, cartResponseOf } from './dto/cart-response.dto.js';
import { type CartSummaryResponse, cartSummaryResponseOf } from './dto/cart-summary-response.dto.js';
import type { CartUpdate } from './dto/cart-update.dto.js';
import { completedCart, paymentsOf } from './completed-cart.js';
import { exportedLineOf, LINE_COLUMNS } from './exported-line.js';

/** Sales. A draft becomes a completed cart, which never changes again, or a deleted one, whose items are back on the shelf. */
@Injectable()
export class CartsService {
  constructor(
    private readonly carts: CartsRepository,
    private readonly drafts: DraftsService,
    private readonly stock: CartStockService,
    private readonly refunds: CartRefundsService,
    private readonly tradingDays: TradingDaysService,
    private readonly settings: Settings,
    private readonly database: Database,
  ) {}

  /** Without any condition: the drafts at a desk, by desk, as existing clients expect. */
  async list(query: CartListQuery): Promise<CartResponse[] | Page<CartResponse>> {
    const { status, desk_number, account_date, limit, cursor, offset } = query;
    if ((status ?? desk_number ?? account_date ?? limit ?? cursor ?? offset) === undefined) {
      return (await this.carts.listAtDesks()).sort(byDesk).map(cartResponseOf);
    }
    return (await this.carts.list(query, query)).map(cartResponseOf);
  }

  /** The lines of all carts as a file. A draft has the names and prices of today. */
  async export(query: CartExportQuery): Promise<Table> {
    const { pricesIncludeTax } = this.settings;
    const lines = await this.carts.listLines(query);
    const rows = lines.map((line) => exportedLineOf(withSums(line, pricesIncludeTax)));
    return Table.of(rows, LINE_COLUMNS, query);
  }

  /**
   * A cart with everything about it. A draft shows the names and prices of today.
   *
   * @throws CodedException 404
   */
  async getSummary(id: number): Promise<CartSummaryResponse> {
    const found = await this.carts.findWithLines(id);
    if (!found) throw new CodedException(404, 'cart_not_found', 'Cart not found');
    const { cart } = found;
    const lines = found.lines.map((line) => withSums(line, this.settings.pricesIncludeTax));
    if (cart.status !== CartStatus.Completed) return cartSummaryResponseOf(cart, lines, [], []);
    const [payments, refunds] = await Promise.all([this.carts.findPayments(id), this.refunds.list(id)]);
    return cartSummaryResponseOf(cart, lines, payments, refunds);
  }

  /**
   * @throws CodedException 404, 409 when the cart is no draft
   * @throws ConstraintViolation when another draft has the desk number
   */
  async update(id: number, changes: CartUpdate, actor: CurrentUser): Promise<CartResponse> {
    return this.database.transaction(async () => cartResponseOf(await this.drafts.lock(id, actor, changes)));
  }

  /**
   * Completes a draft: names, prices and sums are frozen, and it belongs to a trading day from then on. A cart that is completed
   * already is returned as it is.
   *
   * @throws CodedException 404, 409 when it is deleted, empty, or the payments are not its total
   */
  complete(id: number, { payments }: CartComplete, actor: CurrentUser): Promise<CartResponse> {
    return this.database.transaction(async () => {
      const now = this.database.clock.timestamp();
      const [draft, found, day] = await Promise.allSettled([
        this.drafts.lockUnless(CartStatus.Completed, id, actor),
        this.carts.findLines(id),
        this.tradingDays.takeOpenDay(now),
      ]);
      const { cart, isDraft } = valueOf(draft);
      if (!isDraft) return cartResponseOf(cart);
      const { pricesIncludeTax } = this.settings;
      const lines = valueOf(found).map((line) => freeze(line, pricesIncludeTax));
      const sale = { account_date: valueOf(day), completed_at: now, prices_include_tax: pricesIncludeTax };
      const completed = completedCart({ ...cart, ...sale, updated_at: now }, lines, payments);
      this.carts.end(completed, lines, paymentsOf(completed, payments));
      return cartResponseOf(completed);
    });
  }

  /**
   * Deletes a draft: what is in it goes back to the shelf. A cart that is deleted already is returned as it is.
   *
   * @throws CodedException 404, 409 when it is completed
   */
  delete(cart_id: number, actor: CurrentUser): Promise<CartResponse> {
    return this.database.transaction(async () => {
      const { cart, isDraft } = await this.drafts.lockUnless(CartStatus.Deleted, cart_id, actor);
      if (!isDraft) return cartResponseOf(cart);
      const lines = await this.carts.findLines(cart_id);
      for (const { item_id, quantity } of lines.toSorted(byItem)) {
        await this.stock.move({ cart_id, item_id, delta: quantity }, actor);
      }
      const deleted = { ...cart, status: CartStatus.Deleted };
      const frozen = lines.map((line) => freeze(line, this.settings.pricesIncludeTax));
      this.carts.end(deleted, frozen, []);
      return cartResponseOf(deleted);
    });
  }
}

/** Desk 2 comes before desk 10. */
function byDesk(one: Cart, other: Cart): number {
  const [key, otherKey] = [one, other].map(({ desk_number }) => nameKey(desk_number ?? '')) as [
    string,
    string,
  ];
  return key < otherKey ? -1 : key > otherKey ? 1 : one.id - other.id;
}
