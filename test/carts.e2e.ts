import supertest from 'supertest';
import { Role } from '../src/platform/authorization/role.js';
import { createItem, userIdOf } from './support/catalogue.js';
import type { Client } from './support/client.js';
import {
  type Issue,
  MISSING,
  NO_OBJECT,
  NO_STRING,
  refusal,
  tooLarge,
  tooLong,
  tooManyPlaces,
  tooShort,
  tooSmall,
} from './support/issues.js';
import { Shop } from './support/shop.js';
import { Till } from './support/till.js';

const NOT_FOUND = { detail: 'Cart not found', code: 'cart_not_found' };
const NO_LINE = { detail: 'The cart has no such line', code: 'cart_item_not_found' };
const COMPLETED = { detail: 'The cart is completed', code: 'cart_not_draft' };
const DELETED = { detail: 'The cart is deleted', code: 'cart_not_draft' };
const DESK_TAKEN = { detail: 'Another draft has this desk number', code: 'desk_taken' };

describe('Carts', () => {
  let shop: Shop;
  let employee: Client;
  let owner: Client;
  let till: Till;

  beforeAll(async () => {
    shop = await Shop.open();
    employee = shop.as(Role.Employee);
    owner = shop.as(Role.MarketOwner);
    till = new Till(employee);
  });

  afterAll(() => shop.close());

  afterEach(async () => {
    const { body } = await owner.get('/stock/ledger/verify').expect(200);
    expect(body).toMatchObject({ first_problem: null });
  });

  it('sell what the web client puts in them, as it does', async () => {
    const apples = await till.stock(10, { name: 'Apples', unit_price: 3.99, tax_rate: 10, discount_rate: 5 });
    const tea = await till.stock(5, { name: 'Tea', sku: 'TEA', unit_price: 2.5 });
    const cart = await till.open();
    expect(cart).toEqual({
      id: expect.any(Number),
      desk_number: null,
      status: 'draft',
      account_date: null,
      completed_at: null,
      created_by: await userIdOf(employee),
      updated_by: await userIdOf(employee),
      created_at: expect.stringMatching(/Z$/),
      updated_at: cart.created_at,
    });
    const line = await till.add(cart.id, apples.id, 1);
    expect(line).toEqual({
      id: expect.any(Number),
      cart_id: cart.id,
      item_id: apples.id,
      quantity: 1,
      created_by: cart.created_by,
      updated_by: cart.created_by,
      created_at: expect.stringMatching(/Z$/),
      updated_at: line.created_at,
    });
    const again = { item_id: apples.id, quantity: 1 };
    const { body: refused } = await employee.post(`/carts/${cart.id}/items`, again).expect(409);
    expect(refused).toEqual({
      detail: 'The item is in the cart already',
      code: 'already_in_cart',
      cart_item_id: line.id,
    });
    for (const quantity of [2, 3, 2.5]) {
      const { body } = await employee.patch(`/carts/${cart.id}/items/${line.id}`, { quantity }).expect(200);
      expect(body).toMatchObject({ id: line.id, quantity });
    }
    const other = await till.add(cart.id, tea.id, 1);
    const gone = await employee.patch(`/carts/${cart.id}/items/${other.id}`, { quantity: 0 }).expect(204);
    expect(gone.text).toBe('');
    expect([await till.stockOf(apples.id), await till.stockOf(tea.id)]).toEqual([7.5, 5]);

    const { cart: shown, ...summary } = await till.summaryOf(cart.id);
    expect(shown).toEqual({ ...cart, updated_at: shown.updated_at });
    expect(summary).toEqual({
      items: [
        {
          id: line.id,
          item_id: apples.id,
          name: 'Apples',
          sku: null,
          unit_price: 3.99,
          quantity: 2.5,
          discount_rate: 5,
          tax_rate: 10,
          line_subtotal: 9.98,
          line_discount: 0.5,
          line_tax: 0.95,
          line_total: 10.43,
        },
      ],
      totals: { subtotal: 9.98, discount_total: 0.5, tax_total: 0.95, total: 10.43 },
      payments: [],
      refunds: [],
    });
    const { body: completed } = await employee.post(`/carts/${cart.id}/complete`).expect(200);
    expect(completed).toMatchObject({
      status: 'completed',
      account_date: completed.completed_at.slice(0, 10),
      completed_at: completed.updated_at,
    });
    expect(await till.summaryOf(cart.id)).toEqual({
      ...summary,
      cart: completed,
      payments: [{ method: 'unspecified', amount: 10.43 }],
    });
    expect(await till.stockOf(apples.id)).toBe(7.5);

    const next = await till.fill([apples.id, 1], [tea.id, 2]);
    await employee.delete(`/carts/${next.id}/items`).expect(204);
    expect((await till.summaryOf(next.id)).items).toEqual([]);
    await till.add(next.id, tea.id, 2);
    const { body: deleted } = await employee.post(`/carts/${next.id}/delete`).expect(200);
    expect(deleted).toMatchObject({ id: next.id, status: 'deleted', account_date: null, completed_at: null });
    expect((await till.summaryOf(next.id)).items).toMatchObject([{ name: 'Tea', sku: 'TEA', line_total: 5 }]);
    expect([await till.stockOf(apples.id), await till.stockOf(tea.id)]).toEqual([7.5, 5]);
  });

  describe('take what is in a draft from the shelf', () => {
    it('and give it back, as sales that name the cart', async () => {
      const { id: item } = await till.stock(10, { unit_price: 2 });
      const { id, lines } = await till.fill([item, 3]);
      const path = `/carts/${id}/items/${lines[0]?.id}`;
      await employee.patch(path, { quantity: 5 }).expect(200);
      await employee.patch(path, { quantity: 5 }).expect(200);
      await employee.patch(path, { quantity: 4 }).expect(200);
      expect((await employee.post(`${path}/return`, { quantity: 1.5 }).expect(200)).body).toMatchObject({
        quantity: 2.5,
      });
      await employee.post(`${path}/return`).expect(204);
      await till.add(id, item, 1);
      await employee.delete(`/carts/${id}/items`).expect(204);
      await till.add(id, item, 2);
      await owner.post(`/carts/${id}/delete`).expect(200);
      const [, ...movements] = await till.movementsOf(item);
      expect(movements.map(({ delta }) => delta)).toEqual([-3, -2, 1, 1.5, 2.5, -1, 1, -2, 2]);
      for (const movement of movements) {
        expect(movement).toMatchObject({ reason: 'sale', reference: `cart/${id}` });
      }
      expect(movements.at(-1)).toMatchObject({ created_by: await userIdOf(owner) });
      expect(await till.stockOf(item)).toBe(10);
      expect((await till.summaryOf(id)).cart).toMatchObject({
        created_by: await userIdOf(employee),
        updated_by: await userIdOf(owner),
      });
    });

    it('by the barcode of an item, and by the label of a scale', async () => {
      await till.stock(10, { barcode: '4006381333931' });
      await till.stock(10, { barcode: '2112345000008' });
      const { id } = await till.open();
      const { body: piece } = await employee
        .post(`/carts/${id}/items`, { barcode: '4006381333931' })
        .expect(201);
      expect(piece).toMatchObject({ quantity: 1 });
      const { body: weighed } = await employee
        .post(`/carts/${id}/items`, { barcode: '2112345012506' })
        .expect(201);
      expect(weighed).toMatchObject({ quantity: 1.25 });
      const { body: given } = await employee
        .post('/carts', { items: [{ barcode: '4006381333931', quantity: 3 }] })
        .expect(201);
      expect((await till.summaryOf(given.id)).items).toMatchObject([{ quantity: 3 }]);
      const unknown = { barcode: '4006381333948' };
      const { body } = await employee.post(`/carts/${id}/items`, unknown).expect(404);
      expect(body).toMatchObject({ code: 'item_not_found' });
    });

    it('and keep the item in stock, and from being deleted, until it is completed', async () => {
      const { id: item } = await till.stock(10);
      const { id } = await till.fill([item, 1]);
      const held = { detail: 'A cart that is not completed holds the item', code: 'held_by_cart' };
      expect((await employee.delete(`/stock/${item}`).expect(409)).body).toEqual(held);
      expect((await employee.delete(`/items/${item}`).expect(409)).body).toEqual(held);
      expect(await till.stockOf(item)).toBe(9);
      await employee.post(`/carts/${id}/complete`).expect(200);
      await employee.delete(`/items/${item}`).expect(204);
      expect((await till.summaryOf(id)).items).toMatchObject([{ item_id: item, quantity: 1 }]);

      const { id: other } = await till.stock(10);
      const deleted = await till.fill([other, 1]);
      await employee.post(`/carts/${deleted.id}/delete`).expect(200);
      await employee.delete(`/stock/${other}`).expect(204);
      await employee.delete(`/items/${other}`).expect(204);
      expect((await till.summaryOf(deleted.id)).items).toMatchObject([
        { item_id: other, name: expect.stringMatching(/^Item/) },
      ]);
    });

    it('so that a movement of a cart is undone by the cart only', async () => {
      const { id: item } = await till.stock(10);
      await till.fill([item, 1]);
      const movement = (await till.movementsOf(item)).at(-1);
      const { body } = await employee.post(`/stock/movements/${String(movement?.id)}/reverse`).expect(409);
      expect(body).toMatchObject({ code: 'not_reversible' });
    });
  });

  describe('refuse', () => {
    it('what is not there', async () => {
      const { id: item } = await till.stock(10);
      const { id } = await till.open();
      const line = { item_id: item, quantity: 1 };
      for (const request of [
        employee.get('/carts/0'),
        employee.patch('/carts/0', { desk_number: '1' }),
        employee.post('/carts/0/items', line),
        employee.patch('/carts/0/items/1', { quantity: 1 }),
        employee.delete('/carts/0/items/1'),
        employee.post('/carts/0/items/1/return'),
        employee.delete('/carts/0/items'),
        employee.post('/carts/0/complete'),
        employee.post('/carts/0/delete'),
        employee.post('/carts/0/refunds', { lines: [{ cart_item_id: 1, quantity: 1 }] }),
      ]) {
        expect((await request.expect(404)).body).toEqual(NOT_FOUND);
      }
      for (const request of [
        employee.patch(`/carts/${id}/items/0`, { quantity: 1 }),
        employee.delete(`/carts/${id}/items/0`),
        employee.post(`/carts/${id}/items/0/return`),
      ]) {
        expect((await request.expect(404)).body).toEqual(NO_LINE);
      }
      const { body } = await employee.post(`/carts/${id}/items`, { item_id: 0, quantity: 1 }).expect(404);
      expect(body).toEqual({ detail: 'Item not found', code: 'item_not_found' });
      expect(await till.stockOf(item)).toBe(10);
    });

    it('every change of a cart that is no draft any more, and change nothing', async () => {
      const { id: item } = await till.stock(10);
      const { id: other } = await till.stock(10);
      const sold = await till.sell([item, 1]);
      const deleted = await till.fill([item, 1]);
      await employee.post(`/carts/${deleted.id}/delete`).expect(200);
      for (const [{ id, lines }, why] of [[sold, COMPLETED] as const, [deleted, DELETED] as const]) {
        const before = await till.summaryOf(id);
        const path = `/carts/${id}/items/${lines[0]?.id}`;
        for (const request of [
          employee.patch(`/carts/${id}`, { desk_number: '99' }),
          employee.post(`/carts/${id}/items`, { item_id: other, quantity: 1 }),
          employee.patch(path, { quantity: 2 }),
          employee.delete(path),
          employee.post(`${path}/return`),
          employee.delete(`/carts/${id}/items`),
        ]) {
          expect((await request.expect(409)).body).toEqual(why);
        }
        expect(await till.summaryOf(id)).toEqual(before);
      }
      expect((await employee.post(`/carts/${sold.id}/delete`).expect(409)).body).toEqual(COMPLETED);
      expect((await employee.post(`/carts/${deleted.id}/complete`).expect(409)).body).toEqual(DELETED);
      expect([await till.stockOf(item), await till.stockOf(other)]).toEqual([9, 10]);
    });

    it('more than is in stock, and say how much there is', async () => {
      const { id: item } = await till.stock(2.5);
      const { id, lines } = await till.fill([item, 1]);
      const missing = {
        detail: 'There is not enough in stock: 1.5',
        code: 'insufficient_stock',
        available: 1.5,
      };
      const cart = await till.open();
      const line = { item_id: item, quantity: 2 };
      expect((await employee.post(`/carts/${cart.id}/items`, line).expect(409)).body).toEqual(missing);
      const path = `/carts/${id}/items/${lines[0]?.id}`;
      expect((await employee.patch(path, { quantity: 2.501 }).expect(409)).body).toEqual(missing);
      await employee.patch(path, { quantity: 2.5 }).expect(200);
      expect(await till.stockOf(item)).toBe(0);
    });

    it('an item that is not in stock', async () => {
      const { id: item } = await createItem(employee);
      const { id } = await till.open();
      const { body } = await employee.post(`/carts/${id}/items`, { item_id: item, quantity: 1 }).expect(409);
      expect(body).toEqual({ detail: 'The item is not in stock', code: 'not_stocked' });
    });

    it('to return more than is in the cart', async () => {
      const { id: item } = await till.stock(10);
      const { id, lines } = await till.fill([item, 2]);
      const path = `/carts/${id}/items/${lines[0]?.id}/return`;
      const { body } = await employee.post(path, { quantity: 2.001 }).expect(400);
      expect(body).toEqual({
        detail: 'There is only so much in the cart: 2',
        code: 'more_than_in_cart',
        in_cart: 2,
      });
      expect(await till.stockOf(item)).toBe(8);
    });

    it('a line that costs more than can be told exactly', async () => {
      const { id: item } = await till.stock(1_000_000_000, { unit_price: 1_000_000_000 });
      const { id } = await till.open();
      const tooMuch = { detail: 'An amount of a sale is at most 1000000000000', code: 'amount_too_large' };
      const line = { item_id: item, quantity: 1000.001 };
      expect((await employee.post(`/carts/${id}/items`, line).expect(409)).body).toEqual(tooMuch);
      const { id: lineId } = await till.add(id, item, 1000);
      const path = `/carts/${id}/items/${lineId}`;
      expect((await employee.patch(path, { quantity: 1001 }).expect(409)).body).toEqual(tooMuch);
      await owner.patch(`/items/${item}`, { tax_rate: 0.01 }).expect(200);
      expect((await employee.post(`/carts/${id}/complete`).expect(409)).body).toEqual(tooMuch);
      await employee.patch(path, { quantity: 999 }).expect(200);
      await employee.post(`/carts/${id}/complete`).expect(200);
    });

    it('to give back more than can be in stock', async () => {
      const { id: item } = await till.stock(10);
      const { id, lines } = await till.fill([item, 1]);
      await employee.patch(`/stock/${item}`, { quantity: 1_000_000_000 }).expect(200);
      for (const request of [
        employee.post(`/carts/${id}/delete`),
        employee.delete(`/carts/${id}/items`),
        employee.delete(`/carts/${id}/items/${lines[0]?.id}`),
      ]) {
        expect((await request.expect(409)).body).toMatchObject({ code: 'quantity_too_large' });
      }
      expect((await till.summaryOf(id)).items).toHaveLength(1);
    });

    const ONLY_A_SALE: Issue = {
      type: 'value_error',
      msg: 'Value error, only a sale has this: send complete as true',
    };
    it.each<[path: string, method: 'post' | 'patch', body: unknown, Issue, ...loc: (string | number)[]]>([
      ['/carts', 'post', [], NO_OBJECT],
      ['/carts', 'post', { desk_number: '' }, tooShort(1), 'desk_number'],
      ['/carts', 'post', { desk_number: 'd'.repeat(21) }, tooLong(20), 'desk_number'],
      ['/carts', 'post', { desk_number: 7 }, NO_STRING, 'desk_number'],
      ['/carts', 'post', { payments: [] }, ONLY_A_SALE, 'payments'],
      ['/carts', 'post', { occurred_at: '2026-03-01T07:00:00Z' }, ONLY_A_SALE, 'occurred_at'],
      ['/carts', 'post', { items: [{ item_id: 1 }] }, MISSING, 'items', 0, 'quantity'],
      ['/carts', 'post', { items: [{ quantity: 1 }] }, MISSING, 'items', 0, 'item_id'],
      ['/carts/1', 'patch', { desk_number: ' ' }, tooShort(1), 'desk_number'],
      ['/carts/1/items', 'post', { item_id: 1, quantity: 0 }, tooSmall(0.001), 'quantity'],
      ['/carts/1/items', 'post', { item_id: 1, quantity: -1 }, tooSmall(0.001), 'quantity'],
      ['/carts/1/items', 'post', { item_id: 1, quantity: 1e9 + 1 }, tooLarge(1e9), 'quantity'],
      ['/carts/1/items', 'post', { item_id: 1, quantity: 1.2345 }, tooManyPlaces(3), 'quantity'],
      ['/carts/1/items', 'post', { barcode: ' ' }, tooShort(1), 'barcode'],
      ['/carts/1/items', 'post', { barcode: 5 }, NO_STRING, 'barcode'],
      ['/carts/1/items/1', 'patch', {}, MISSING, 'quantity'],
      ['/carts/1/items/1', 'patch', { quantity: -0.001 }, tooSmall(0), 'quantity'],
      ['/carts/1/items/1/return', 'post', { quantity: 0 }, tooSmall(0.001), 'quantity'],
      ['/carts/1/complete', 'post', { payments: [{ method: 'cash' }] }, MISSING, 'payments', 0, 'amount'],
      [
        '/carts/1/complete',
        'post',
        { payments: [{ method: 'cash', amount: -1 }] },
        tooSmall(0),
        'payments',
        0,
        'amount',
      ],
      ['/carts/1/refunds', 'post', {}, MISSING, 'lines'],
      ['/carts/1/refunds', 'post', { lines: [{ quantity: 1 }] }, MISSING, 'lines', 0, 'cart_item_id'],
    ])('%s %s %j', async (path, method, body, issue, ...loc) => {
      const response = await employee[method](path, body as object).expect(422);
      expect(response.body).toEqual(refusal(issue, 'body', ...loc));
    });

    it('a method of payment that nobody has', async () => {
      for (const method of ['unspecified', 'cheque', null]) {
        const payments = [{ method, amount: 1 }];
        const { body } = await employee.post('/carts/1/complete', { payments }).expect(422);
        expect(body.detail).toMatchObject([{ type: 'enum', loc: ['body', 'payments', 0, 'method'] }]);
      }
    });
  });

  describe('work without a body', () => {
    it.each([
      ['and without a type', {}],
      ['and with a type', { 'Content-Type': 'application/json' }],
      ['and with a type that they do not take', { 'Content-Type': 'text/plain' }],
    ])('%s', async (_, headers) => {
      const { id: item } = await till.stock(10);
      const send = (path: string) =>
        supertest(shop.url)
          .post(`/api/v1${path}`)
          .set({ Authorization: `Bearer ${employee.accessToken}`, ...headers });
      const { body: cart } = await send('/carts').expect(201);
      const line = await till.add(cart.id, item, 2);
      await send(`/carts/${cart.id}/items/${line.id}/return/`).expect(204);
      await till.add(cart.id, item, 2);
      await send(`/carts/${cart.id}/complete/`).expect(200);
      const { body: other } = await send('/carts/').expect(201);
      await send(`/carts/${other.id}/delete/`).expect(200);
    });

    it('or with null', async () => {
      const { body } = await supertest(shop.url)
        .post('/api/v1/carts')
        .set({ Authorization: `Bearer ${employee.accessToken}`, 'Content-Type': 'application/json' })
        .send('null')
        .expect(201);
      expect(body).toMatchObject({ status: 'draft' });
    });
  });

  describe('have a desk number', () => {
    it('that is unique among drafts only', async () => {
      const { id } = await till.open({ desk_number: ' Terrace  1 ' });
      expect((await till.summaryOf(id)).cart.desk_number).toBe('Terrace 1');
      expect((await employee.post('/carts', { desk_number: 'Terrace 1' }).expect(409)).body).toEqual(
        DESK_TAKEN,
      );
      const other = await till.open({ desk_number: 'Terrace 2' });
      const taken = await employee.patch(`/carts/${other.id}`, { desk_number: 'Terrace 1' }).expect(409);
      expect(taken.body).toEqual(DESK_TAKEN);
      await employee.post(`/carts/${id}/delete`).expect(200);
      const { body } = await employee.patch(`/carts/${other.id}`, { desk_number: 'Terrace 1' }).expect(200);
      expect(body).toMatchObject({ id: other.id, desk_number: 'Terrace 1' });
      expect((await employee.patch(`/carts/${other.id}`, {}).expect(200)).body.desk_number).toBe('Terrace 1');
      expect(
        (await employee.patch(`/carts/${other.id}`, { desk_number: null }).expect(200)).body,
      ).toMatchObject({
        desk_number: null,
      });
    });

    it('that a sale which is completed at once may share with a draft', async () => {
      const { id: item } = await till.stock(10);
      await till.open({ desk_number: 'Bar' });
      const sale = { desk_number: 'Bar', items: [{ item_id: item, quantity: 1 }] };
      expect((await employee.post('/carts', sale).expect(409)).body).toEqual(DESK_TAKEN);
      expect(await till.stockOf(item)).toBe(10);
      await employee.post('/carts', { ...sale, complete: true }).expect(201);
    });
  });

  describe('are listed', () => {
    let other: Shop;
    let counter: Till;

    beforeAll(async () => {
      other = await Shop.open();
      counter = new Till(other.as(Role.Employee));
    });

    afterAll(() => other.close());

    it('without parameters by desk, those that are drafts', async () => {
      const { client } = counter;
      const { id: item } = await counter.stock(10);
      await counter.open();
      const [ten, two, bar] = [
        await counter.open({ desk_number: '10' }),
        await counter.open({ desk_number: '2' }),
        await counter.open({ desk_number: 'Bar' }),
      ];
      const sold = await counter.open({ desk_number: '1' });
      await counter.add(sold.id, item, 1);
      await client.post(`/carts/${sold.id}/complete`).expect(200);
      expect((await client.get('/carts').expect(200)).body).toEqual([two, ten, bar]);
      expect((await client.get('/carts/').expect(200)).body).toEqual([two, ten, bar]);
    });

    it('with a filter or a page newest first, whatever their status', async () => {
      const { client } = counter;
      const ids = async (query: string) =>
        (await client.get(`/carts?${query}`).expect(200)).body.map(
          ({ id }: { id: number }) => id,
        ) as number[];
      expect(await ids('limit=10')).toEqual([5, 4, 3, 2, 1]);
      expect(await ids('status=draft')).toEqual([4, 3, 2, 1]);
      expect(await ids('status=completed')).toEqual([5]);
      expect(await ids('status=deleted')).toEqual([]);
      expect(await ids('desk_number=2')).toEqual([3]);
      expect(await ids('desk_number=1&status=draft')).toEqual([]);
      const today = (await counter.summaryOf(5)).cart.account_date;
      expect(await ids(`account_date=${today}`)).toEqual([5]);
      expect(await ids('account_date=2020-01-01')).toEqual([]);
      expect(await ids('limit=10&sort=id')).toEqual([1, 2, 3, 4, 5]);
    });

    it('page by page', async () => {
      const { client } = counter;
      const first = await client.get('/carts?limit=2').expect(200);
      expect(first.headers['x-total-count']).toBe('5');
      const [, next = ''] = /<\/api\/v1([^>]+)>/.exec(String(first.headers.link)) ?? [];
      const second = await client.get(next).expect(200);
      expect(second.body.map(({ id }: { id: number }) => id)).toEqual([3, 2]);
    });

    it.each([
      ['status', 'open'],
      ['desk_number', ''],
      ['account_date', 'today'],
      ['account_date', '2026-3-1'],
      ['limit', '501'],
    ])('not with %s %j', async (name, value) => {
      const { body } = await counter.client.get(`/carts?${name}=${value}`).expect(422);
      expect(body.detail).toMatchObject([{ loc: ['query', name] }]);
    });
  });

  it('take the id of an item in place of that of its line', async () => {
    const { id: item } = await till.stock(10);
    const { id, lines } = await till.fill([item, 2]);
    expect(lines[0]?.id).not.toBe(item);
    const { body } = await employee.patch(`/carts/${id}/items/${item}`, { quantity: 3 }).expect(200);
    expect(body).toMatchObject({ id: lines[0]?.id, quantity: 3 });
    await employee.post(`/carts/${id}/items/${item}/return`, { quantity: 1 }).expect(200);
    await employee.delete(`/carts/${id}/items/${item}`).expect(204);
    expect(await till.stockOf(item)).toBe(10);
  });

  it('never give the id of a line again', async () => {
    const { id: item } = await till.stock(10);
    const { id, lines } = await till.fill([item, 1]);
    await employee.delete(`/carts/${id}/items`).expect(204);
    expect((await till.add(id, item, 1)).id).toBeGreaterThan(lines[0]?.id as number);
  });

  it('show the names and prices of today until they are completed, then those of the sale', async () => {
    const { id: item } = await till.stock(10, { name: 'Pears', sku: 'PEARS', unit_price: 1, tax_rate: 7 });
    const draft = await till.fill([item, 1]);
    const sold = await till.sell([item, 1]);
    const deleted = await till.fill([item, 1]);
    await employee.post(`/carts/${deleted.id}/delete`).expect(200);
    const dearer = { name: 'Quinces', sku: null, unit_price: 2, tax_rate: 19, discount_rate: 50 };
    await owner.patch(`/items/${item}`, dearer).expect(200);
    const after = { ...dearer, line_subtotal: 2, line_discount: 1, line_tax: 0.19, line_total: 1.19 };
    const before = { name: 'Pears', sku: 'PEARS', unit_price: 1, discount_rate: 0, line_total: 1.07 };
    expect((await till.summaryOf(draft.id)).items).toMatchObject([after]);
    expect((await till.summaryOf(sold.id)).items).toMatchObject([before]);
    expect((await till.summaryOf(deleted.id)).items).toMatchObject([before]);
  });

  it('keep their lines in the order in which they were added', async () => {
    const [first, second, third] = [await till.stock(), await till.stock(), await till.stock()];
    const { id } = await till.fill([third.id, 1], [first.id, 1], [second.id, 1]);
    await employee.patch(`/carts/${id}/items/${third.id}`, { quantity: 2 }).expect(200);
    const itemsOf = async () => (await till.summaryOf(id)).items.map(({ item_id }) => item_id);
    expect(await itemsOf()).toEqual([third.id, first.id, second.id]);
    await employee.post(`/carts/${id}/complete`).expect(200);
    expect(await itemsOf()).toEqual([third.id, first.id, second.id]);
  });

  it('name where what was created is', async () => {
    const { id: item } = await till.stock(10);
    const created = await employee.post('/carts').expect(201);
    expect(created.headers.location).toBe(`/api/v1/carts/${created.body.id}`);
    const path = `/carts/${created.body.id}`;
    const added = await employee.post(`${path}/items`, { item_id: item, quantity: 1 }).expect(201);
    expect(added.headers.location).toBe(`/api/v1${path}`);
    await employee.post(`${path}/complete`).expect(200);
    const lines = [{ cart_item_id: added.body.id, quantity: 1 }];
    const refunded = await employee.post(`${path}/refunds`, { lines }).expect(201);
    expect(refunded.headers.location).toBe(`/api/v1${path}`);
  });

  describe('with an Idempotency-Key', () => {
    it.each<
      [string, (cart: { id: number; line: number; item: number; other: number }) => [string, string, object?]]
    >([
      ['create', () => ['post', '/carts']],
      ['change', ({ id }) => ['patch', `/carts/${id}`, { desk_number: `desk ${id}` }]],
      ['add', ({ id, other }) => ['post', `/carts/${id}/items`, { item_id: other, quantity: 1 }]],
      ['change a line', ({ id, line }) => ['patch', `/carts/${id}/items/${line}`, { quantity: 3 }]],
      ['empty a line', ({ id, line }) => ['patch', `/carts/${id}/items/${line}`, { quantity: 0 }]],
      ['return a part', ({ id, line }) => ['post', `/carts/${id}/items/${line}/return`, { quantity: 1 }]],
      ['return all', ({ id, line }) => ['post', `/carts/${id}/items/${line}/return`]],
      ['complete', ({ id }) => ['post', `/carts/${id}/complete`]],
      ['delete', ({ id }) => ['post', `/carts/${id}/delete`]],
    ])('%s once, and answer the same again', async (name, requestFor) => {
      const { id: item } = await till.stock(10);
      const { id: other } = await till.stock(10);
      const cart = await till.fill([item, 2]);
      const [method, path, body] = requestFor({
        id: cart.id,
        line: cart.lines[0]?.id as number,
        item,
        other,
      });
      const send = () =>
        employee[method as 'post' | 'patch'](path, body).set('Idempotency-Key', `${name} ${cart.id}`);
      const first = await send();
      expect(first.status).toBeLessThan(300);
      const after = [await till.summaryOf(cart.id), await till.stockOf(item), await till.stockOf(other)];
      const again = await send();
      expect(again.headers['idempotency-replayed']).toBe('true');
      const shown = ({ status, text, headers }: typeof first) => [status, text, headers.location];
      expect(shown(again)).toEqual(shown(first));
      expect([await till.summaryOf(cart.id), await till.stockOf(item), await till.stockOf(other)]).toEqual(
        after,
      );
    });
  });
});
