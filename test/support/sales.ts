import { CartItem } from '../../src/carts/cart-item.entity.js';
import { CartPayment, PaymentMethod } from '../../src/carts/cart-payment.entity.js';
import { CartRefundLine } from '../../src/carts/cart-refund-line.entity.js';
import { CartRefund } from '../../src/carts/cart-refund.entity.js';
import { lineSumsOf, refundAmountOf, totalsOf } from '../../src/carts/cart-sums.js';
import { Cart, CartStatus } from '../../src/carts/cart.entity.js';
import { cartHash, refundHash } from '../../src/carts/sale-hash.js';
import type { Database } from '../../src/platform/database/database.js';
import { hundredths, thousandths } from '../../src/platform/validation/decimal.js';

/** Money in hundredths, rates in hundredths of a percent, quantities in thousandths. */
export interface LineOfSale {
  item_id: number;
  name?: string;
  sku?: string | null;
  quantity?: number;
  unit_price?: number;
  discount_rate?: number;
  tax_rate?: number;
}

export interface Sale {
  account_date: string;
  /** One of an item 1 for 1.00 unless lines are given. */
  lines?: LineOfSale[];
  /** All of it in cash unless others are given. */
  payments?: { method: PaymentMethod; amount: number }[];
  completed_at?: string;
}

const USER = 1;

/** Writes a completed cart down, as completing one does, without any stock: for days that the clock does not reach. */
export async function writeCompletedCart(database: Database, sale: Sale): Promise<number> {
  const { account_date, lines = [{ item_id: 1 }], completed_at = `${account_date}T12:00:00.000Z` } = sale;
  const authorship = {
    created_by: USER,
    updated_by: USER,
    created_at: completed_at,
    updated_at: completed_at,
  };
  return database.transaction(async () => {
    const [id] = (await database.takeIds('carts', 1)) as [number];
    const itemIds = await database.takeIds('cart_items', lines.length);
    const items = lines.map((line, index) => {
      const priced = {
        unit_price: hundredths(line.unit_price ?? 100),
        quantity: thousandths(line.quantity ?? 1000),
        discount_rate: hundredths(line.discount_rate ?? 0),
        tax_rate: hundredths(line.tax_rate ?? 0),
      };
      return {
        id: itemIds[index] as number,
        cart_id: id,
        item_id: line.item_id,
        stock_entry_id: null,
        name: line.name ?? `Item ${line.item_id}`,
        sku: line.sku ?? null,
        unit_cost: null,
        ...priced,
        ...lineSumsOf(priced, false),
        refunded_quantity: thousandths(0),
        ...authorship,
      };
    });
    const totals = totalsOf(items);
    const payments = (sale.payments ?? [{ method: PaymentMethod.Cash, amount: totals.total }]).map(
      ({ method, amount }) => ({ cart_id: id, method, amount: hundredths(amount) }),
    );
    const cart = {
      id,
      desk_number: null,
      account_date,
      completed_at,
      prices_include_tax: false,
      ...totals,
      adopted_at: null,
      ...authorship,
    };
    const hash = cartHash(cart, items, payments);
    await database.insert(Cart, { ...cart, status: CartStatus.Completed, hash });
    for (const item of items) await database.insert(CartItem, item);
    for (const payment of payments) await database.insert(CartPayment, payment);
    return id;
  });
}

/** Writes a refund of a whole line of a completed cart down, as {@link writeCompletedCart} does. */
export async function writeRefund(
  database: Database,
  refund: { cart_id: number; account_date: string; method?: PaymentMethod },
): Promise<number> {
  const { cart_id, account_date, method = PaymentMethod.Cash } = refund;
  return database.transaction(async () => {
    const [line] = (await database.read<CartItem>`
      select * from cart_items where cart_id = ${cart_id} and refunded_quantity = 0 order by id limit 1`) as [
      CartItem & { line_total: ReturnType<typeof hundredths> },
    ];
    const amount = refundAmountOf(line, line.quantity);
    const [id] = (await database.takeIds('cart_refunds', 1)) as [number];
    const row = {
      id,
      cart_id,
      account_date,
      reason: 'Bruised',
      method,
      amount,
      created_by: USER,
      created_at: `${account_date}T13:00:00.000Z`,
    };
    const lines = [
      { cart_item_id: line.id, item_id: line.item_id, quantity: line.quantity, restock: false, amount },
    ];
    await database.insert(CartRefund, { ...row, hash: refundHash(row, lines) });
    for (const each of lines) await database.insert(CartRefundLine, { refund_id: id, ...each });
    await database.write`update cart_items set refunded_quantity = quantity where id = ${line.id}`;
    return id;
  });
}
