import { Injectable } from '@nestjs/common';
import type { CurrentUser } from '../platform/authorization/current-user.decorator.js';
import { Settings } from '../platform/config/settings.js';
import { Database } from '../platform/database/database.js';
import { CodedException } from '../platform/errors/coded.exception.js';
import type { PricesAtTime } from '../items/item-prices.repository.js';
import { ItemPricesService } from '../items/item-prices.service.js';
import type { StockMovement } from '../ledger/stock-movement.entity.js';
import { negated, type Thousandths } from '../platform/validation/decimal.js';
import { assertRecent } from '../stock/occurred-at.js';
import { TradingDaysService } from '../trading-days/trading-days.service.js';
import { UNFROZEN } from './cart-item.entity.js';
import { atLine, byItem, freeze, type SummedCartItem } from './cart-lines.js';
import { CartStockService } from './cart-stock.service.js';
import { type Cart, CartStatus, UNCOMPLETED } from './cart.entity.js';
import { CartsRepository } from './carts.repository.js';
import { completedCart, paymentsOf } from './completed-cart.js';
import type { CartCreate } from './dto/cart-create.dto.js';
import type { CartItemCreate } from './dto/cart-item-create.dto.js';
import { type CreatedCartResponse, createdCartResponseOf } from './dto/cart-response.dto.js';
import { ScannedItemsService } from './scanned-items.service.js';

/** A line of a new cart, and where it stands in the request. */
interface SentLine {
  id: number;
  item_id: number;
  quantity: Thousandths;
  index: number;
}

/** Creates carts: empty ones, with items, or whole sales that have happened, as a till sends them that was offline. */
@Injectable()
export class CartSalesService {
  constructor(
    private readonly carts: CartsRepository,
    private readonly prices: ItemPricesService,
    private readonly scanned: ScannedItemsService,
    private readonly stock: CartStockService,
    private readonly tradingDays: TradingDaysService,
    private readonly settings: Settings,
    private readonly database: Database,
  ) {}

  /**
   * Creates a cart with all that was sent, or nothing. An error says which item it is about.
   *
   * @throws ValidationException for a sale more than a week ago
   * @throws CodedException 404 or 409 for what adding an item and completing refuse
   * @throws ConstraintViolation when another draft has the desk number
   */
  async create(sent: CartCreate, actor: CurrentUser): Promise<CreatedCartResponse> {
    assertRecent([sent.occurred_at], () => ['body', 'occurred_at']);
    const { desk_number = null, items = [], complete } = sent;
    if (items.length === 0 && !complete) {
      return createdCartResponseOf(await this.carts.insert(desk_number, actor.id), []);
    }
    return this.database.transaction(() => this.createWhole(sent, actor));
  }

  private async createWhole(sent: CartCreate, actor: CurrentUser): Promise<CreatedCartResponse> {
    const { desk_number = null, items = [], occurred_at, on_shortfall } = sent;
    const { cartId: cart_id, lineIds } = await this.carts.takeIds(items.length);
    const lines = await this.resolveAll(items, lineIds);
    const movements = new Map<number, StockMovement>();
    const corrected: { item_id: number; quantity: Thousandths }[] = [];
    for (const { item_id, quantity, index } of lines.toSorted(byItem)) {
      const movement = { cart_id, item_id, delta: negated(quantity), occurred_at, on_shortfall };
      const moved = await this.stock.move(movement, actor).catch((error: unknown) => {
        throw atLine(error, index);
      });
      movements.set(item_id, moved.movement);
      if (moved.corrected > 0) corrected.push({ item_id, quantity: moved.corrected });
    }
    const movementOf = (itemId: number) => movements.get(itemId) as StockMovement;
    const now = this.database.clock.timestamp();
    const authorship = { created_by: actor.id, updated_by: actor.id, created_at: now, updated_at: now };
    const draft: Cart = { id: cart_id, desk_number, status: CartStatus.Draft, ...UNCOMPLETED, ...authorship };
    if (sent.complete) {
      const sold = await this.complete(draft, lines, movementOf, sent);
      return createdCartResponseOf(sold, corrected);
    }
    const held = lines.map(({ id, item_id, quantity }) => ({
      id,
      cart_id,
      item_id,
      stock_entry_id: movementOf(item_id).stock_entry_id,
      quantity,
      ...UNFROZEN,
      ...authorship,
    }));
    this.carts.insertWhole(draft, held, []);
    return createdCartResponseOf(draft, corrected);
  }

  /** Finds the items of barcodes. */
  private async resolveAll(items: CartItemCreate[], ids: number[]): Promise<SentLine[]> {
    const lines: SentLine[] = [];
    for (const [index, item] of items.entries()) {
      const { item_id, quantity } = await this.scanned
        .resolve(item, ['body', 'items', index])
        .catch((error: unknown) => {
          throw atLine(error, index);
        });
      if (lines.some((line) => line.item_id === item_id)) {
        throw atLine(new CodedException(409, 'already_in_cart', 'The item is in the cart already'), index);
      }
      lines.push({ id: ids[index] as number, item_id, quantity, index });
    }
    return lines;
  }

  /** With the prices of the time of the sale, on the day of that time. The items may have been deleted since. */
  private async complete(
    draft: Cart,
    sent: SentLine[],
    movementOf: (itemId: number) => StockMovement,
    { occurred_at, payments }: CartCreate,
  ): Promise<Cart> {
    const { id: cart_id, created_at, created_by, updated_at, updated_by } = draft;
    const completed_at = occurred_at ?? created_at;
    const { pricesIncludeTax } = this.settings;
    const itemIds = sent.map(({ item_id }) => item_id);
    const prices = await this.prices.find(itemIds, occurred_at);
    const lines = sent.map(({ id, item_id, quantity }): SummedCartItem => {
      const line = { id, cart_id, item_id, stock_entry_id: null, quantity, ...UNFROZEN };
      const authorship = { created_by, updated_by, created_at, updated_at };
      const { item_name: name, sku } = movementOf(item_id);
      // Every item has a price history.
      return freeze(
        { ...line, name, sku, ...(prices.get(item_id) as PricesAtTime), ...authorship },
        pricesIncludeTax,
      );
    });
    const account_date = await this.tradingDays.takeOpenDay(completed_at);
    const sale = { account_date, completed_at, prices_include_tax: pricesIncludeTax };
    const completed = completedCart({ ...draft, ...sale }, lines, payments);
    this.carts.insertWhole(completed, lines, paymentsOf(completed, payments));
    return completed;
  }
}
