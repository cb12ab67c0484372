import * as fc from 'fast-check';
import { Role } from '../src/platform/authorization/role.js';
import { Database } from '../src/platform/database/database.js';
import type { MovementResponse } from '../src/stock/dto/movement-response.dto.js';
import { movementHash } from '../src/ledger/movement-hash.js';
import { MovementReason } from '../src/ledger/movement-reason.js';
import { StockMovement } from '../src/ledger/stock-movement.entity.js';
import { createItem, createStock } from './support/catalogue.js';
import type { Client } from './support/client.js';
import { Clock } from './support/clock.js';
import { race } from './support/race.js';
import { Shop } from './support/shop.js';
import { thousandths } from '../src/platform/validation/decimal.js';

const SECOND = 1000;
const WHILE = 600 * SECOND;
/** LATE_SEED=… repeats a run, whose seed is in the name of its test. */
const SEED = Number(process.env.LATE_SEED ?? Date.now() % 2 ** 31);

const iso = (time: number) => new Date(time).toISOString();

describe('What arrives late', () => {
  let shop: Shop;
  let employee: Client;
  let clock: Clock;

  beforeAll(async () => {
    clock = Clock.start();
    shop = await Shop.open({ ACCESS_TOKEN_EXPIRE_MINUTES: '1440' });
    employee = shop.as(Role.Employee);
  });

  afterAll(async () => {
    clock.stop();
    await shop.close();
  });

  afterEach(async () => {
    const { body } = await shop.as(Role.MarketOwner).get('/stock/ledger/verify').expect(200);
    expect(body).toMatchObject({ is_valid: true, problems: 0 });
  });

  /** An item that has been in stock for a while, by now. */
  async function stocked(quantity: number): Promise<number> {
    const { item_id } = await createStock(employee, { quantity });
    clock.goOn(WHILE);
    return item_id;
  }

  async function record(itemId: number, movement: object): Promise<MovementResponse> {
    return (await employee.post(`/stock/${itemId}/movements`, movement).expect(201)).body;
  }

  const sell = (itemId: number, quantity: number, time?: number) =>
    record(itemId, { delta: -quantity, reason: 'sale', ...(time && { occurred_at: iso(time) }) });

  const count = (itemId: number, quantity: number, time?: number) =>
    record(itemId, { counted_quantity: quantity, reason: 'count', ...(time && { occurred_at: iso(time) }) });

  async function reverse(id: number): Promise<MovementResponse> {
    return (await employee.post(`/stock/movements/${id}/reverse`).expect(201)).body;
  }

  async function quantityOf(itemId: number): Promise<number> {
    return (await employee.get(`/stock/${itemId}`).expect(200)).body.quantity;
  }

  async function quantityAt(itemId: number, time: number): Promise<number | undefined> {
    const { body } = await employee.get(`/stock?as_of=${iso(time)}`).expect(200);
    return (body as { item_id: number; quantity: number }[]).find((entry) => entry.item_id === itemId)
      ?.quantity;
  }

  async function movementsOf(itemId: number): Promise<MovementResponse[]> {
    return (await employee.get(`/stock/${itemId}/movements?limit=500&sort=id`).expect(200)).body;
  }

  describe('behind a count', () => {
    it('leaves what was counted, and is seen before it', async () => {
      const item = await stocked(100);
      const counted = clock.now;
      await count(item, 95, counted);
      const sale = await sell(item, 2, counted - SECOND / 2);
      expect(sale).toMatchObject({
        delta: -2,
        quantity_before: 97,
        quantity_after: 95,
        counted_quantity: null,
      });
      expect(await quantityOf(item)).toBe(95);
      expect(await quantityAt(item, counted - SECOND / 2 - 1)).toBe(100);
      expect(await quantityAt(item, counted - SECOND / 2)).toBe(98);
      expect(await quantityAt(item, counted)).toBe(95);
      expect(await quantityAt(item, counted + 1)).toBe(95);
    });

    it('is written down with its compensation at the count, which is no count itself', async () => {
      const item = await stocked(10);
      const counted = clock.now;
      await count(item, 9, counted);
      const sale = await sell(item, 2, counted - SECOND);
      expect((await movementsOf(item)).slice(1)).toMatchObject([
        { reason: 'count', delta: -1, counted_quantity: 9, compensates_id: null },
        {
          reason: 'count',
          delta: 2,
          quantity_before: 9,
          quantity_after: 11,
          counted_quantity: null,
          compensates_id: sale.id,
          occurred_at: iso(counted),
        },
        { id: sale.id, delta: -2, quantity_before: 11, quantity_after: 9, compensates_id: null },
      ]);
    });

    it('is never refused for the stock of now', async () => {
      const item = await stocked(10);
      const counted = clock.now;
      await count(item, 0, counted);
      await sell(item, 5, counted - SECOND);
      expect(await quantityOf(item)).toBe(0);
      expect(await quantityAt(item, counted - SECOND)).toBe(5);
    });

    it('comes before it when both have the same time', async () => {
      const item = await stocked(10);
      await count(item, 9, clock.now);
      await sell(item, 2, clock.now);
      expect(await quantityOf(item)).toBe(9);
      await sell(item, 2, clock.now + 1);
      expect(await quantityOf(item)).toBe(7);
    });

    it('that was set by a PATCH, or put in stock', async () => {
      const item = await stocked(10);
      await employee.patch(`/stock/${item}`, { quantity: 7 }).expect(200);
      await sell(item, 3, clock.now - SECOND);
      expect(await quantityOf(item)).toBe(7);

      const added = await createStock(employee, { quantity: 4 });
      await sell(added.item_id, 3, clock.now - SECOND);
      expect(await quantityOf(added.item_id)).toBe(4);
      expect(await quantityAt(added.item_id, clock.now - SECOND)).toBeUndefined();
    });

    it('brings no stock, however much it would be', async () => {
      const item = await stocked(0);
      const counted = clock.now;
      await count(item, 0, counted);
      await record(item, { delta: 12, reason: 'delivery', occurred_at: iso(counted - SECOND) });
      expect(await quantityOf(item)).toBe(0);
      expect((await movementsOf(item)).slice(2)).toMatchObject([
        { delta: 12, quantity_after: 12 },
        { delta: -12, quantity_after: 0, compensates_id: expect.any(Number) },
      ]);
    });

    it('shows in lists and their tags, though no quantity has changed', async () => {
      const item = await stocked(10);
      const counted = clock.now;
      await count(item, 9, counted);
      const urls = [`/stock/${item}/movements`, `/stock?as_of=${iso(counted - 1)}`];
      for (const url of urls) {
        const { headers } = await employee.get(url).expect(200);
        const again = () => employee.get(url).set('If-None-Match', String(headers.etag));
        await again().expect(304);
        await sell(item, 1, counted - SECOND);
        await again().expect(200);
      }
    });
  });

  describe('a count that arrives late', () => {
    it('leaves what has happened since', async () => {
      const item = await stocked(10);
      const counted = clock.now;
      await sell(item, 2, clock.goOn(SECOND));
      expect(await count(item, 9, counted)).toMatchObject({
        delta: -1,
        counted_quantity: 9,
        quantity_after: 7,
      });
      expect(await quantityOf(item)).toBe(7);
      expect(await quantityAt(item, counted)).toBe(9);
    });

    it('leaves a later one as it is', async () => {
      const item = await stocked(10);
      const time = clock.now;
      await count(item, 5, time);
      await count(item, 20, time - SECOND);
      expect(await quantityOf(item)).toBe(5);
      expect(await quantityAt(item, time - SECOND)).toBe(20);
      await sell(item, 3, time - SECOND / 2);
      expect(await quantityAt(item, time - SECOND / 2)).toBe(17);
      await sell(item, 4, time - 2 * SECOND);
      expect(await quantityAt(item, time - 2 * SECOND)).toBe(6);
      expect(await quantityAt(item, time - SECOND)).toBe(20);
      expect(await quantityOf(item)).toBe(5);
    });

    it('is refused when it leaves too little for what is known to have gone since, unless that is corrected', async () => {
      const item = await stocked(10);
      const counted = clock.now;
      const sold = clock.goOn(SECOND);
      await sell(item, 8, sold);
      const late = { counted_quantity: 5, reason: 'count', occurred_at: iso(counted) };
      const { body } = await employee.post(`/stock/${item}/movements`, late).expect(409);
      expect(body).toMatchObject({ available: 2 });
      expect(await quantityOf(item)).toBe(2);
      expect(await record(item, { ...late, on_shortfall: 'correct' })).toMatchObject({ corrected: 3 });
      expect(await quantityOf(item)).toBe(0);
      expect(await quantityAt(item, counted)).toBe(5);
    });
  });

  it('is read by when it happened in a batch, whatever its order', async () => {
    const item = await stocked(10);
    const time = clock.now;
    const movements = [
      { item_id: item, delta: -1, reason: 'sale', occurred_at: iso(time) },
      { item_id: item, counted_quantity: 8, reason: 'count', occurred_at: iso(time - SECOND) },
      { item_id: item, delta: -2, reason: 'sale', occurred_at: iso(time - 2 * SECOND) },
    ];
    const { body } = await employee.post('/stock/movements/batch', { movements }).expect(201);
    expect(body).toMatchObject([{ delta: -1 }, { delta: 0, counted_quantity: 8 }, { delta: -2 }]);
    expect(await quantityOf(item)).toBe(7);
    expect(await movementsOf(item)).toHaveLength(4);
  });

  it('happens after what states a quantity, where no time is given, even within a millisecond', async () => {
    const item = await stocked(10);
    await employee.patch(`/stock/${item}`, { quantity: 7 }).expect(200);
    await sell(item, 3);
    expect(await quantityOf(item)).toBe(4);
    // A tablet whose clock is ahead.
    await count(item, 20, clock.now + 4 * 60 * SECOND);
    await sell(item, 3);
    expect(await quantityOf(item)).toBe(17);
    await employee.patch(`/stock/${item}`, { quantity: 5 }).expect(200);
    expect(await quantityOf(item)).toBe(5);
  });

  describe('of an item that was taken out of stock', () => {
    it('belongs to the time before, also while it is out of stock', async () => {
      const item = await stocked(10);
      await employee.delete(`/stock/${item}`).expect(204);
      const removed = clock.now;
      clock.goOn(WHILE);
      const sale = await sell(item, 4, removed - SECOND);
      expect(sale).toMatchObject({ quantity_before: 4, quantity_after: 0 });
      await employee.get(`/stock/${item}`).expect(404);
      expect(await quantityAt(item, removed - SECOND)).toBe(6);
      expect(await quantityAt(item, removed)).toBeUndefined();

      await createStock(employee, { item_id: item, quantity: 3 });
      await sell(item, 1, removed - 2 * SECOND);
      await sell(item, 1, removed);
      expect(await quantityOf(item)).toBe(3);
      expect(await quantityAt(item, removed - SECOND)).toBe(5);
    });

    it('belongs to the time after, when it claims to have happened in between', async () => {
      const item = await stocked(10);
      await employee.delete(`/stock/${item}`).expect(204);
      const between = clock.goOn(WHILE);
      const sale = { delta: -1, reason: 'sale', occurred_at: iso(between) };
      const { body } = await employee.post(`/stock/${item}/movements`, sale).expect(409);
      expect(body.detail).toBe('The item had been taken out of stock by then');
      clock.goOn(WHILE);
      const entry = await createStock(employee, { item_id: item, quantity: 3 });
      await sell(item, 1, between);
      expect(await quantityOf(item)).toBe(3);
      expect(await quantityAt(item, between)).toBeUndefined();
      expect(await quantityAt(item, Date.parse(entry.created_at))).toBe(3);
    });

    it('is taken for an item that was deleted as well', async () => {
      const item = await stocked(10);
      await employee.delete(`/items/${item}`).expect(204);
      const deleted = clock.now;
      const before = await movementsOf(item);
      await Promise.all([1, 2, 3].map((quantity) => sell(item, quantity, deleted - quantity * SECOND)));
      expect(await quantityAt(item, deleted - 1)).toBe(4);
      const all = await movementsOf(item);
      expect(all).toHaveLength(before.length + 6);
      expect(all.at(-1)).toMatchObject({ item_name: before[0]?.item_name, quantity_after: 0 });
    });

    it('is unknown where it never was in stock', async () => {
      const { id } = await createItem(employee);
      const sale = { delta: -1, reason: 'sale', occurred_at: iso(clock.now) };
      await employee.post(`/stock/${id}/movements`, sale).expect(404);
      await employee.post('/stock/999999/movements', sale).expect(404);
    });
  });

  describe('a shortfall', () => {
    it('is refused, unless the client says otherwise', async () => {
      const item = await stocked(2);
      for (const on_shortfall of [undefined, 'refuse']) {
        const sale = { delta: -5, reason: 'sale', on_shortfall };
        expect((await employee.post(`/stock/${item}/movements`, sale).expect(409)).body.available).toBe(2);
      }
      const sale = { delta: -5, reason: 'sale', on_shortfall: 'ignore' };
      await employee.post(`/stock/${item}/movements`, sale).expect(422);
    });

    it.each(['now', 'late'])(
      'is corrected before the movement, and the response says by how much: %s',
      async (when) => {
        const item = await stocked(2);
        const occurred_at = when === 'late' ? iso(clock.now - SECOND) : undefined;
        const sale = { delta: -5, reason: 'sale', reference: 'R-1', on_shortfall: 'correct', occurred_at };
        const sold = await record(item, sale);
        expect(sold).toMatchObject({ delta: -5, quantity_before: 5, quantity_after: 0, corrected: 3 });
        expect((await movementsOf(item)).at(-2)).toMatchObject({
          reason: 'correction',
          delta: 3,
          quantity_before: 2,
          quantity_after: 5,
          reference: 'R-1',
          occurred_at: sold.occurred_at,
        });
        expect(await quantityOf(item)).toBe(0);
      },
    );

    it('is left out of the response when there is enough, and shown for each movement of a batch', async () => {
      const item = await stocked(2);
      expect(await record(item, { delta: -1, reason: 'sale', on_shortfall: 'correct' })).not.toHaveProperty(
        'corrected',
      );
      const movements = [2, 3].map((quantity) => {
        return { item_id: item, delta: -quantity, reason: 'sale', on_shortfall: 'correct' };
      });
      const { body } = await employee.post('/stock/movements/batch', { movements }).expect(201);
      expect(body).toMatchObject([{ corrected: 1 }, { corrected: 3 }]);
    });
  });

  describe('a reversal', () => {
    it('happens when what it undoes happened', async () => {
      const item = await stocked(10);
      const sold = clock.now;
      const sale = await sell(item, 2, sold);
      clock.goOn(WHILE);
      expect(await reverse(sale.id)).toMatchObject({
        delta: 2,
        occurred_at: iso(sold),
        reverses_id: sale.id,
      });
      expect(await quantityAt(item, sold)).toBe(10);
      expect(await quantityOf(item)).toBe(10);
    });

    it('leaves the stock of now where something was counted since', async () => {
      const item = await stocked(10);
      const sale = await sell(item, 2);
      clock.goOn(WHILE);
      await count(item, 7);
      await reverse(sale.id);
      expect(await quantityOf(item)).toBe(7);
      expect(await quantityAt(item, clock.now - SECOND)).toBe(10);
    });

    it('of a count takes its compensations back with it', async () => {
      const item = await stocked(100);
      const counted = await count(item, 95);
      clock.goOn(WHILE);
      await sell(item, 2, Date.parse(counted.occurred_at) - SECOND);
      await record(item, { delta: 7, reason: 'delivery', occurred_at: counted.occurred_at });
      expect(await quantityOf(item)).toBe(95);
      await reverse(counted.id);
      expect(await quantityOf(item)).toBe(105);
      expect(await quantityAt(item, Date.parse(counted.occurred_at))).toBe(105);
    });

    it('of a count goes no further than the next one', async () => {
      const item = await stocked(100);
      const first = await count(item, 95);
      clock.goOn(WHILE);
      await count(item, 50);
      await sell(item, 2, Date.parse(first.occurred_at) - SECOND);
      await reverse(first.id);
      expect(await quantityAt(item, Date.parse(first.occurred_at))).toBe(98);
      expect(await quantityOf(item)).toBe(50);
    });

    it('of a count that is all there is can leave too little', async () => {
      const item = await stocked(1);
      const counted = await count(item, 10);
      clock.goOn(WHILE);
      await sell(item, 5);
      const { body } = await employee.post(`/stock/movements/${counted.id}/reverse`).expect(409);
      expect(body).toMatchObject({ available: 5 });
      expect(await quantityOf(item)).toBe(5);
    });

    it('is for what was done, not for what the program did with it', async () => {
      const item = await stocked(10);
      const counted = await count(item, 9);
      clock.goOn(WHILE);
      await sell(item, 2, Date.parse(counted.occurred_at) - SECOND);
      const compensation = (await movementsOf(item)).find(({ compensates_id }) => compensates_id !== null);
      await employee.post(`/stock/movements/${compensation?.id}/reverse`).expect(409);
      const { id } = await reverse(counted.id);
      await employee.post(`/stock/movements/${id}/reverse`).expect(409);
      await employee.delete(`/stock/${item}`).expect(204);
      const removal = (await movementsOf(item)).at(-1);
      expect(removal).toMatchObject({ reason: 'removal', counted_quantity: 0 });
      await employee.post(`/stock/movements/${removal?.id}/reverse`).expect(409);
    });

    it('of what happened before the item was taken out of stock changes nothing of now', async () => {
      const item = await stocked(10);
      const sale = await sell(item, 2);
      clock.goOn(WHILE);
      await employee.delete(`/stock/${item}`).expect(204);
      await reverse(sale.id);
      await employee.get(`/stock/${item}`).expect(404);
      expect(await quantityAt(item, Date.parse(sale.occurred_at))).toBe(10);
    });
  });

  it('is compensated at a count of before counts were written down as such', async () => {
    const item = await stocked(10);
    const counted = clock.now;
    const database = shop.app.get(Database);
    const [initial] =
      await database.read<StockMovement>`select * from stock_movements where item_id = ${item}`;
    const { hash, ...first } = initial as StockMovement;
    const old = {
      ...first,
      id: first.id + 1,
      delta: thousandths(-1000),
      quantity_before: thousandths(10_000),
      quantity_after: thousandths(9000),
      reason: MovementReason.Count,
      occurred_at: iso(counted),
      counted_quantity: null,
      unit_price: null,
      hash_version: 1,
    };
    await database.transaction(async () => {
      await database.write`update stock_entries set quantity = 9000 where item_id = ${item}`;
      await database.insert(StockMovement, { ...old, hash: movementHash(old, hash) });
      if (database.dialect.engine !== 'sqlite') await database.read`select nextval('stock_movements_id_seq')`;
    });
    await sell(item, 2, counted - SECOND);
    expect(await quantityOf(item)).toBe(9);
    await reverse(old.id);
    expect(await quantityOf(item)).toBe(8);
  });

  it('is sound and exact when many arrive at once', async () => {
    const item = await stocked(1000);
    const counted = clock.now;
    await count(item, 500, counted);
    clock.goOn(SECOND);
    const devices = Array.from({ length: 40 }, (_, index) =>
      index % 2 === 0 ? sell(item, 1, counted - index * SECOND) : sell(item, 1),
    );
    const sales = await race(shop.app, devices);
    expect(new Set(sales.map(({ id }) => id)).size).toBe(40);
    expect(await quantityOf(item)).toBe(480);
    expect(await quantityAt(item, counted - 1)).toBe(1000 - 19);
  });

  it('waits for who puts the item in stock at the same time, and belongs where it happened', async () => {
    const item = await stocked(10);
    await employee.delete(`/stock/${item}`).expect(204);
    const removed = clock.now;
    clock.goOn(WHILE);
    await race(shop.app, [
      createStock(employee, { item_id: item, quantity: 3 }),
      ...[1, 2, 3].map((seconds) => sell(item, 1, removed - seconds * SECOND)),
    ]);
    expect(await quantityOf(item)).toBe(3);
    expect(await quantityAt(item, removed - 1)).toBe(7);
  });

  it(`ends in the same stock at every time, in whatever order it arrives (LATE_SEED=${SEED})`, async () => {
    const HAPPENING = fc.record({
      at: fc.integer({ min: 1, max: 30 }),
      isCount: fc.boolean(),
      amount: fc.integer({ min: -4, max: 4 }).filter((amount) => amount !== 0),
    });
    const arbitrary = fc.uniqueArray(HAPPENING, {
      minLength: 6,
      maxLength: 10,
      // Of two counts at the same time the one that was recorded last holds: there the order matters.
      selector: ({ at, isCount, amount }) => (isCount ? `count ${at}` : `${at} ${amount}`),
    });
    for (const [run, happenings] of fc.sample(arbitrary, { seed: SEED, numRuns: 8 }).entries()) {
      const orders = fc.sample(
        fc.shuffledSubarray(happenings, { minLength: happenings.length, maxLength: happenings.length }),
        { seed: SEED + run, numRuns: 4 },
      );
      const entries = await Promise.all(orders.map(() => createStock(employee, { quantity: 100 })));
      const items = entries.map(({ item_id }) => item_id);
      const begin = clock.now;
      clock.goOn(WHILE);
      for (const [index, order] of orders.entries()) {
        for (const { at, isCount, amount } of order) {
          const time = begin + at * SECOND;
          const item = items[index] as number;
          if (isCount) await count(item, 50 + amount, time);
          else if (amount < 0) await sell(item, -amount, time);
          else await record(item, { delta: amount, reason: 'delivery', occurred_at: iso(time) });
        }
      }
      for (const at of [0, ...happenings.flatMap((one) => [one.at - 0.001, one.at]), 600]) {
        const time = Math.round(begin + at * SECOND);
        const { body } = await employee.get(`/stock?as_of=${iso(time)}`).expect(200);
        const found = items.map(
          (item) =>
            (body as { item_id: number; quantity: number }[]).find(({ item_id }) => item_id === item)
              ?.quantity,
        );
        expect([at, ...found]).toEqual([at, ...items.map(() => expected(happenings, at))]);
      }
      for (const item of items) {
        expect(await quantityOf(item)).toBe(expected(happenings, 600));
        const all = await movementsOf(item);
        expect(all.reduce((sum, { delta }) => sum + delta, 0)).toBe(expected(happenings, 600));
        expect(all.filter(({ quantity_after }) => quantity_after < 0)).toEqual([]);
      }
    }

    function expected(happenings: { at: number; isCount: boolean; amount: number }[], at: number): number {
      const past = happenings.filter((one) => one.at <= at);
      const counts = past.filter(({ isCount }) => isCount).sort((one, other) => one.at - other.at);
      const last = counts.at(-1);
      const since = past.filter((one) => !one.isCount && one.at > (last?.at ?? 0));
      return since.reduce((sum, { amount }) => sum + amount, last ? 50 + last.amount : 100);
    }
  }, 180_000);
});
