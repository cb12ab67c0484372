import * as fc from 'fast-check';
import { Role } from '../src/platform/authorization/role.js';
import { Database } from '../src/platform/database/database.js';
import { StockMovementsService } from '../src/stock/stock-movements.service.js';
import type { MovementResponse } from '../src/stock/dto/movement-response.dto.js';
import type { CountResponse } from '../src/stocktakes/dto/count-response.dto.js';
import type { CountedItemResponse } from '../src/stocktakes/dto/counted-item-response.dto.js';
import type { StocktakeResponse } from '../src/stocktakes/dto/stocktake-response.dto.js';
import type { StocktakeVariancesResponse } from '../src/stocktakes/dto/variance-response.dto.js';
import { ApprovalService } from '../src/stocktakes/approval.service.js';
import { createAccount } from './support/accounts.js';
import { createCategory, createItem, createStock, userIdOf } from './support/catalogue.js';
import type { Client } from './support/client.js';
import { Clock } from './support/clock.js';
import { race } from './support/race.js';
import { PASSWORD, Shop } from './support/shop.js';
import { until } from './support/until.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;
/** STOCKTAKE_SEED=… repeats a run, whose seed is in the name of its test. */
const SEED = Number(process.env.STOCKTAKE_SEED ?? Date.now() % 2 ** 31);

const iso = (time: number) => new Date(time).toISOString();

describe('Stocktakes', () => {
  let shop: Shop;
  let owner: Client;
  let counter: Client;
  let counterId: number;
  let clock: Clock;

  beforeAll(async () => {
    clock = Clock.start();
    shop = await Shop.open({ ACCESS_TOKEN_EXPIRE_MINUTES: '1440', RATE_LIMIT_ENABLED: 'false' });
    await logIn();
    counterId = await userIdOf(counter);
  });

  afterAll(async () => {
    clock.stop();
    await shop.close();
  });

  afterEach(async () => {
    const { body } = await owner.get('/stock/ledger/verify').expect(200);
    expect(body).toMatchObject({ is_valid: true, problems: 0 });
  });

  /** Again, when so much time has passed that access tokens have expired. */
  async function logIn(): Promise<void> {
    owner = await shop.anonymous.login(Role.MarketOwner, PASSWORD);
    counter = await shop.anonymous.login(Role.Employee, PASSWORD);
  }

  /** Items that have been in stock for a while, by now. */
  async function stocked(...quantities: number[]): Promise<number[]> {
    const { id: category_id } = await createCategory(owner);
    const ids: number[] = [];
    for (const quantity of quantities) {
      const { id } = await createItem(owner, { category_id, unit_price: 3.99, unit_cost: 2.125 });
      await createStock(owner, { item_id: id, quantity });
      ids.push(id);
    }
    clock.goOn(10 * MINUTE);
    return ids;
  }

  async function begin(item_ids: number[], values: object = {}): Promise<number> {
    const sent = { name: 'Sunday count', item_ids, assigned_to: [counterId], ...values };
    return ((await owner.post('/stocktakes', sent).expect(201)).body as StocktakeResponse).id;
  }

  async function count(id: number, itemId: number, quantity: number, time?: number): Promise<CountResponse> {
    const sent = { quantity, ...(time !== undefined && { counted_at: iso(time) }) };
    return (await counter.put(`/stocktakes/${id}/counts/${itemId}`, sent).expect(200)).body;
  }

  async function sell(itemId: number, quantity: number, time?: number): Promise<void> {
    const sale = { delta: -quantity, reason: 'sale', ...(time !== undefined && { occurred_at: iso(time) }) };
    await counter.post(`/stock/${itemId}/movements`, sale).expect(201);
  }

  async function approve(id: number, body?: object): Promise<StocktakeResponse> {
    return (await owner.post(`/stocktakes/${id}/approve`, body).expect(200)).body;
  }

  async function variancesOf(id: number): Promise<StocktakeVariancesResponse> {
    return (await owner.get(`/stocktakes/${id}/variances`).expect(200)).body;
  }

  async function quantityOf(itemId: number): Promise<number> {
    return (await counter.get(`/stock/${itemId}`).expect(200)).body.quantity;
  }

  async function movementsOf(id: number): Promise<MovementResponse[]> {
    return (await owner.get(`/stock/movements?reference=stocktake/${id}&limit=500&sort=id`).expect(200)).body;
  }

  describe('beginning', () => {
    it('answers the stocktake, and where it is', async () => {
      const items = await stocked(5, 6);
      const sent = {
        name: ' Sunday  count ',
        item_ids: [...items, items[0]],
        assigned_to: [counterId, counterId],
      };
      const { body, headers } = await owner
        .post('/stocktakes', { ...sent, due_at: '2026-03-01T19:00:00+03:00' })
        .expect(201);
      expect(body).toEqual({
        id: expect.any(Number),
        name: 'Sunday count',
        status: 'open',
        category_id: null,
        assigned_to: [counterId],
        due_at: '2026-03-01T16:00:00.000Z',
        items_count: 2,
        counted_count: 0,
        uncounted: null,
        approved_by: null,
        approved_at: null,
        cancelled_by: null,
        cancelled_at: null,
        created_by: await userIdOf(owner),
        updated_by: await userIdOf(owner),
        created_at: iso(clock.now),
        updated_at: iso(clock.now),
      });
      expect(headers.location).toBe(`/api/v1/stocktakes/${body.id}`);
      expect((await counter.get(`/stocktakes/${body.id}`).expect(200)).body).toEqual(body);
    });

    it('covers what is in stock of a category, and nothing that comes later', async () => {
      const [first] = await stocked(5);
      const { category_id } = (await owner.get(`/items/${first}`).expect(200)).body;
      await createItem(owner, { category_id });
      const id = await begin([], { item_ids: undefined, category_id });
      const { id: late } = await createItem(owner, { category_id });
      await createStock(owner, { item_id: late });
      const { body } = await counter.get(`/stocktakes/${id}/counts`).expect(200);
      expect((body as CountedItemResponse[]).map(({ item_id }) => item_id)).toEqual([first]);
    });

    it('covers all that is in stock', async () => {
      await stocked(1);
      const { body: stock } = await owner.get('/stock').expect(200);
      const id = await begin([], { item_ids: null });
      const { body } = await owner.get(`/stocktakes/${id}`).expect(200);
      expect(body.items_count).toBe((stock as unknown[]).length);
    });

    it.each([
      ['without a name', { name: ' ' }, 422],
      ['without anybody', { assigned_to: [] }, 422],
      ['with what is no id', { assigned_to: ['somebody'] }, 422],
      ['with no list', { item_ids: 3 }, 422],
      ['of a category and of items', { item_ids: [1], category_id: 1 }, 422],
      ['of an unknown category', { category_id: 99_999 }, 404],
      ['by an unknown user', { assigned_to: [99_999] }, 404],
      ['of items that are not in stock', { item_ids: [99_999] }, 404],
    ])('is refused %s', async (_, values, status) => {
      const sent = { name: 'Sunday count', assigned_to: [counterId], ...values };
      await owner.post('/stocktakes', sent).expect(status);
    });

    it('names the items that are not in stock, and begins nothing', async () => {
      const [item] = await stocked(1);
      const { id: absent } = await createItem(owner);
      const before = (await owner.get('/stocktakes?limit=1').expect(200)).headers['x-total-count'];
      const sent = {
        name: 'Sunday count',
        item_ids: [item, absent, 99_999, 2 ** 31],
        assigned_to: [counterId],
      };
      const { body } = await owner.post('/stocktakes', sent).expect(404);
      expect(body).toEqual({
        detail: '3 of the items are not in stock',
        code: 'not_in_stock',
        // What can't be an id is not repeated.
        item_ids: [absent, 99_999],
      });
      expect((await owner.get('/stocktakes?limit=1').expect(200)).headers['x-total-count']).toBe(before);
    });

    it('is refused when there is nothing to count, or somebody is not active', async () => {
      const { id: category_id } = await createCategory(owner);
      const { id } = await createAccount(shop);
      await owner.patch(`/users/${id}`, { is_active: false }).expect(200);
      const sent = { name: 'Sunday count', assigned_to: [counterId] };
      const { body } = await owner.post('/stocktakes', { ...sent, category_id }).expect(409);
      expect(body.code).toBe('nothing_to_count');
      await owner.post('/stocktakes', { ...sent, assigned_to: [counterId, id] }).expect(404);
    });

    it('happens once for an Idempotency-Key', async () => {
      const item_ids = await stocked(1);
      const sent = { name: 'Once', item_ids, assigned_to: [counterId] };
      const send = () => owner.post('/stocktakes', sent).set('Idempotency-Key', 'a stocktake').expect(201);
      expect((await send()).body).toEqual((await send()).body);
    });
  });

  describe('who sees what', () => {
    it('is by assignment for employees, and all of it for owners', async () => {
      const [item] = (await stocked(1)) as [number];
      const { client: other } = await createAccount(shop);
      const id = await begin([item]);
      const listed = async (client: Client) =>
        ((await client.get('/stocktakes?status=open').expect(200)).body as StocktakeResponse[]).map(
          (stocktake) => stocktake.id,
        );
      expect(await listed(owner)).toContain(id);
      expect(await listed(counter)).toContain(id);
      expect(await listed(other)).toEqual([]);
      for (const path of ['', '/counts', `/counts/${item}`]) {
        await other.get(`/stocktakes/${id}${path}`).expect(404);
      }
      await other.put(`/stocktakes/${id}/counts/${item}`, { quantity: 1 }).expect(404);
      await owner.patch(`/stocktakes/${id}`, { assigned_to: [await userIdOf(other)] }).expect(200);
      await other.put(`/stocktakes/${id}/counts/${item}`, { quantity: 1 }).expect(200);
      await counter.get(`/stocktakes/${id}`).expect(404);
    });

    it('does not tell counters what is expected, nor what was found', async () => {
      const [item] = (await stocked(1234.567)) as [number];
      const id = await begin([item]);
      const seen = async () => {
        const paths = [
          '/stocktakes',
          `/stocktakes/${id}`,
          `/stocktakes/${id}/counts`,
          `/stocktakes/${id}/counts/${item}`,
        ];
        return (await Promise.all(paths.map((path) => counter.get(path).expect(200))))
          .map(({ text }) => text)
          .join();
      };
      const counted = JSON.stringify(await count(id, item, 1));
      expect(`${counted}${await seen()}`).not.toMatch(/1234\.567|1233\.567|expected|difference|unit_cost/);
      await counter.get(`/stocktakes/${id}/variances`).expect(403);
      await approve(id);
      expect(await seen()).not.toMatch(/1234\.567|1233\.567|expected|difference|unit_cost/);
    });

    it('lets only those count who are assigned, also among owners', async () => {
      const [item] = (await stocked(1)) as [number];
      const id = await begin([item]);
      await owner.put(`/stocktakes/${id}/counts/${item}`, { quantity: 1 }).expect(403);
      await owner.patch(`/stocktakes/${id}`, { assigned_to: [await userIdOf(owner)] }).expect(200);
      await owner.put(`/stocktakes/${id}/counts/${item}`, { quantity: 1 }).expect(200);
    });
  });

  describe('counting', () => {
    it('keeps all counts, and the last one by when it was counted counts', async () => {
      const [item] = (await stocked(10)) as [number];
      const id = await begin([item]);
      const time = clock.now;
      await count(id, item, 8, time - SECOND);
      await count(id, item, 7, time - 3 * SECOND);
      const last = await count(id, item, 9);
      await count(id, item, 6, time - 2 * SECOND);
      const { body } = await counter.get(`/stocktakes/${id}/counts/${item}`).expect(200);
      expect((body as CountResponse[]).map(({ quantity }) => quantity)).toEqual([9, 8, 6, 7]);
      expect(body[0]).toEqual(last);
      const { body: items } = await counter.get(`/stocktakes/${id}/counts?counted=true`).expect(200);
      expect(items).toMatchObject([
        { item_id: item, quantity: 9, counted_at: iso(time), counted_by: counterId },
      ]);
      expect((await owner.get(`/stocktakes/${id}`).expect(200)).body.counted_count).toBe(1);
    });

    it('is the same count when it is sent again', async () => {
      const [item] = (await stocked(10)) as [number];
      const id = await begin([item]);
      const time = clock.now;
      const first = await count(id, item, 8, time);
      clock.goOn(MINUTE);
      expect(await count(id, item, 8, time)).toEqual(first);
      await count(id, item, 9, time);
      const { body } = await counter.get(`/stocktakes/${id}/counts/${item}`).expect(200);
      expect((body as CountResponse[]).map(({ quantity }) => quantity)).toEqual([9, 8]);
    });

    it('says what is left to count', async () => {
      const items = (await stocked(1, 2, 3)) as [number, number, number];
      const id = await begin(items);
      await count(id, items[1], 2);
      const left = async (query: string) => {
        const { body } = await counter.get(`/stocktakes/${id}/counts?${query}`).expect(200);
        return (body as CountedItemResponse[]).map(({ item_id }) => item_id);
      };
      expect(await left('counted=false')).toEqual([items[0], items[2]]);
      expect(await left('counted=false&limit=1')).toEqual([items[0]]);
      expect(await left('sort=-item_id')).toEqual([...items].reverse());
    });

    it.each([
      ['below zero', { quantity: -1 }],
      ['with four decimals', { quantity: 1.2345 }],
      ['of nothing', {}],
      ['ahead of time', { quantity: 1, counted_at: '2999-01-01T00:00:00Z' }],
      ['of last month', { quantity: 1, counted_at: '2026-01-01T00:00:00Z' }],
    ])('is refused %s', async (_, sent) => {
      const [item] = (await stocked(1)) as [number];
      const id = await begin([item]);
      await counter.put(`/stocktakes/${id}/counts/${item}`, sent).expect(422);
    });

    it('is refused for an item that is not part of it, and once it is approved or cancelled', async () => {
      const [item, foreign] = (await stocked(1, 1)) as [number, number];
      const id = await begin([item]);
      const send = (itemId: number) => counter.put(`/stocktakes/${id}/counts/${itemId}`, { quantity: 1 });
      expect((await send(foreign).expect(404)).body.code).toBe('not_in_stocktake');
      await send(item).expect(200);
      await approve(id);
      expect((await send(item).expect(409)).body).toEqual({
        detail: 'The stocktake is approved',
        code: 'stocktake_not_open',
      });
      await owner.patch(`/stocktakes/${id}`, { name: 'Too late' }).expect(409);
    });
  });

  describe('variances', () => {
    it('compare with what was there when it was counted, at price and at cost', async () => {
      const [apples, pears, plums] = (await stocked(10, 4.5, 7)) as [number, number, number];
      const id = await begin([apples, pears, plums]);
      await count(id, apples, 8.5);
      clock.goOn(SECOND);
      await sell(apples, 3);
      await sell(plums, 1);
      await count(id, pears, 6);
      const { stocktake, items, totals } = await variancesOf(id);
      expect(stocktake).toMatchObject({ id, status: 'open', items_count: 3, counted_count: 2 });
      expect(items).toMatchObject([
        { item_id: apples, expected: 10, counted: 8.5, difference: -1.5, at_price: -5.99, at_cost: -3.1875 },
        { item_id: pears, expected: 4.5, counted: 6, difference: 1.5, at_price: 5.99, at_cost: 3.1875 },
        { item_id: plums, expected: 6, counted: null, counted_at: null, difference: null, at_price: null },
      ]);
      expect(totals).toEqual({
        items: 3,
        counted: 2,
        differing: 2,
        at_price: 0,
        at_cost: 0,
        without_price: 0,
        without_cost: 0,
      });
    });

    it('stay as they were once they are recorded, whatever is sold, and whatever things cost later', async () => {
      const [apples, pears] = (await stocked(10, 5)) as [number, number];
      const id = await begin([apples, pears]);
      await count(id, apples, 9);
      const before = (await variancesOf(id)).items;
      await approve(id);
      clock.goOn(MINUTE);
      await sell(apples, 4);
      await sell(pears, 1);
      await owner.patch(`/items/${apples}`, { unit_price: 10, unit_cost: 5 }).expect(200);
      const { items, totals } = await variancesOf(id);
      expect(items).toEqual([{ ...before[0], movement_id: expect.any(Number) }, before[1]]);
      expect(totals).toMatchObject({ differing: 1, at_price: -3.99, at_cost: -2.125 });
    });

    it('say how many have no cost, and show what is too large to be worth an exact amount', async () => {
      const { id: item } = await createItem(owner, { unit_price: 1_000_000 });
      await createStock(owner, { item_id: item, quantity: 0 });
      const id = await begin([item]);
      await count(id, item, 1);
      expect((await variancesOf(id)).totals).toMatchObject({
        at_price: 1_000_000,
        at_cost: 0,
        without_cost: 1,
      });
      clock.goOn(SECOND);
      await count(id, item, 1_000_000_000);
      const { items, totals } = await variancesOf(id);
      expect(items).toEqual([
        expect.objectContaining({ item_id: item, difference: 1_000_000_000, at_price: null, at_cost: null }),
      ]);
      expect(totals).toMatchObject({ differing: 1, at_price: null, at_cost: 0, without_price: 0 });
    });
  });

  describe('approving', () => {
    it('records a count of each counted item as of when it was counted, once', async () => {
      const [apples, pears, plums] = (await stocked(10, 5, 7)) as [number, number, number];
      const id = await begin([apples, pears, plums]);
      const time = clock.now;
      await count(id, apples, 9, time - MINUTE);
      await count(id, pears, 5, time - SECOND);
      await sell(apples, 2);
      clock.goOn(8 * DAY);
      await logIn();
      expect(await approve(id)).toMatchObject({
        status: 'approved',
        uncounted: 'keep',
        approved_by: await userIdOf(owner),
        approved_at: iso(clock.now),
      });
      expect(await movementsOf(id)).toMatchObject([
        { item_id: apples, reason: 'count', counted_quantity: 9, delta: -1, occurred_at: iso(time - MINUTE) },
        { item_id: pears, reason: 'count', counted_quantity: 5, delta: 0, occurred_at: iso(time - SECOND) },
      ]);
      expect([await quantityOf(apples), await quantityOf(pears), await quantityOf(plums)]).toEqual([7, 5, 7]);
      clock.goOn(MINUTE);
      expect(await approve(id)).toMatchObject({ status: 'approved', approved_at: iso(clock.now - MINUTE) });
      expect(await movementsOf(id)).toHaveLength(2);
    });

    it('says that nothing is there of what nobody counted, if asked', async () => {
      const [apples, pears] = (await stocked(10, 5)) as [number, number];
      const id = await begin([apples, pears]);
      await count(id, apples, 10);
      await approve(id, { uncounted: 'zero' });
      expect([await quantityOf(apples), await quantityOf(pears)]).toEqual([10, 0]);
      const { items } = await variancesOf(id);
      expect(items[1]).toMatchObject({ expected: 5, counted: 0, counted_at: null, difference: -5 });
      const { body } = await owner.post(`/stocktakes/${id}/approve`, { uncounted: 'keep' }).expect(409);
      expect(body.code).toBe('stocktake_not_open');
    });

    it('is refused when nothing was counted, and leaves the stocktake open', async () => {
      const [item] = (await stocked(1)) as [number];
      const id = await begin([item]);
      expect((await owner.post(`/stocktakes/${id}/approve`).expect(409)).body.code).toBe('nothing_counted');
      await count(id, item, 1);
      await approve(id);
    });

    it('corrects a count that leaves less than what went since', async () => {
      const [item] = (await stocked(10)) as [number];
      const id = await begin([item]);
      await count(id, item, 3);
      clock.goOn(SECOND);
      await sell(item, 5);
      await approve(id);
      expect(await movementsOf(id)).toMatchObject([
        { reason: 'correction', delta: 2 },
        { reason: 'count', delta: -7 },
      ]);
      expect(await quantityOf(item)).toBe(0);
    });

    it('says for each item why it could not be recorded, and records the others', async () => {
      const [removed, gone, deleted, huge, plain] = (await stocked(1, 2, 3, 4, 5)) as [
        number,
        number,
        number,
        number,
        number,
      ];
      const id = await begin([removed, gone, deleted, huge, plain]);
      await owner.delete(`/stock/${removed}`).expect(204);
      clock.goOn(SECOND);
      for (const item of [removed, gone, deleted, plain]) await count(id, item, 2);
      await count(id, huge, 1_000_000_000);
      clock.goOn(SECOND);
      await owner.delete(`/stock/${gone}`).expect(204);
      await owner.delete(`/items/${deleted}`).expect(204);
      await counter.post(`/stock/${huge}/movements`, { delta: 1, reason: 'delivery' }).expect(201);
      expect(await approve(id)).toMatchObject({ status: 'approved' });
      const { items } = await variancesOf(id);
      expect(items).toMatchObject([
        { item_id: removed, expected: null, movement_id: null, refused_because: 'taken_out_of_stock' },
        { item_id: gone, expected: 2, difference: 0, movement_id: expect.any(Number), refused_because: null },
        { item_id: deleted, expected: 3, difference: -1, unit_type: null, movement_id: expect.any(Number) },
        {
          item_id: huge,
          expected: 4,
          difference: null,
          movement_id: null,
          refused_because: 'quantity_too_large',
        },
        { item_id: plain, expected: 5, difference: -3, movement_id: expect.any(Number) },
      ]);
      expect(await quantityOf(plain)).toBe(2);
    });

    it('happens once, whoever approves at the same time, and however often the answer is lost', async () => {
      const items = await stocked(...Array.from({ length: 50 }, (_, index) => index));
      const id = await begin(items);
      for (const item of items) await count(id, item, 7);
      const approvals = Array.from({ length: 5 }, (_, index) => {
        const request = owner.post(`/stocktakes/${id}/approve`, {});
        return index % 2 ? request.set('Idempotency-Key', `approval ${index}`) : request;
      });
      const answers = await race(shop.app, approvals);
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
      expect(answers.map(({ body }) => body.status)).toEqual(Array(5).fill('approved'));
      const movements = await movementsOf(id);
      expect(movements.map(({ item_id }) => item_id).sort((one, two) => one - two)).toEqual(items);
      const { body } = await owner
        .post(`/stocktakes/${id}/approve`, {})
        .set('Idempotency-Key', 'approval 1')
        .expect(200);
      expect(body.status).toBe('approved');
    });

    it('goes on where it was interrupted when it is sent again', async () => {
      const items = await stocked(...Array.from({ length: 50 }, () => 5));
      const id = await begin(items);
      for (const item of items) await count(id, item, 6);
      const service = shop.app.get(StockMovementsService);
      const record = service.recordCounts.bind(service);
      const recording = jest
        .spyOn(service, 'recordCounts')
        .mockImplementationOnce(record)
        .mockImplementationOnce(async (...counts) => {
          await record(...counts);
          throw new Error('The power is gone');
        });
      await owner.post(`/stocktakes/${id}/approve`).set('Idempotency-Key', 'interrupted').expect(500);
      recording.mockRestore();
      const { body } = await owner.get(`/stocktakes/${id}`).expect(200);
      expect(body).toMatchObject({ status: 'approving', counted_count: 50 });
      const recorded = await movementsOf(id);
      expect(recorded.length).toBeGreaterThan(0);
      expect(recorded.length).toBeLessThan(50);
      await counter.put(`/stocktakes/${id}/counts/${items[49]}`, { quantity: 1 }).expect(409);
      await owner.post(`/stocktakes/${id}/cancel`).expect(409);
      await owner.post(`/stocktakes/${id}/approve`).set('Idempotency-Key', 'interrupted').expect(200);
      expect((await movementsOf(id)).map(({ item_id }) => item_id)).toEqual(items);
    });

    it('goes on where it was interrupted with the next start', async () => {
      const items = await stocked(5, 5, 5);
      const id = await begin(items);
      for (const item of items) await count(id, item, 6);
      const approval = shop.app.get(ApprovalService);
      const { id: actorId } = (await owner.get('/auth/me').expect(200)).body;
      await approval.claim(id, {}, { id: actorId, role: Role.MarketOwner });
      await approval.onApplicationBootstrap();
      await until(async () => (await owner.get(`/stocktakes/${id}`)).body.status === 'approved');
      expect(await movementsOf(id)).toHaveLength(3);
    });

    it('goes on where it was interrupted when nothing has happened between two looks', async () => {
      const items = await stocked(5, 5, 5);
      const id = await begin(items);
      for (const item of items) await count(id, item, 6);
      const approval = shop.app.get(ApprovalService);
      const { id: actorId } = (await owner.get('/auth/me').expect(200)).body;
      await approval.claim(id, {}, { id: actorId, role: Role.MarketOwner });
      await approval.continueStopped();
      expect(await movementsOf(id)).toEqual([]);
      await approval.continueStopped();
      await until(async () => (await owner.get(`/stocktakes/${id}`)).body.status === 'approved');
      expect(await movementsOf(id)).toHaveLength(3);
    });
  });

  describe('cancelling', () => {
    it('records nothing, and is final', async () => {
      const [item] = (await stocked(5)) as [number];
      const id = await begin([item]);
      await count(id, item, 1);
      const cancel = async () => (await owner.post(`/stocktakes/${id}/cancel`).expect(200)).body;
      const cancelled = await cancel();
      expect(cancelled).toMatchObject({ status: 'cancelled', cancelled_at: iso(clock.now) });
      expect(await cancel()).toEqual(cancelled);
      expect(await quantityOf(item)).toBe(5);
      await owner.post(`/stocktakes/${id}/approve`).expect(409);
      await counter.put(`/stocktakes/${id}/counts/${item}`, { quantity: 1 }).expect(409);
    });

    it('or approving wins, never both', async () => {
      for (let round = 0; round < 5; round++) {
        const [item] = (await stocked(5)) as [number];
        const id = await begin([item]);
        await count(id, item, 1);
        const [approved, cancelled, late] = await race(shop.app, [
          owner.post(`/stocktakes/${id}/approve`),
          owner.post(`/stocktakes/${id}/cancel`),
          counter.put(`/stocktakes/${id}/counts/${item}`, {
            quantity: 2,
            counted_at: iso(clock.now + SECOND),
          }),
        ]);
        expect([approved.status, cancelled.status].sort()).toEqual([200, 409]);
        const counted = late.status === 200 ? 2 : 1;
        expect(await quantityOf(item)).toBe(approved.status === 200 ? counted : 5);
      }
    });
  });

  it(`is right whatever is sold, delivered and thrown away meanwhile, in whatever order it arrives (seed ${SEED})`, async () => {
    const event = fc.record({
      item: fc.nat(2),
      at: fc.integer({ min: 1, max: 60 }),
      kind: fc.constantFrom('sale', 'waste', 'delivery', 'count', 'count'),
      quantity: fc.integer({ min: 1, max: 20 }),
      /** When it arrives: with delay, or after the approval. */
      arrives: fc.integer({ min: 0, max: 100 }),
    });
    const runs = fc.asyncProperty(fc.array(event, { minLength: 3, maxLength: 25 }), async (events) => {
      const books = [1000, 2000, 3000];
      const items = await stocked(...books);
      const id = await begin(items);
      const start = clock.now;
      clock.goOn(61 * SECOND);
      // What is really there differs from the books.
      const there = books.map((quantity, index) => quantity - 7 * (index + 1));
      const sent: { arrives: number; send: () => Promise<unknown> }[] = [];
      const counted = new Set<number>();
      const happened = [...events].sort((one, two) => one.at - two.at);
      for (const [order, { item, at, kind, quantity, arrives }] of happened.entries()) {
        const [itemId, time] = [items[item] as number, start + at * SECOND + order];
        if (kind === 'count') {
          const seen = there[item] as number;
          counted.add(item);
          sent.push({ arrives: Math.min(arrives, 49), send: () => count(id, itemId, seen, time) });
        } else {
          const delta = kind === 'delivery' ? quantity : -quantity;
          there[item] = (there[item] as number) + delta;
          const movement = { delta, reason: kind, occurred_at: iso(time) };
          const send = () => counter.post(`/stock/${itemId}/movements`, movement).expect(201);
          sent.push({ arrives, send });
        }
      }
      if (counted.size === 0) return;
      sent.push({ arrives: 50, send: () => approve(id) });
      sent.sort((one, two) => one.arrives - two.arrives);
      for (const { send } of sent) {
        clock.goOn(7);
        await send();
      }
      for (const item of counted) expect(await quantityOf(items[item] as number)).toBe(there[item]);
    });
    await fc.assert(runs, { numRuns: 40, seed: SEED });
  });
});

describe('A stocktake of many items', () => {
  const ITEMS = 2_345;
  let shop: Shop;
  let owner: Client;

  beforeAll(async () => {
    shop = await Shop.open();
    owner = shop.as(Role.MarketOwner);
    const database = shop.app.get(Database);
    const { id } = await createCategory(owner);
    await database.write`
      with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ${ITEMS})
      insert into items (category_id, name, name_key, search_key, unit_price, unit_type, tax_rate, discount_rate, created_by, updated_by,
        created_at, updated_at)
      select ${id}, 'Tea ' || n, 'tea ' || n, 'tea ' || n, 399, 'cup', 0, 0, 1, 1, '', '' from numbers`;
    await database.write`
      insert into stock_entries (item_id, quantity, created_by, updated_by, created_at, updated_at)
      select items.id, items.id * 125, 1, 1, '', '' from items order by items.id`;
  });

  afterAll(() => shop.close());

  it('is sent as a stream, and is what it would be in one piece', async () => {
    const sent = { name: 'All of it', assigned_to: [await userIdOf(owner)] };
    const { id } = (await owner.post('/stocktakes', sent).expect(201)).body as StocktakeResponse;
    for (const item of [3, 2_001])
      await owner.put(`/stocktakes/${id}/counts/${item}`, { quantity: 1 }).expect(200);

    const { body: counts, headers } = await owner.get(`/stocktakes/${id}/counts`).expect(200);
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    expect((counts as unknown[]).length).toBe(ITEMS);
    const head = await fetch(`${shop.url}/api/v1/stocktakes/${id}/counts`, {
      method: 'HEAD',
      headers: { Authorization: `Bearer ${owner.accessToken}` },
    });
    expect(head.headers.get('content-type')).toBe('application/json; charset=utf-8');

    const { body } = await owner.get(`/stocktakes/${id}/variances`).expect(200);
    const { stocktake, items, totals } = body as StocktakeVariancesResponse;
    expect(stocktake).toEqual((await owner.get(`/stocktakes/${id}`).expect(200)).body);
    expect(items.map(({ item_id }) => item_id)).toEqual(
      (counts as CountedItemResponse[]).map(({ item_id }) => item_id),
    );
    expect(items.filter(({ difference }) => difference !== null)).toMatchObject([
      { item_id: 3, expected: 0.375, counted: 1, difference: 0.625, at_price: 2.49 },
      { item_id: 2_001, expected: 250.125, counted: 1, difference: -249.125, at_price: -994.01 },
    ]);
    expect(totals).toMatchObject({
      items: ITEMS,
      counted: 2,
      differing: 2,
      at_price: -991.52,
      without_cost: 2,
    });
  });
});
