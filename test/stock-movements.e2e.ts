import { Role } from '../src/platform/authorization/role.js';
import { Database } from '../src/platform/database/database.js';
import { MovementReason } from '../src/ledger/movement-reason.js';
import { thousandths } from '../src/platform/validation/decimal.js';
import { OnShortfall } from '../src/stock/dto/movement-create.dto.js';
import { type CartMovement, StockMovementsService } from '../src/stock/stock-movements.service.js';
import type { MovementResponse } from '../src/stock/dto/movement-response.dto.js';
import { movementHash } from '../src/ledger/movement-hash.js';
import type { StockMovement } from '../src/ledger/stock-movement.entity.js';
import { createItem, createStock, userIdOf } from './support/catalogue.js';
import type { Client } from './support/client.js';
import { MISSING, NO_OBJECT, type Issue, refusal, tooLarge, tooManyPlaces } from './support/issues.js';
import { race } from './support/race.js';
import { Shop } from './support/shop.js';

const NOT_IN_STOCK = { detail: 'The item is not in stock', code: 'not_in_stock' };
const DAY = 24 * 60 * 60_000;

const valueError = (sentence: string): Issue => ({
  type: 'value_error',
  msg: `Value error, ${sentence}`,
});
const EXCLUSIVE = valueError('delta and counted_quantity exclude each other');
const ADDS = valueError('delivery adds: delta is above zero');
const fromNow = (milliseconds: number) => new Date(Date.now() + milliseconds).toISOString();

describe('Stock movements', () => {
  let shop: Shop;
  let employee: Client;

  beforeAll(async () => {
    shop = await Shop.open();
    employee = shop.as(Role.Employee);
  });

  afterAll(() => shop.close());

  async function record(itemId: number, movement: object): Promise<MovementResponse> {
    return (await employee.post(`/stock/${itemId}/movements`, movement).expect(201)).body;
  }

  async function quantityOf(itemId: number): Promise<number> {
    return (await employee.get(`/stock/${itemId}`).expect(200)).body.quantity;
  }

  /** The movements of an item as the database has them, oldest first. */
  function ledgerOf(itemId: number): Promise<StockMovement[]> {
    return shop.app.get(Database).read<StockMovement>`
      select * from stock_movements where item_id = ${itemId} order by id`;
  }

  describe('one at a time', () => {
    it('are answered with all their fields, and change the stock', async () => {
      const by = await userIdOf(employee);
      const item = await createItem(employee, { name: 'Red Apples', sku: 'FP-APPLE-RED' });
      await createStock(shop.as(Role.Admin), { item_id: item.id, quantity: 14 });
      const before = new Date().toISOString();
      const movement = await record(item.id, {
        delta: -1.5,
        reason: 'sale',
        note: ' For the market\n\u200bon Saturday\n',
        reference: ' R-7\u00ad ',
        quantity_after: 99,
      });
      expect(movement).toEqual({
        id: expect.any(Number),
        item_id: item.id,
        item_name: 'Red Apples',
        sku: 'FP-APPLE-RED',
        delta: -1.5,
        quantity_before: 14,
        quantity_after: 12.5,
        reason: 'sale',
        note: 'For the market\non Saturday',
        reference: 'R-7',
        occurred_at: expect.any(String),
        recorded_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        created_by: by,
        reverses_id: null,
        counted_quantity: null,
        compensates_id: null,
        unit_price: 1,
        hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      });
      // A millisecond later where the item was put in stock in the same one.
      expect(Date.parse(movement.occurred_at) - Date.parse(movement.recorded_at)).toBeLessThanOrEqual(1);
      expect(movement.recorded_at >= before && movement.recorded_at <= new Date().toISOString()).toBe(true);
      const { body: entry } = await employee.get(`/stock/${item.id}`).expect(200);
      expect(entry).toMatchObject({ quantity: 12.5, updated_by: by });
    });

    it.each([
      ['delivery', 2.125, 12.125],
      ['sale', '-2.125', 7.875],
      ['waste', -0.001, 9.999],
      ['return', 1, 11],
      ['return', -1, 9],
      ['correction', 0.5, 10.5],
      ['correction', -0.5, 9.5],
      ['sale', -10, 0],
      ['sale', 0.3 - 1.6, 8.7],
    ])('may be a %s of %s', async (reason, delta, after) => {
      const { item_id } = await createStock(employee, { quantity: 10 });
      const movement = await record(item_id, { delta, reason });
      expect(movement).toMatchObject({
        delta: Math.round(Number(delta) * 1000) / 1000,
        quantity_before: 10,
        quantity_after: after,
      });
      expect(await quantityOf(item_id)).toBe(after);
    });

    it.each([
      ['count', 12.345, 2.345],
      ['count', 10, 0],
      ['count', 0, -10],
      ['correction', 9, -1],
    ])('may be a %s of all there is: %s', async (reason, counted_quantity, delta) => {
      const { item_id } = await createStock(employee, { quantity: 10 });
      const movement = await record(item_id, { counted_quantity, delta: null, reason });
      expect(movement).toMatchObject({ delta, quantity_before: 10, quantity_after: counted_quantity });
      expect(await quantityOf(item_id)).toBe(counted_quantity);
    });

    it('take away no more than there is, and say how much that is', async () => {
      const { item_id } = await createStock(employee, { quantity: 1.5 });
      const { body } = await employee
        .post(`/stock/${item_id}/movements`, { delta: -1.501, reason: 'sale' })
        .expect(409);
      expect(body).toEqual({
        detail: 'There is not enough in stock: 1.5',
        code: 'insufficient_stock',
        available: 1.5,
      });
      expect(await quantityOf(item_id)).toBe(1.5);
      expect(await ledgerOf(item_id)).toHaveLength(1);
    });

    it('add no more than a number can hold exactly', async () => {
      const { item_id } = await createStock(employee, { quantity: 1 });
      const { body } = await employee
        .post(`/stock/${item_id}/movements`, { delta: 1_000_000_000, reason: 'delivery' })
        .expect(409);
      expect(body).toEqual({
        detail: "There can't be more than 1000000000 in stock",
        code: 'quantity_too_large',
        available: 1,
      });
    });

    it.each([{ delta: -1 }, { counted_quantity: 3, reason: 'count' }])(
      'change nothing when there is another quantity than expected: %j',
      async (movement) => {
        const { item_id } = await createStock(employee, { quantity: 2 });
        const sale = { reason: 'sale', ...movement };
        const { body } = await employee
          .post(`/stock/${item_id}/movements`, { ...sale, expected_quantity: 2.001 })
          .expect(409);
        expect(body).toEqual({
          detail: 'There is another quantity in stock than expected: 2',
          code: 'unexpected_quantity',
          available: 2,
        });
        expect(await quantityOf(item_id)).toBe(2);
        await record(item_id, { ...sale, expected_quantity: 2 });
      },
    );

    it('happened when the client says', async () => {
      const { item_id } = await createStock(employee, { quantity: 10 });
      for (const occurred_at of [fromNow(-7 * DAY + 60_000), fromNow(4 * 60_000)]) {
        const movement = await record(item_id, { delta: -1, reason: 'sale', occurred_at });
        expect(movement.occurred_at).toBe(occurred_at);
      }
    });

    it('happened when a client in another time zone says', async () => {
      const { item_id } = await createStock(employee, { quantity: 10 });
      const utc = fromNow(-60_000);
      const local = new Date(Date.parse(utc) + 3 * 60 * 60_000).toISOString();
      const occurred_at = local.replace('Z', '+03:00');
      const movement = await record(item_id, { delta: -1, reason: 'sale', occurred_at });
      expect(movement.occurred_at).toBe(utc);
    });

    it('are of what is in stock', async () => {
      const { id } = await createItem(employee);
      for (const itemId of [id, 999_999]) {
        const { body } = await employee
          .post(`/stock/${itemId}/movements`, { delta: 1, reason: 'delivery' })
          .expect(404);
        expect(body).toEqual(NOT_IN_STOCK);
      }
    });

    it.each<[body: unknown, issue: Issue, ...loc: string[]]>([
      [[], NO_OBJECT],
      [{ reason: 'sale' }, MISSING, 'delta'],
      [{ reason: 'sale', delta: null, counted_quantity: null }, MISSING, 'delta'],
      [{ reason: 'correction', delta: 1, counted_quantity: 2 }, EXCLUSIVE, 'delta'],
      [{ delta: -1 }, MISSING, 'reason'],
      [{ reason: 'sale', delta: 0 }, valueError('a movement changes something'), 'delta'],
      [{ reason: 'sale', delta: -1.0005 }, tooManyPlaces(3), 'delta'],
      [{ reason: 'sale', delta: 1 }, valueError('sale takes away: delta is below zero'), 'delta'],
      [{ reason: 'waste', delta: 1 }, valueError('waste takes away: delta is below zero'), 'delta'],
      [{ reason: 'delivery', delta: -1 }, ADDS, 'delta'],
      [{ reason: 'count', delta: -1 }, valueError('a count takes counted_quantity'), 'delta'],
      [{ reason: 'delivery', delta: 1e9 + 1 }, tooLarge(1_000_000_000), 'delta'],
      [
        { reason: 'sale', counted_quantity: 1 },
        valueError('only a count or a correction takes counted_quantity'),
        'counted_quantity',
      ],
      [
        { reason: 'sale', delta: -1, occurred_at: fromNow(-7 * DAY - 60_000) },
        valueError('a movement is recorded within 7 days'),
        'occurred_at',
      ],
      [
        { reason: 'sale', delta: -1, occurred_at: fromNow(6 * 60_000) },
        valueError('a movement is not recorded ahead of time'),
        'occurred_at',
      ],
    ])('refuse %j', async (body, issue, ...loc) => {
      const { item_id } = await createStock(employee, { quantity: 10 });
      const answer = await employee.post(`/stock/${item_id}/movements`, body as object).expect(422);
      expect(answer.body).toEqual(refusal(issue, 'body', ...loc));
      expect(await ledgerOf(item_id)).toHaveLength(1);
    });

    it.each(['initial', 'removal', 'theft', 7])('refuse the reason %j', async (reason) => {
      const { item_id } = await createStock(employee);
      const { body } = await employee.post(`/stock/${item_id}/movements`, { delta: -1, reason }).expect(422);
      expect(body.detail).toMatchObject([{ type: 'enum', loc: ['body', 'reason'] }]);
    });
  });

  describe('in a batch', () => {
    const batch = (movements: unknown) => employee.post('/stock/movements/batch', { movements });

    it('are all made, and answered in the order they were sent in', async () => {
      const [apples, pears] = [
        await createStock(employee, { quantity: 5 }),
        await createStock(employee, { quantity: 5 }),
      ];
      const { body } = await batch([
        { item_id: pears.item_id, delta: -1, reason: 'sale' },
        { item_id: apples.item_id, counted_quantity: 4, reason: 'count' },
        { item_id: pears.item_id, delta: 2, reason: 'delivery', reference: 'D-1' },
      ]).expect(201);
      expect(body).toMatchObject([
        { item_id: pears.item_id, delta: -1, reason: 'sale' },
        { item_id: apples.item_id, delta: -1, quantity_after: 4 },
        { item_id: pears.item_id, delta: 2, reference: 'D-1' },
      ]);
      expect([await quantityOf(apples.item_id), await quantityOf(pears.item_id)]).toEqual([4, 6]);
    });

    it('are none when one of them can not be made, which is named', async () => {
      const [apples, pears] = [
        await createStock(employee, { quantity: 5 }),
        await createStock(employee, { quantity: 1 }),
      ];
      const sale = { delta: -2, reason: 'sale' };
      const short = await batch([
        { item_id: pears.item_id, ...sale },
        { item_id: apples.item_id, ...sale },
      ]).expect(409);
      expect(short.body).toEqual({
        detail: 'Movement 0: There is not enough in stock: 1',
        code: 'insufficient_stock',
        index: 0,
        available: 1,
      });
      const unknown = await batch([
        { item_id: apples.item_id, ...sale },
        { item_id: 999_999, ...sale },
      ]).expect(404);
      expect(unknown.body).toEqual({
        detail: 'Movement 1: The item is not in stock',
        code: 'not_in_stock',
        index: 1,
      });
      expect(await quantityOf(apples.item_id)).toBe(5);
      expect(await ledgerOf(apples.item_id)).toHaveLength(1);
    });

    it('count together where they are of the same item', async () => {
      const { item_id } = await createStock(employee, { quantity: 5 });
      const sale = { item_id, delta: -3, reason: 'sale' };
      const { body } = await batch([sale, sale]).expect(409);
      expect(body).toEqual({
        detail: 'Movement 1: There is not enough in stock: 2',
        code: 'insufficient_stock',
        index: 1,
        available: 2,
      });
      expect(await quantityOf(item_id)).toBe(5);

      const delivery = { item_id, delta: 1, reason: 'delivery' };
      const { body: movements } = await batch([sale, sale, delivery]).expect(201);
      expect(movements.map(({ quantity_after }: MovementResponse) => quantity_after)).toEqual([3, 0, 6]);
    });

    it('keep their order around a quantity that is named', async () => {
      const { item_id } = await createStock(employee, { quantity: 5 });
      const { body } = await batch([
        { item_id, delta: -1, reason: 'sale', expected_quantity: 5 },
        { item_id, counted_quantity: 7, reason: 'count' },
        { item_id, delta: 1, reason: 'delivery' },
      ]).expect(201);
      expect(body.map(({ quantity_after }: MovementResponse) => quantity_after)).toEqual([4, 7, 8]);
    });

    it.each<[movements: unknown, detail: object[]]>([
      [undefined, [{ ...MISSING, loc: ['body', 'movements'] }]],
      [{}, [{ type: 'list_type', msg: 'Input should be a valid list', loc: ['body', 'movements'] }]],
      [[], [{ type: 'too_short', msg: 'List should have at least 1 item', loc: ['body', 'movements'] }]],
      [
        Array(101).fill({}),
        [{ type: 'too_long', msg: 'List should have at most 100 items', loc: ['body', 'movements'] }],
      ],
      [[7], [{ ...NO_OBJECT, loc: ['body', 'movements', 0] }]],
      [
        [
          { item_id: 1, delta: -1, reason: 'sale' },
          { delta: -1, reason: 'delivery' },
        ],
        [
          { ...ADDS, loc: ['body', 'movements', 1, 'delta'] },
          { ...MISSING, loc: ['body', 'movements', 1, 'item_id'] },
        ],
      ],
    ])('are refused: %j', async (movements, detail) => {
      const { body } = await batch(movements).expect(422);
      expect(body.detail).toHaveLength(detail.length);
      expect(body.detail).toEqual(expect.arrayContaining(detail));
    });

    it('may be a hundred', async () => {
      const { item_id } = await createStock(employee, { quantity: 0 });
      const delivery = { item_id, delta: 0.001, reason: 'delivery', note: 'n'.repeat(500) };
      await batch(Array(100).fill(delivery)).expect(201);
      expect(await quantityOf(item_id)).toBe(0.1);
    });
  });

  describe('reversing', () => {
    const reverse = (id: number) => employee.post(`/stock/movements/${id}/reverse`);

    it('undoes a movement once', async () => {
      const { item_id } = await createStock(employee, { quantity: 5 });
      const sale = await record(item_id, { delta: -2, reason: 'sale', note: 'Oops', reference: 'R-1' });
      await record(item_id, { delta: -1, reason: 'waste' });
      const { body } = await reverse(sale.id).expect(201);
      expect(body).toMatchObject({
        delta: 2,
        quantity_before: 2,
        quantity_after: 4,
        reason: 'sale',
        note: null,
        reference: 'R-1',
        reverses_id: sale.id,
      });
      expect((await reverse(sale.id).expect(409)).body).toEqual({
        detail: 'The movement has been reversed already',
        code: 'already_reversed',
      });
      expect(await quantityOf(item_id)).toBe(4);
    });

    it('of many at once happens once', async () => {
      const { item_id } = await createStock(employee, { quantity: 5 });
      const { id } = await record(item_id, { delta: -2, reason: 'sale' });
      const answers = await race(
        shop.app,
        Array.from({ length: 20 }, () => reverse(id)),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(19).fill(409)]);
      expect(await quantityOf(item_id)).toBe(5);
    });

    it('takes back no more than there is left', async () => {
      const { item_id } = await createStock(employee, { quantity: 0 });
      const delivery = await record(item_id, { delta: 5, reason: 'delivery' });
      await record(item_id, { delta: -4, reason: 'sale' });
      const { body } = await reverse(delivery.id).expect(409);
      expect(body).toEqual({
        detail: 'There is not enough in stock: 1',
        code: 'insufficient_stock',
        available: 1,
      });
    });

    it('is of a movement', async () => {
      expect((await reverse(999_999).expect(404)).body).toEqual({
        detail: 'Movement not found',
        code: 'movement_not_found',
      });
    });
  });

  describe('of carts', () => {
    const sale = (item_id: number, delta: number, more: Partial<CartMovement> = {}): CartMovement => ({
      item_id,
      delta: thousandths(delta * 1000),
      reason: MovementReason.Sale,
      reference: 'cart/17',
      cart_id: 17,
      ...more,
    });

    /** Records them in one transaction, as a cart does. */
    async function recordForCart(movements: CartMovement[]) {
      const [movementsService, actor] = [
        shop.app.get(StockMovementsService),
        { id: await userIdOf(employee) },
      ];
      return shop.app.get(Database).transaction(async () => {
        const recorded = [];
        for (const movement of movements)
          recorded.push(await movementsService.recordForCart(movement, actor));
        return recorded;
      });
    }

    it('name the cart and the stock entry, and change the stock', async () => {
      const entry = await createStock(employee, { quantity: 5 });
      const recorded = await recordForCart([sale(entry.item_id, -2), sale(entry.item_id, 0.5)]);
      const inShort = recorded.map(({ movement, corrected }) => [
        movement.cart_id,
        movement.reference,
        movement.stock_entry_id,
        movement.quantity_after,
        corrected,
      ]);
      expect(inShort).toEqual([
        [17, 'cart/17', entry.id, 3000, 0],
        [17, 'cart/17', entry.id, 3500, 0],
      ]);
      expect(await quantityOf(entry.item_id)).toBe(3.5);
      expect((await ledgerOf(entry.item_id)).map(({ cart_id }) => cart_id)).toEqual([null, 17, 17]);
    });

    it('are all recorded or none', async () => {
      const { item_id } = await createStock(employee, { quantity: 5 });
      const recording = recordForCart([sale(item_id, -2), sale(item_id, -4)]);
      await expect(recording).rejects.toMatchObject({
        code: 'insufficient_stock',
        details: { available: 3 },
      });
      expect(await ledgerOf(item_id)).toHaveLength(1);
    });

    it('add what is missing by a correction where it is asked for, which is none of the cart', async () => {
      const { item_id } = await createStock(employee, { quantity: 1 });
      const on_shortfall = OnShortfall.Correct;
      const [recorded] = await recordForCart([sale(item_id, -3, { on_shortfall })]);
      expect(recorded).toMatchObject({ corrected: 2000, movement: { delta: -3000, cart_id: 17 } });
      const ledger = await ledgerOf(item_id);
      expect(ledger.slice(1).map(({ reason, cart_id }) => [reason, cart_id])).toEqual([
        ['correction', null],
        ['sale', 17],
      ]);
    });

    it('of a sale that arrives late are compensated at a count by a movement that is none of the cart', async () => {
      const { item_id } = await createStock(employee, { quantity: 5 });
      const occurred_at = new Date().toISOString();
      await record(item_id, { counted_quantity: 4, reason: 'count' });
      await recordForCart([sale(item_id, -1, { occurred_at })]);
      const ledger = await ledgerOf(item_id);
      expect(ledger.slice(2).map(({ reason, cart_id }) => [reason, cart_id])).toEqual([
        ['count', null],
        ['sale', 17],
      ]);
      expect(await quantityOf(item_id)).toBe(4);
    });

    it('are undone by the cart only', async () => {
      const { item_id } = await createStock(employee, { quantity: 5 });
      const [recorded] = await recordForCart([sale(item_id, -2)]);
      const { body } = await employee.post(`/stock/movements/${recorded?.movement.id}/reverse`).expect(409);
      expect(body).toEqual({
        detail: 'It belongs to a cart: change the cart',
        code: 'not_reversible',
      });
      const byHand = await record(item_id, { delta: -1, reason: 'sale', reference: 'cart/17' });
      await employee.post(`/stock/movements/${byHand.id}/reverse`).expect(201);
    });
  });

  describe('of the other calls', () => {
    it('are written down as well, and outlive the item', async () => {
      const item = await createItem(employee, { name: 'Pears', sku: 'PEARS' });
      const { id: itemId } = item;
      const { id } = await createStock(employee, { item_id: itemId, quantity: 3 });
      await employee.patch(`/stock/${itemId}`, { quantity: 2.5 }).expect(200);
      await employee.delete(`/stock/${itemId}`).expect(204);
      const again = await createStock(shop.as(Role.Admin), { item_id: itemId, quantity: 7 });
      await employee.patch(`/items/${itemId}`, { name: 'Conference Pears' }).expect(200);
      await employee.delete(`/items/${itemId}`).expect(204);

      const ledger = await ledgerOf(itemId);
      const [by, admin] = [await userIdOf(employee), await userIdOf(shop.as(Role.Admin))];
      const inShort = ledger.map((row) => [
        row.stock_entry_id,
        row.item_name,
        row.reason,
        row.quantity_before,
        row.delta,
        row.quantity_after,
        row.counted_quantity,
        row.created_by,
      ]);
      expect(inShort).toEqual([
        [id, 'Pears', 'initial', 0, 3000, 3000, 3000, by],
        [id, 'Pears', 'count', 3000, -500, 2500, 2500, by],
        [id, 'Pears', 'removal', 2500, -2500, 0, 0, by],
        [again.id, 'Pears', 'initial', 0, 7000, 7000, 7000, admin],
        [again.id, 'Conference Pears', 'removal', 7000, -7000, 0, 0, by],
      ]);
      let previous: string | null = null;
      for (const { hash, ...movement } of ledger) {
        expect(hash).toBe(movementHash(movement, previous));
        previous = hash;
      }
    });

    it('are none when nothing happens', async () => {
      const { item_id } = await createStock(employee, { quantity: 3 });
      await employee.post('/stock', { item_id, quantity: 5 }).expect(409);
      await employee.patch(`/stock/${item_id}`, { quantity: -5 }).expect(422);
      await employee.patch(`/stock/${item_id}`, { quantity: 5 }).set('If-Match', '"another"').expect(412);
      await employee.delete(`/stock/${item_id}`).set('If-Match', '"another"').expect(412);
      await employee.delete(`/items/${item_id}`).set('If-Match', '"another"').expect(412);
      expect(await ledgerOf(item_id)).toHaveLength(1);
    });
  });
});
