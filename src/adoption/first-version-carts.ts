import { type Cart, CartStatus, UNCOMPLETED } from '../carts/cart.entity.js';
import { UNFROZEN } from '../carts/cart-item.entity.js';
import { lineSumsOf, type LineSums, MAX_AMOUNT, type PricedLine, totalsOf } from '../carts/cart-sums.js';
import { paymentsOf } from '../carts/completed-cart.js';
import { cartHash } from '../carts/sale-hash.js';
import type { Settings } from '../platform/config/settings.js';
import { hundredths, type Thousandths, thousandths } from '../platform/validation/decimal.js';
import { MAX_IN_STOCK } from '../stock/quantity.js';
import { TradingCalendar } from '../trading-days/trading-calendar.js';
import { CART_TABLES } from './file-content.js';
import { type FirstVersionRow, isId } from './first-version-tables.js';
import { display, fit, readDecimal, UniqueNames } from './first-version-values.js';
import type { Authorship, ImportedRows } from './imported-rows.js';

/** Which day a sale belongs to, and whether prices contain the tax. */
export type ShopSettings = Pick<Settings, 'shopTimeZone' | 'dayStartsAt' | 'pricesIncludeTax'>;

const MAX_DESK_NUMBER = 20;

interface Line extends Authorship {
  id: number;
  item_id: number;
  quantity: Thousandths;
}

type PricedItem = Omit<PricedLine, 'quantity'> & { name: string; sku: string | null };
type HeldLine = Line & typeof UNFROZEN & { stock_entry_id: number | null };
type FrozenLine = Omit<HeldLine, keyof LineSums | keyof PricedItem> & LineSums & PricedItem;

/**
 * Imports the carts of a later release of the first version. What is in a cart had left the shelf there already, so no movement
 * is recorded. It kept no prices: a completed cart gets those of now. Its deleted carts gave nothing back, and nor do they here.
 */
export class FirstVersionCarts {
  private readonly isThere: boolean;
  private readonly calendar: TradingCalendar;
  /** The items that were added for lines that name none. */
  private readonly addedItems = new Map<number, number>();

  constructor(
    private readonly rows: ImportedRows,
    private readonly settings: ShopSettings,
  ) {
    this.isThere = rows.old.has(CART_TABLES);
    this.calendar = new TradingCalendar(settings.shopTimeZone, settings.dayStartsAt);
  }

  missingItemIds(): number[] {
    if (!this.isThere) return [];
    return this.rows.old.danglingReferences('cart_items', 'item_id', 'items').filter(isId);
  }

  /**
   * Runs before the migration that records what is in stock. The first version let an item be taken out of stock while a draft
   * held it. Here a draft gives back to a stock entry, so there has to be one.
   *
   * @param addMissingItem adds an item for a line that names none, and returns its id
   */
  prepare(addMissingItem: () => number): void {
    if (!this.isThere) return;
    const drafts = new Set<number>();
    for (const row of this.rows.old.rows('carts')) if (statusOf(row) === CartStatus.Draft) drafts.add(row.id);
    for (const row of this.rows.old.rows('cart_items')) {
      if (!this.rows.isKnown('items', row.item_id)) this.addedItems.set(row.id, addMissingItem());
      if (drafts.has(row.cart_id as number) && quantityOf(row) > 0)
        this.putInStock(this.itemIdOf(row), row.id);
    }
  }

  run(): void {
    if (!this.isThere) return;
    this.rows.old.index('cart_items', 'cart_id');
    const deskNumbers = new UniqueNames((deskNumber) => deskNumber, this.deskNumbersOfDrafts());
    for (const row of this.rows.old.rows('carts')) this.importCart(row, deskNumbers);
    this.importLinesWithoutCart();
    this.noteCompleted();
  }

  private putInStock(itemId: number, lineId: number): void {
    if (this.stockEntryOf(itemId) !== undefined) return;
    const author = this.rows.database
      .prepare('select updated_by from items where id = ?')
      .pluck()
      .get(itemId) as number;
    const { now } = this.rows;
    this.rows.insert('stock_entries', {
      id: this.rows.nextId('stock_entries'),
      item_id: itemId,
      quantity: 0,
      created_by: author,
      updated_by: author,
      created_at: now,
      updated_at: now,
    });
    this.rows.note('items', itemId, `was not in stock but cart_items ${lineId} holds it: is in stock with 0`);
  }

  private *deskNumbersOfDrafts(): Generator<string> {
    for (const row of this.rows.old.rows('carts')) {
      const deskNumber = this.rows.optionalText(row, 'carts', 'desk_number', MAX_DESK_NUMBER, false);
      if (statusOf(row) === CartStatus.Draft && deskNumber !== null) yield deskNumber;
    }
  }

  private importCart(row: FirstVersionRow, deskNumbers: UniqueNames): void {
    const status = statusOf(row);
    if (status !== row.status) this.rows.changed(row, 'carts', 'status', status);
    const cart = {
      id: row.id,
      desk_number: this.deskNumberOf(row, status, deskNumbers),
      ...this.rows.authorshipOf(row, 'carts'),
    };
    const lines = this.rows.old.children('cart_items', 'cart_id', row.id);
    this.insertCart(cart, status, this.linesOf(lines));
  }

  private insertCart(
    cart: Pick<Cart, 'id' | 'desk_number'> & Authorship,
    status: CartStatus,
    lines: Line[],
  ): void {
    const adopted: Cart = { ...cart, status, ...UNCOMPLETED, adopted_at: this.rows.now };
    if (status === CartStatus.Completed) {
      this.insertCompleted(
        adopted,
        lines.map((line) => this.freeze(line)),
      );
      return;
    }
    this.rows.insert('carts', adopted);
    this.insertLines(
      cart.id,
      lines.map((line) => (status === CartStatus.Draft ? this.hold(line) : this.freeze(line))),
    );
  }

  private insertCompleted(adopted: Cart, lines: FrozenLine[]): void {
    const account_date = this.calendar.dayOf(adopted.updated_at);
    const completed: Cart = {
      ...adopted,
      ...totalsOf(lines),
      account_date,
      completed_at: adopted.updated_at,
      prices_include_tax: this.settings.pricesIncludeTax,
    };
    const payments = paymentsOf(completed);
    this.rows.insert('carts', { ...completed, hash: cartHash(completed, lines, payments) });
    this.insertLines(completed.id, lines);
    for (const payment of payments) {
      this.rows.insert('cart_payments', { id: this.rows.nextId('cart_payments'), ...payment });
    }
    this.rows.database
      .prepare(
        'insert into trading_days (account_date, is_closed) values (?, 0) on conflict (account_date) do nothing',
      )
      .run(account_date);
  }

  private insertLines(cart_id: number, lines: (HeldLine | FrozenLine)[]): void {
    for (const line of lines) this.rows.insert('cart_items', { ...line, cart_id });
  }

  /** A line of a draft: it has the prices of each day, and keeps its item in stock. */
  private hold(line: Line): HeldLine {
    return { ...line, ...UNFROZEN, stock_entry_id: this.stockEntryOf(line.item_id) ?? null };
  }

  /** A line with the name, the price and the rates that its item has now. */
  private freeze(line: Line): FrozenLine {
    const item = this.rows.database
      .prepare('select name, sku, unit_price, discount_rate, tax_rate from items where id = ?')
      .get(line.item_id) as PricedItem;
    const priced = { ...line, ...UNFROZEN, ...item, stock_entry_id: null };
    const sums = lineSumsOf(priced, this.settings.pricesIncludeTax);
    if (Math.max(...(Object.values(sums) as number[])) <= MAX_AMOUNT) return { ...priced, ...sums };
    this.rows.note('cart_items', line.id, `comes to more than ${MAX_AMOUNT / 100}: its price is now 0`);
    const free = { ...priced, unit_price: hundredths(0) };
    return { ...free, ...lineSumsOf(free, this.settings.pricesIncludeTax) };
  }

  private linesOf(rows: FirstVersionRow[]): Line[] {
    return rows.flatMap((row) => {
      if (quantityOf(row) <= 0) {
        this.rows.note(
          'cart_items',
          row.id,
          `quantity was ${display(row.quantity)}: it is only kept in the copy`,
        );
        return [];
      }
      return {
        id: row.id,
        item_id: this.itemIdOf(row),
        quantity: thousandths(this.rows.decimal(row, 'cart_items', 'quantity', 3, MAX_IN_STOCK)),
        ...this.rows.authorshipOf(row, 'cart_items'),
      };
    });
  }

  /** Lines of carts that are missing are kept in deleted carts, which hold nothing. */
  private importLinesWithoutCart(): void {
    const missing = this.rows.old.danglingReferences('cart_items', 'cart_id', 'carts');
    // First those with a usable id, so that none of them is given to another one.
    missing.sort((one, other) => Number(isId(other)) - Number(isId(one)));
    for (const cartId of missing) {
      const lines = this.linesOf(this.rows.old.children('cart_items', 'cart_id', cartId));
      if (lines.length === 0) continue;
      const id = isId(cartId) ? cartId : this.rows.nextId('carts');
      this.insertCart({ id, desk_number: null, ...this.rows.unknownAuthorship() }, CartStatus.Deleted, lines);
      this.rows.note(
        'carts',
        id,
        `was missing but lines refer to ${display(cartId)}: added as a deleted cart`,
      );
    }
  }

  private noteCompleted(): void {
    const count = this.rows.database
      .prepare(`select count(*) from carts where status = 'completed'`)
      .pluck()
      .get() as number;
    if (count === 0) return;
    this.rows.decisions.push(
      `carts: the first version kept no prices, so the ${count} completed ones have those of now`,
    );
  }

  private deskNumberOf(row: FirstVersionRow, status: CartStatus, names: UniqueNames): string | null {
    const deskNumber = this.rows.optionalText(row, 'carts', 'desk_number', MAX_DESK_NUMBER);
    if (deskNumber === null && row.desk_number !== null) {
      this.rows.changed(row, 'carts', 'desk_number', null);
    }
    if (deskNumber === null || status !== CartStatus.Draft) return deskNumber;
    return this.rows.unique(names, deskNumber, row, 'carts', 'desk_number', (addition) =>
      fit(deskNumber, `-${addition}`, MAX_DESK_NUMBER),
    );
  }

  private itemIdOf(row: FirstVersionRow): number {
    return this.addedItems.get(row.id) ?? (row.item_id as number);
  }

  private stockEntryOf(itemId: number): number | undefined {
    return this.rows.database
      .prepare('select id from stock_entries where item_id = ?')
      .pluck()
      .get(itemId) as number | undefined;
  }
}

/** An unknown status becomes a draft: only a person can say what to do with it. */
function statusOf({ status }: FirstVersionRow): CartStatus {
  return Object.values<unknown>(CartStatus).includes(status) ? (status as CartStatus) : CartStatus.Draft;
}

/** In thousandths; 0 or less for what is no quantity. */
function quantityOf({ quantity }: FirstVersionRow): number {
  return readDecimal(quantity, 3)?.scaled ?? 0;
}
