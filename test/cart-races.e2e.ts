import { Role } from '../src/platform/authorization/role.js';
import { Database } from '../src/platform/database/database.js';
import type { Test } from 'supertest';
import type { Client } from './support/client.js';
import { race } from './support/race.js';
import { Shop } from './support/shop.js';
import { Till } from './support/till.js';

const ROUNDS = 5;

function tally(responses: { status: number }[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of responses) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

describe('Races of carts', () => {
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
    await expectHeldGoods();
  });

  /** What is in drafts, and what was sold, is just what their movements took. */
  async function expectHeldGoods(): Promise<void> {
    const wrong = await database.read`
      select line.cart_id, line.item_id, line.quantity, moved.quantity as moved
      from cart_items line
      join carts cart on cart.id = line.cart_id
      left join (
        select cart_id, item_id, -cast(sum(delta) as bigint) as quantity from stock_movements
        where cart_id is not null and reason = 'sale' group by cart_id, item_id
      ) moved on moved.cart_id = line.cart_id and moved.item_id = line.item_id
      where coalesce(moved.quantity, 0) <> case when cart.status = 'deleted' then 0 else line.quantity end`;
    expect(wrong).toEqual([]);
  }

  /** None is a 5xx, whoever wins. */
  async function expectRace(requests: Test[]): Promise<{ status: number; body: Record<string, unknown> }[]> {
    const responses = await race(shop.app, requests);
    expect(responses.filter(({ status }) => status >= 500).map(({ text }) => text)).toEqual([]);
    return responses;
  }

  it('give the last unit to just one of 200, in any mix of carts and movements', async () => {
    const { id: item } = await till.stock(1);
    const { id: other } = await till.stock(1000);
    const carts = await Promise.all(times(40, () => till.open()));
    const filled = await Promise.all(times(40, () => till.fill([other, 1])));
    const sale = { item_id: item, quantity: 1 };
    const movement = { delta: -1, reason: 'sale' };
    const responses = await expectRace(
      times(40, (index) => [
        employee.post(`/carts/${carts[index]?.id}/items`, sale),
        owner.post('/carts', { items: [{ item_id: other, quantity: 1 }, sale], complete: true }),
        employee.post('/carts', { items: [sale] }),
        owner.post(`/stock/${item}/movements`, movement),
        employee.post('/stock/movements/batch', {
          movements: [
            { item_id: other, ...movement },
            { item_id: item, ...movement },
          ],
        }),
      ]).flat(),
    );
    const won = responses.filter(({ status }) => status < 300);
    expect(won).toHaveLength(1);
    for (const { status, body } of responses.filter((response) => !won.includes(response))) {
      expect([status, body]).toEqual([
        409,
        expect.objectContaining({ code: 'insufficient_stock', available: 0 }),
      ]);
    }
    expect(await till.stockOf(item)).toBe(0);
    expect(filled).toHaveLength(40);
  });

  it('let two tills change one line, and take just what is in it', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const { id: item } = await till.stock(10);
      const { id, lines } = await till.fill([item, 2]);
      const path = `/carts/${id}/items/${lines[0]?.id}`;
      const responses = await expectRace([
        employee.patch(path, { quantity: 3 }),
        owner.patch(path, { quantity: 5 }),
        employee.post(`${path}/return`, { quantity: 1 }),
        owner.post(`${path}/return`, { quantity: 1 }),
        employee.patch(path, { quantity: 4 }),
        owner.patch(path, { quantity: 6 }),
      ]);
      expect(tally(responses)[200]).toBeGreaterThan(0);
      for (const { status, body } of responses) {
        if (status !== 200 && status !== 204)
          expect(body.code).toMatch(/cart_item_not_found|more_than_in_cart/);
      }
      const { items } = await till.summaryOf(id);
      const held = items.reduce((sum, { quantity }) => sum + quantity, 0);
      expect(await till.stockOf(item)).toBe(10 - held);
    }
  });

  it('add an item once, whoever adds it', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const { id: item } = await till.stock(10);
      const { id } = await till.open();
      const line = { item_id: item, quantity: 1 };
      const responses = await expectRace(times(10, () => employee.post(`/carts/${id}/items`, line)));
      expect(tally(responses)).toEqual({ 201: 1, 409: 9 });
      const added = responses.find(({ status }) => status === 201)?.body;
      for (const { status, body } of responses) {
        if (status === 409) expect(body).toMatchObject({ code: 'already_in_cart', cart_item_id: added?.id });
      }
      expect(await till.stockOf(item)).toBe(9);
    }
  });

  it('end a cart once, while others fill and empty it', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const [first, second] = [await till.stock(10), await till.stock(10)];
      const { id, lines } = await till.fill([first.id, 2]);
      const path = `/carts/${id}`;
      const responses = await expectRace([
        employee.post(`${path}/complete`),
        owner.post(`${path}/delete`),
        employee.post(`${path}/items`, { item_id: second.id, quantity: 3 }),
        owner.patch(`${path}/items/${lines[0]?.id}`, { quantity: 4 }),
        employee.delete(`${path}/items`),
        owner.post(`${path}/complete`),
        employee.post(`${path}/delete`),
        owner.patch(path, { desk_number: `Round ${round}` }),
      ]);
      for (const { status, body } of responses) {
        if (status >= 400) expect(body.code).toMatch(/cart_not_draft|cart_item_not_found|cart_empty/);
      }
      const { cart, items, payments, totals } = await till.summaryOf(id);
      expect(cart.status).not.toBe('draft');
      const isSold = cart.completed_at !== null;
      expect(payments).toEqual(isSold ? [{ method: 'unspecified', amount: totals.total }] : []);
      for (const item of [first, second]) {
        const sold = items.find(({ item_id }) => item_id === item.id)?.quantity ?? 0;
        expect(await till.stockOf(item.id)).toBe(isSold ? 10 - sold : 10);
      }
    }
  });

  it('give a desk to just one of ten', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const desk_number = `Desk ${round}`;
      const { id } = await till.open();
      const responses = await expectRace([
        ...times(9, () => employee.post('/carts', { desk_number })),
        owner.patch(`/carts/${id}`, { desk_number }),
      ]);
      expect(responses.filter(({ status }) => status < 300)).toHaveLength(1);
      const refused = responses
        .filter(({ status }) => status >= 300)
        .map(({ status, body }) => [status, body.code]);
      expect(refused).toEqual(times(9, () => [409, 'desk_taken']));
    }
  });

  it('refund no more than was sold, whoever refunds it', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const { id: item } = await till.stock(10, { unit_price: 3.33 });
      const { id, lines } = await till.sell([item, 3]);
      const sent = { lines: [{ cart_item_id: lines[0]?.id, quantity: 1, restock: true }] };
      const responses = await expectRace(times(8, () => employee.post(`/carts/${id}/refunds`, sent)));
      expect(tally(responses)).toEqual({ 201: 3, 409: 5 });
      const { refunds, totals } = await till.summaryOf(id);
      const paid = refunds.reduce((sum, { amount }) => sum + Math.round(amount * 100), 0);
      expect(paid / 100).toBe(totals.total);
      expect(await till.stockOf(item)).toBe(10);
    }
  });

  it('never deadlock: items that are deleted while they are added', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const items = await Promise.all(times(6, () => till.stock(10)));
      const carts = await Promise.all(items.map(() => till.open()));
      const responses = await expectRace(
        items.flatMap(({ id }, index) => [
          employee.post(`/carts/${carts[index]?.id}/items`, { item_id: id, quantity: 1 }),
          index % 2 ? employee.delete(`/items/${id}`) : employee.delete(`/stock/${id}`),
          employee.post('/carts', { items: [{ item_id: id, quantity: 1 }] }),
        ]),
      );
      for (const { status, body } of responses) {
        if (status >= 400) expect(body.code).toMatch(/held_by_cart|not_stocked|item_not_found/);
      }
      items.forEach((_, index) => {
        const [added, removed, created] = responses
          .slice(index * 3, index * 3 + 3)
          .map(({ status }) => status);
        expect(removed === 204).toBe(added !== 201 && created !== 201);
      });
    }
  });

  it('never deadlock: batches against whole sales, clearing and deleting, in opposite orders', async () => {
    const items = await Promise.all(times(8, () => till.stock(10_000)));
    const ids = items.map(({ id }) => id);
    for (let round = 0; round < ROUNDS; round++) {
      const carts = await Promise.all(
        times(6, (index) => {
          const order = index % 2 ? ids : ids.toReversed();
          return employee
            .post('/carts', { items: order.map((item_id) => ({ item_id, quantity: 2 })) })
            .expect(201)
            .then(({ body }) => body as { id: number });
        }),
      );
      const sold = await employee
        .post('/carts', { items: ids.map((item_id) => ({ item_id, quantity: 2 })), complete: true })
        .expect(201);
      const { items: soldLines } = await till.summaryOf(sold.body.id);
      const responses = await expectRace(
        times(6, (index) => {
          const order = index % 2 ? ids : ids.toReversed();
          const path = `/carts/${carts[index]?.id}`;
          return [
            employee.post('/stock/movements/batch', {
              movements: order.map((item_id) => ({ item_id, delta: -1, reason: 'sale' })),
            }),
            owner.post('/carts', {
              items: order.toReversed().map((item_id) => ({ item_id, quantity: 1 })),
              complete: true,
            }),
            index % 3 === 0 ? employee.post(`${path}/delete`) : employee.delete(`${path}/items`),
            owner.post(`/carts/${sold.body.id}/refunds`, {
              lines: (index % 2 ? soldLines : soldLines.toReversed()).map(({ id }) => ({
                cart_item_id: id,
                quantity: 0.25,
                restock: true,
              })),
            }),
            employee.post(`${path}/complete`),
          ];
        }).flat(),
      );
      for (const { status, body } of responses) {
        if (status >= 400) expect(body.code).toMatch(/cart_not_draft|cart_empty/);
      }
    }
  });
});
