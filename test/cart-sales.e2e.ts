import { setTimeout as sleep } from 'node:timers/promises';
import * as fc from 'fast-check';
import { Role } from '../src/platform/authorization/role.js';
import { Database } from '../src/platform/database/database.js';
import type { CartItem } from '../src/carts/cart-item.entity.js';
import type { CartPayment } from '../src/carts/cart-payment.entity.js';
import type { CartRefundLine } from '../src/carts/cart-refund-line.entity.js';
import type { CartRefund } from '../src/carts/cart-refund.entity.js';
import type { Cart } from '../src/carts/cart.entity.js';
import { cartHash, refundHash } from '../src/carts/sale-hash.js';
import { TradingDaysService } from '../src/trading-days/trading-days.service.js';
import { userIdOf } from './support/catalogue.js';
import type { Client } from './support/client.js';
import { refusal } from './support/issues.js';
import { Shop } from './support/shop.js';
import { Till } from './support/till.js';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** A price, a quantity and rates as a shop has them, in hundredths and thousandths. */
const LINE = fc.record({
  unit_price: fc.integer({ min: 0, max: 100_000 }),
  quantity: fc.integer({ min: 1, max: 20_000 }),
  tax_rate: fc.integer({ min: 0, max: 10_000 }),
  discount_rate: fc.oneof(fc.constant(0), fc.constant(10_000), fc.integer({ min: 0, max: 10_000 })),
});

function ago(milliseconds: number): string {
  return new Date(Date.now() - milliseconds).toISOString();
}

describe('Sales', () => {
  let shop: Shop;
  let employee: Client;
  let owner: Client;
  let till: Till;
  let database: Database;

  beforeAll(async () => {
    shop = await Shop.open();
    employee = shop.as(Role.Employee);
    owner = shop.as(Role.MarketOwner);
    till = new Till(employee);
    database = shop.app.get(Database);
  });

  afterAll(() => shop.close());

  afterEach(async () => {
    const { body } = await owner.get('/stock/ledger/verify').expect(200);
    expect(body).toMatchObject({ first_problem: null });
  });

  async function rowsOf(id: number): Promise<{ cart: Cart; lines: CartItem[]; payments: CartPayment[] }> {
    const [cart] = await database.read<Cart>`select * from carts where id = ${id}`;
    const lines = await database.read<CartItem>`select * from cart_items where cart_id = ${id} order by id`;
    const payments = await database.read<CartPayment>`
      select * from cart_payments where cart_id = ${id} order by id`;
    return { cart: cart as Cart, lines, payments };
  }

  async function isHashRight(id: number): Promise<boolean> {
    const { cart, lines, payments } = await rowsOf(id);
    return cart.hash === cartHash(cart, lines, payments);
  }

  describe('that are completed', () => {
    it('are paid in the ways that are sent, which are together the total', async () => {
      const { id: item } = await till.stock(10, { unit_price: 5 });
      const { id } = await till.fill([item, 2]);
      const mismatch = {
        detail: 'The payments are not the total, which is 10',
        code: 'payments_mismatch',
        total: 10,
      };
      for (const amounts of [[9.99], [10.01], [5, 4], [0]]) {
        const payments = amounts.map((amount) => ({ method: 'cash', amount }));
        const { body } = await employee.post(`/carts/${id}/complete`, { payments }).expect(409);
        expect(body).toEqual(mismatch);
      }
      expect((await till.summaryOf(id)).cart.status).toBe('draft');
      const payments = [
        { method: 'cash', amount: 4 },
        { method: 'card', amount: 3 },
        { method: 'voucher', amount: 2 },
        { method: 'other', amount: 1 },
      ];
      await employee.post(`/carts/${id}/complete`, { payments }).expect(200);
      expect((await till.summaryOf(id)).payments).toEqual(payments);
      expect(await isHashRight(id)).toBe(true);
    });

    it('stay as they are when they are completed again', async () => {
      const { id: item } = await till.stock(10, { unit_price: 5 });
      const { id } = await till.sell([item, 2]);
      const before = await till.summaryOf(id);
      const { body } = await owner
        .post(`/carts/${id}/complete`, { payments: [{ method: 'cash', amount: 1 }] })
        .expect(200);
      expect(body).toEqual(before.cart);
      expect(await till.summaryOf(id)).toEqual(before);
    });

    it('have something in them', async () => {
      const empty = { detail: 'The cart is empty', code: 'cart_empty' };
      const { id } = await till.open();
      expect((await employee.post(`/carts/${id}/complete`).expect(409)).body).toEqual(empty);
      expect((await employee.post('/carts', { complete: true }).expect(409)).body).toEqual(empty);
      expect((await till.summaryOf(id)).cart.status).toBe('draft');
    });

    it('freeze what they are, with the cost, and a hash over all of it', async () => {
      const { id: item } = await till.stock(10, { name: 'Apples', sku: 'A', unit_price: 3.99, tax_rate: 10 });
      await database.write`update items set unit_cost = 21050 where id = ${item}`;
      const { id } = await till.sell([item, 2.5]);
      const { cart, lines } = await rowsOf(id);
      expect(cart).toMatchObject({ subtotal: 998, discount_total: 0, tax_total: 100, total: 1098 });
      expect(lines).toMatchObject([
        {
          stock_entry_id: null,
          name: 'Apples',
          sku: 'A',
          unit_price: 399,
          unit_cost: 21050,
          tax_rate: 1000,
          discount_rate: 0,
          line_subtotal: 998,
          line_discount: 0,
          line_tax: 100,
          line_total: 1098,
          refunded_quantity: 0,
        },
      ]);
      expect(await isHashRight(id)).toBe(true);
      expect(JSON.stringify(await till.summaryOf(id))).not.toContain('cost');
    });

    it('add up, whatever is in them', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(LINE, { minLength: 1, maxLength: 20 }), async (sent) => {
          const cart = await till.open();
          for (const { unit_price, quantity, tax_rate, discount_rate } of sent) {
            const values = { unit_price: unit_price / 100, tax_rate: tax_rate / 100 };
            const item = await till.stock(20, { ...values, discount_rate: discount_rate / 100 });
            await till.add(cart.id, item.id, quantity / 1000);
          }
          const draft = await till.summaryOf(cart.id);
          await employee.post(`/carts/${cart.id}/complete`).expect(200);
          const { items, totals, payments } = await till.summaryOf(cart.id);
          expect({ items, totals }).toEqual({ items: draft.items, totals: draft.totals });
          const sum = (amounts: number[]) =>
            amounts.reduce((all, one) => all + Math.round(one * 100), 0) / 100;
          expect(totals).toEqual({
            subtotal: sum(items.map((line) => line.line_subtotal)),
            discount_total: sum(items.map((line) => line.line_discount)),
            tax_total: sum(items.map((line) => line.line_tax)),
            total: sum(items.map((line) => line.line_total)),
          });
          expect(payments).toEqual([{ method: 'unspecified', amount: totals.total }]);
          expect(await isHashRight(cart.id)).toBe(true);
        }),
        { numRuns: 8 },
      );
    });

    it('belong to the next day that is open, where theirs is closed', async () => {
      const other = await Shop.open();
      const counter = new Till(other.as(Role.Employee));
      const days = other.app.get(TradingDaysService);
      const { id: item } = await counter.stock(10);
      const today = days.today();
      const tomorrow = days.calendar.dayAfter(today);
      const inTransaction = (work: () => Promise<unknown>) => other.app.get(Database).transaction(work);
      await inTransaction(() => days.close(today));
      await inTransaction(() => days.close(tomorrow));
      const sold = await counter.sell([item, 1]);
      const dayAfter = days.calendar.dayAfter(tomorrow);
      expect((await counter.summaryOf(sold.id)).cart.account_date).toBe(dayAfter);
      const lines = [{ cart_item_id: sold.lines[0]?.id, quantity: 1 }];
      const { body } = await counter.client.post(`/carts/${sold.id}/refunds`, { lines }).expect(201);
      expect(body.account_date).toBe(dayAfter);
      await inTransaction(() => days.open(tomorrow));
      const next = await counter.sell([item, 1]);
      expect((await counter.summaryOf(next.id)).cart.account_date).toBe(tomorrow);
      await other.close();
    });
  });

  it('have the tax in their prices where the shop says so', async () => {
    const other = await Shop.open({ PRICES_INCLUDE_TAX: 'true' });
    const counter = new Till(other.as(Role.Employee));
    const { id: item } = await counter.stock(10, { unit_price: 3.99, tax_rate: 10, discount_rate: 5 });
    const { id } = await counter.fill([item, 2.5]);
    const totals = { subtotal: 9.98, discount_total: 0.5, tax_total: 0.86, total: 9.48 };
    expect((await counter.summaryOf(id)).totals).toEqual(totals);
    const payments = [{ method: 'cash', amount: 9.48 }];
    await counter.client.post(`/carts/${id}/complete`, { payments }).expect(200);
    expect((await counter.summaryOf(id)).totals).toEqual(totals);
    const { body: sale } = await counter.client
      .post('/carts', { items: [{ item_id: item, quantity: 2.5 }], complete: true, payments })
      .expect(201);
    expect((await counter.summaryOf(sale.id)).totals).toEqual(totals);
    await other.close();
  });

  describe('that are sent at once', () => {
    it('are completed, with all that is theirs', async () => {
      const apples = await till.stock(10, {
        name: 'Apples',
        unit_price: 3.99,
        tax_rate: 10,
        discount_rate: 5,
      });
      const tea = await till.stock(5, { name: 'Tea', barcode: '96385074', unit_price: 2.5 });
      const sale = {
        desk_number: '5',
        items: [
          { barcode: '96385074', quantity: 2 },
          { item_id: apples.id, quantity: 2.5 },
        ],
        payments: [
          { method: 'card', amount: 10 },
          { method: 'cash', amount: 5.43 },
        ],
        complete: true,
      };
      const { body: cart } = await employee.post('/carts', sale).expect(201);
      expect(cart).toMatchObject({ desk_number: '5', status: 'completed', completed_at: cart.created_at });
      expect(cart).not.toHaveProperty('corrected');
      const summary = await till.summaryOf(cart.id);
      expect(summary).toMatchObject({
        cart,
        items: [
          { name: 'Tea', quantity: 2, line_total: 5 },
          { name: 'Apples', quantity: 2.5, line_total: 10.43 },
        ],
        totals: { total: 15.43 },
        payments: sale.payments,
      });
      expect(await isHashRight(cart.id)).toBe(true);
      expect([await till.stockOf(apples.id), await till.stockOf(tea.id)]).toEqual([7.5, 3]);
      const [, movement] = await till.movementsOf(tea.id);
      expect(movement).toMatchObject({ delta: -2, reason: 'sale', reference: `cart/${cart.id}` });
    });

    it('are drafts with all items in them unless they are completed', async () => {
      const { id: item } = await till.stock(10);
      const { body: cart } = await employee
        .post('/carts', { items: [{ item_id: item, quantity: 4 }] })
        .expect(201);
      expect(cart.status).toBe('draft');
      await employee.delete(`/items/${item}`).expect(409);
      await employee.post(`/carts/${cart.id}/delete`).expect(200);
      expect(await till.stockOf(item)).toBe(10);
    });

    it('are recorded all or not at all, and say which item is the problem', async () => {
      const { id: first } = await till.stock(10, { unit_price: 1 });
      const { id: second } = await till.stock(1, { unit_price: 1 });
      const { id: unstocked } = await owner
        .post('/items', { category_id: 1, name: 'None', unit_price: 1 })
        .then(({ body }) => body as { id: number });
      const carts = async () => (await employee.get('/carts?limit=1').expect(200)).headers['x-total-count'];
      const before = await carts();
      const line = (item_id: number, quantity = 1) => ({ item_id, quantity });
      for (const [items, payments, status, body] of [
        [[line(first), line(second, 2)], [], 409, { code: 'insufficient_stock', index: 1, available: 1 }],
        [[line(second, 2), line(first)], [], 409, { code: 'insufficient_stock', index: 0, available: 1 }],
        [[line(first), line(unstocked)], [], 409, { code: 'not_stocked', index: 1 }],
        [[line(first), line(0)], [], 404, { code: 'item_not_found', index: 1 }],
        [[line(first), { barcode: '4000000000006' }], [], 404, { code: 'item_not_found', index: 1 }],
        [[line(first), { barcode: '4000000000007' }], [], 404, { code: 'barcode_misread', index: 1 }],
        [[line(first), line(second), line(first)], [], 409, { code: 'already_in_cart', index: 2 }],
        [[line(first)], [{ method: 'cash', amount: 2 }], 409, { code: 'payments_mismatch', total: 1 }],
      ] as const) {
        const sale = { items, payments, complete: true };
        expect((await employee.post('/carts', sale).expect(status)).body).toMatchObject(body);
      }
      expect(await carts()).toBe(before);
      expect([await till.stockOf(first), await till.stockOf(second)]).toEqual([10, 1]);
      expect(await till.movementsOf(first)).toHaveLength(1);
    });

    it('belong to the day and have the time of when they happened', async () => {
      const { id: item } = await till.stock(10, { unit_price: 1 });
      await database.write`update items set updated_at = updated_at where id = ${item}`;
      const occurred_at = ago(3 * DAY);
      const sale = { items: [{ item_id: item, quantity: 1 }], complete: true, occurred_at };
      const { body: refused } = await employee
        .post('/carts', { ...sale, occurred_at: ago(8 * DAY) })
        .expect(422);
      expect(refused).toEqual(
        refusal(
          { type: 'value_error', msg: 'Value error, a movement is recorded within 7 days' },
          'body',
          'occurred_at',
        ),
      );
      const ahead = { ...sale, occurred_at: ago(-10 * MINUTE) };
      expect((await employee.post('/carts', ahead).expect(422)).body.detail).toMatchObject([
        { type: 'value_error', loc: ['body', 'occurred_at'] },
      ]);
      const { body: cart } = await employee.post('/carts', sale).expect(201);
      expect(cart).toMatchObject({ completed_at: occurred_at, account_date: occurred_at.slice(0, 10) });
      expect((await till.movementsOf(item)).map(({ occurred_at: at }) => at)).toContain(occurred_at);
      const days = shop.app.get(TradingDaysService);
      await database.transaction(() => days.close(occurred_at.slice(0, 10)));
      const { body: late } = await employee.post('/carts', sale).expect(201);
      expect(late.account_date).toBe(days.calendar.dayAfter(occurred_at.slice(0, 10)));
    });

    it('have the prices of when they happened', async () => {
      const { id: item } = await till.stock(10, { name: 'Figs', unit_price: 1, tax_rate: 10 });
      const cheap = new Date().toISOString();
      await sleep(5);
      await owner.patch(`/items/${item}`, { unit_price: 2, tax_rate: 20, discount_rate: 50 }).expect(200);
      const sale = { items: [{ item_id: item, quantity: 1 }], complete: true };
      const totalOf = async (values: object) => {
        const { body } = await employee.post('/carts', { ...sale, ...values }).expect(201);
        expect(await isHashRight(body.id)).toBe(true);
        return (await till.summaryOf(body.id)).totals.total;
      };
      expect(await totalOf({ occurred_at: cheap })).toBe(1.1);
      expect(await totalOf({})).toBe(1.2);
      expect(await totalOf({ occurred_at: ago(5 * DAY) })).toBe(1.1);
    });

    it('leave the stock as it was counted since', async () => {
      const { id: item } = await till.stock(10, { unit_price: 1 });
      const soldAt = new Date().toISOString();
      await employee.post(`/stock/${item}/movements`, { counted_quantity: 7, reason: 'count' }).expect(201);
      const sale = { items: [{ item_id: item, quantity: 2 }], complete: true, occurred_at: soldAt };
      await employee.post('/carts', sale).expect(201);
      expect(await till.stockOf(item)).toBe(7);
    });

    it('tell what was missing, when they have happened', async () => {
      const { id: item } = await till.stock(1.5, { unit_price: 1 });
      const { id: other } = await till.stock(5, { unit_price: 1 });
      const sale = {
        items: [
          { item_id: other, quantity: 1 },
          { item_id: item, quantity: 2 },
        ],
        complete: true,
        on_shortfall: 'correct',
      };
      const { body: cart } = await employee.post('/carts', sale).expect(201);
      expect(cart).toMatchObject({ status: 'completed', corrected: [{ item_id: item, quantity: 0.5 }] });
      expect([await till.stockOf(item), await till.stockOf(other)]).toEqual([0, 4]);
      expect(await till.movementsOf(item)).toMatchObject([
        { reason: 'initial' },
        { reason: 'correction', delta: 0.5, reference: `cart/${cart.id}` },
        { reason: 'sale', delta: -2 },
      ]);
      const { items } = await till.summaryOf(cart.id);
      expect(items).toMatchObject([{ item_id: other }, { item_id: item }]);
    });

    it('once with an Idempotency-Key', async () => {
      const { id: item } = await till.stock(10, { unit_price: 1 });
      const sale = { items: [{ item_id: item, quantity: 1 }], complete: true };
      const send = () => employee.post('/carts', sale).set('Idempotency-Key', `sale ${item}`).expect(201);
      const first = await send();
      const again = await send();
      expect([again.text, again.headers.location]).toEqual([first.text, first.headers.location]);
      expect(await till.stockOf(item)).toBe(9);
    });
  });

  describe('that are refunded', () => {
    it('in parts pay back the difference to what was paid back before', async () => {
      const { id: item } = await till.stock(10, { unit_price: 3.33, tax_rate: 0 });
      await owner.patch(`/items/${item}`, { unit_price: 3.335 * 2 }).expect(200);
      const { id, lines } = await till.sell([item, 3]);
      const total = (await till.summaryOf(id)).totals.total;
      const amounts: number[] = [];
      for (const quantity of [1, 0.5, 0.75, 0.75]) {
        const sent = { lines: [{ cart_item_id: lines[0]?.id, quantity, restock: true }], method: 'cash' };
        const { body } = await employee.post(`/carts/${id}/refunds`, sent).expect(201);
        amounts.push(body.amount);
      }
      expect(total).toBe(20.01);
      expect(amounts).toEqual([6.67, 3.34, 5, 5]);
      expect(await till.stockOf(item)).toBe(10);
      expect((await till.summaryOf(id)).refunds).toHaveLength(4);
      const sent = { lines: [{ cart_item_id: lines[0]?.id, quantity: 0.001 }] };
      const { body } = await employee.post(`/carts/${id}/refunds`, sent).expect(409);
      expect(body).toEqual({
        detail: 'Line 0: This is more than was sold and is not refunded yet: 0',
        code: 'refund_too_large',
        index: 0,
        refundable: 0,
      });
    });

    it('add up to the whole in whatever parts', async () => {
      const parts = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 8 });
      await fc.assert(
        fc.asyncProperty(parts, LINE, async (quantities, { unit_price, tax_rate, discount_rate }) => {
          const values = { unit_price: unit_price / 100, tax_rate: tax_rate / 100 };
          const { id: item } = await till.stock(100, { ...values, discount_rate: discount_rate / 100 });
          const sold = quantities.reduce((sum, quantity) => sum + quantity, 0) / 1000;
          const { id, lines } = await till.sell([item, sold]);
          let paid = 0;
          for (const quantity of quantities) {
            const sent = { lines: [{ cart_item_id: lines[0]?.id, quantity: quantity / 1000 }] };
            const { body } = await employee.post(`/carts/${id}/refunds`, sent).expect(201);
            paid += Math.round(Number(body.amount) * 100);
          }
          expect(paid / 100).toBe((await till.summaryOf(id)).totals.total);
        }),
        { numRuns: 8 },
      );
    });

    it('put back what is restocked, and nothing else', async () => {
      const { id: item } = await till.stock(10, { unit_price: 2 });
      const { id: other } = await till.stock(10, { unit_price: 1 });
      const { id, lines } = await till.sell([other, 4], [item, 3]);
      const before = await till.summaryOf(id);
      const sent = {
        lines: [
          { cart_item_id: lines[1]?.id, quantity: 1, restock: true },
          { cart_item_id: lines[1]?.id, quantity: 1, restock: false },
          { cart_item_id: lines[0]?.id, quantity: 2, restock: true },
        ],
        reason: ' Bruised ',
        method: 'card',
      };
      const { body: refund } = await owner.post(`/carts/${id}/refunds`, sent).expect(201);
      expect(refund).toEqual({
        id: expect.any(Number),
        cart_id: id,
        account_date: before.cart.account_date,
        reason: 'Bruised',
        method: 'card',
        amount: 6,
        lines: [
          { cart_item_id: lines[1]?.id, item_id: item, quantity: 1, restock: true, amount: 2 },
          { cart_item_id: lines[1]?.id, item_id: item, quantity: 1, restock: false, amount: 2 },
          { cart_item_id: lines[0]?.id, item_id: other, quantity: 2, restock: true, amount: 2 },
        ],
        created_by: await userIdOf(owner),
        created_at: expect.stringMatching(/Z$/),
      });
      expect(await till.summaryOf(id)).toEqual({ ...before, refunds: [refund] });
      expect([await till.stockOf(item), await till.stockOf(other)]).toEqual([8, 8]);
      expect((await till.movementsOf(item)).at(-1)).toMatchObject({
        delta: 1,
        reason: 'return',
        reference: `cart/${id}`,
      });
      expect(await isHashRight(id)).toBe(true);
      const [row] = await database.read<CartRefund>`select * from cart_refunds where id = ${refund.id}`;
      const rows = await database.read<CartRefundLine>`
        select * from cart_refund_lines where refund_id = ${refund.id} order by id`;
      expect(row?.hash).toBe(refundHash(row as CartRefund, rows));
    });

    it('are refused for what was not sold, all or nothing', async () => {
      const { id: item } = await till.stock(10, { unit_price: 2 });
      const { id, lines } = await till.sell([item, 3]);
      const draft = await till.fill([item, 1]);
      const line = (cart_item_id: number | undefined, quantity: number, restock = true) => ({
        lines: [
          { cart_item_id: lines[0]?.id, quantity: 1, restock: true },
          { cart_item_id, quantity, restock },
        ],
      });
      for (const [sent, status, body] of [
        [line(lines[0]?.id, 2.001), 409, { code: 'refund_too_large', index: 1, refundable: 2 }],
        [line(draft.lines[0]?.id, 1), 404, { code: 'cart_item_not_found', index: 1 }],
      ] as const) {
        expect((await employee.post(`/carts/${id}/refunds`, sent).expect(status)).body).toMatchObject(body);
      }
      const sent = { lines: [{ cart_item_id: draft.lines[0]?.id, quantity: 1 }] };
      expect((await employee.post(`/carts/${draft.id}/refunds`, sent).expect(409)).body).toEqual({
        detail: 'The cart is draft: only what is sold is refunded',
        code: 'cart_not_completed',
      });
      expect((await till.summaryOf(id)).refunds).toEqual([]);
      expect(await till.stockOf(item)).toBe(6);
    });

    it('without the shelf, where the item is not in stock any more', async () => {
      const { id: item } = await till.stock(10, { unit_price: 2 });
      const { id, lines } = await till.sell([item, 3]);
      await employee.delete(`/stock/${item}`).expect(204);
      const sent = (restock: boolean) => ({ lines: [{ cart_item_id: lines[0]?.id, quantity: 1, restock }] });
      const { body: unstocked } = await employee.post(`/carts/${id}/refunds`, sent(true)).expect(409);
      expect(unstocked).toMatchObject({ code: 'not_stocked', index: 0 });
      await employee.delete(`/items/${item}`).expect(204);
      const { body: deleted } = await employee.post(`/carts/${id}/refunds`, sent(true)).expect(404);
      expect(deleted).toMatchObject({ code: 'item_not_found', index: 0 });
      const { body } = await employee.post(`/carts/${id}/refunds`, sent(false)).expect(201);
      expect(body).toMatchObject({ amount: 2, method: 'unspecified', reason: null });
    });

    it('once with an Idempotency-Key', async () => {
      const { id: item } = await till.stock(10, { unit_price: 2 });
      const { id, lines } = await till.sell([item, 3]);
      const sent = { lines: [{ cart_item_id: lines[0]?.id, quantity: 1, restock: true }] };
      const send = () => employee.post(`/carts/${id}/refunds`, sent).set('Idempotency-Key', `refund ${id}`);
      const first = await send().expect(201);
      expect((await send().expect(201)).text).toBe(first.text);
      expect(await till.stockOf(item)).toBe(8);
    });
  });
});
