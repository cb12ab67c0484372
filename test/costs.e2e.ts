import { Role } from '../src/platform/authorization/role.js';
import { createItem, createStock, userIdOf } from './support/catalogue.js';
import type { Client } from './support/client.js';
import { EventReader } from './support/event-reader.js';
import { Shop } from './support/shop.js';

const COST = 1.0625;
const BARCODE = '4006381333931';

describe('Costs', () => {
  let shop: Shop;
  let owner: Client;
  let employee: Client;
  let itemId: number;
  let movementId: number;

  beforeAll(async () => {
    shop = await Shop.open();
    owner = shop.as(Role.MarketOwner);
    employee = shop.as(Role.Employee);
    itemId = (
      await createItem(owner, { name: 'Red Apples', barcode: BARCODE, unit_price: 3.99, unit_cost: COST })
    ).id;
    await createStock(owner, { item_id: itemId, quantity: 10 });
    movementId = (await move(employee, { delta: -1, reason: 'sale' }, 201)).id;
  });

  afterAll(() => shop.close());

  async function move(client: Client, movement: object, status: number): Promise<{ id: number }> {
    return (await client.post(`/stock/${itemId}/movements`, movement).expect(status)).body;
  }

  async function costOf(client: Client): Promise<unknown> {
    return (await client.get(`/items/${itemId}`).expect(200)).body.unit_cost;
  }

  /** Every response that can have a cost. */
  const READS: [string, () => string][] = [
    ['an item', () => `/items/${itemId}`],
    ['all items', () => '/items'],
    ['a page of items', () => '/items?limit=5'],
    ['a search', () => '/items/search?q=apples'],
    ['a scanned item', () => `/items/by-barcode/${BARCODE}`],
    ['the prices of an item', () => `/items/${itemId}/prices`],
    ['a movement', () => `/stock/movements/${movementId}`],
    ['the movements of an item', () => `/stock/${itemId}/movements`],
    ['all movements', () => '/stock/movements'],
  ];

  it.each(READS)(
    'are in %s for owners, and not there for employees, whoever reads first',
    async (_, path) => {
      for (const reader of [owner, employee, owner, employee]) {
        const { text } = await reader.get(path()).expect(200);
        expect({ reader: reader === owner, hasCost: text.includes('cost') }).toEqual({
          reader: reader === owner,
          hasCost: reader === owner,
        });
      }
    },
  );

  it.each(READS.filter(([name]) => !name.startsWith('a scanned') && !name.startsWith('the prices')))(
    'do not let the tag of %s stand for what somebody else sees',
    async (_, path) => {
      const [owners, employees] = [await owner.get(path()), await employee.get(path())];
      expect(owners.headers.etag).not.toBe(employees.headers.etag);
      await employee
        .get(path())
        .set('If-None-Match', owners.headers.etag as string)
        .expect(200);
      await owner
        .get(path())
        .set('If-None-Match', employees.headers.etag as string)
        .expect(200);
      await owner
        .get(path())
        .set('If-None-Match', owners.headers.etag as string)
        .expect(304);
      await employee
        .get(path())
        .set('If-None-Match', employees.headers.etag as string)
        .expect(304);
    },
  );

  it('let an item be changed with the tag that its reader has', async () => {
    for (const client of [owner, employee]) {
      const { headers } = await client.get(`/items/${itemId}`).expect(200);
      await client
        .patch(`/items/${itemId}`, { description: 'Crisp' })
        .set('If-Match', headers.etag as string)
        .expect(200);
      await client
        .patch(`/items/${itemId}`, { description: 'Sweet' })
        .set('If-Match', headers.etag as string)
        .expect(412);
    }
  });

  it('are not in what an employee creates, changes or records', async () => {
    const { category_id } = await createItem(employee);
    const created = await employee.post('/items', { category_id, name: 'Pears', unit_price: 1 }).expect(201);
    const changed = await employee.patch(`/items/${itemId}`, { description: null }).expect(200);
    const recorded = await employee
      .post(`/stock/${itemId}/movements`, { delta: 1, reason: 'delivery' })
      .expect(201);
    for (const { text } of [created, changed, recorded]) expect(text).not.toContain('cost');
  });

  it.each([COST, 0, null])('are not taken from employees: %s', async (unit_cost) => {
    const { category_id } = await createItem(employee);
    const delivery = { delta: 1, reason: 'delivery', unit_cost };
    const before = (await employee.get(`/stock/${itemId}`).expect(200)).body;
    await employee.post('/items', { category_id, name: 'Plums', unit_price: 1, unit_cost }).expect(403);
    await employee.patch(`/items/${itemId}`, { unit_cost }).expect(403);
    await employee.post(`/stock/${itemId}/movements`, delivery).expect(403);
    await employee
      .post('/stock/movements/batch', { movements: [{ item_id: itemId, ...delivery }] })
      .expect(403);
    expect(await costOf(owner)).toBe(COST);
    expect((await employee.get(`/stock/${itemId}`).expect(200)).body).toEqual(before);
  });

  it.each([-0.0001, 1.00001, 'free'])('refuse %s', async (unit_cost) => {
    const { body } = await owner.patch(`/items/${itemId}`, { unit_cost }).expect(422);
    expect(body.detail[0].loc).toEqual(['body', 'unit_cost']);
  });

  it('come with a delivery, and with nothing else; movements keep those of their time', async () => {
    const { id } = await move(owner, { delta: 5, reason: 'delivery', unit_cost: 1.25 }, 201);
    expect(await costOf(owner)).toBe(1.25);
    const { body } = await owner.get(`/stock/movements/${id}`).expect(200);
    expect(body).toMatchObject({ unit_price: 3.99, unit_cost: 1.25 });
    await move(owner, { delta: -1, reason: 'sale', unit_cost: 1 }, 422);
    await owner.patch(`/items/${itemId}`, { unit_price: 4.5, unit_cost: COST }).expect(200);
    expect((await owner.get(`/stock/movements/${id}`).expect(200)).body).toEqual(body);
    const { body: ledger } = await owner.get('/stock/ledger/verify').expect(200);
    expect(ledger).toMatchObject({ problems: 0 });
  });

  it('are listed with prices and rates, newest first, also of a deleted item', async () => {
    const item = await createItem(owner, { unit_price: 1 });
    await owner.patch(`/items/${item.id}`, { unit_price: 2 }).expect(200);
    await owner.patch(`/items/${item.id}`, { name: 'No price' }).expect(200);
    await employee.patch(`/items/${item.id}`, { tax_rate: 7, discount_rate: 5 }).expect(200);
    await owner.patch(`/items/${item.id}`, { unit_cost: 0.5 }).expect(200);
    await owner.delete(`/items/${item.id}`).expect(204);
    const { body } = await owner.get(`/items/${item.id}/prices`).expect(200);
    expect(body).toMatchObject([
      { unit_price: 2, tax_rate: 7, discount_rate: 5, unit_cost: 0.5 },
      { unit_price: 2, tax_rate: 7, discount_rate: 5, unit_cost: null, created_by: await userIdOf(employee) },
      { unit_price: 2, tax_rate: 0, discount_rate: 0, unit_cost: null },
      { unit_price: 1, tax_rate: 0, discount_rate: 0, unit_cost: null, created_by: await userIdOf(owner) },
    ]);
    await owner.get('/items/99999/prices').expect(404);
  });

  it('are in the stream of movements for owners only', async () => {
    const open = (client: Client) =>
      EventReader.open(`${shop.url}/api/v1/stock/stream?after=0`, client.accessToken);
    const [owners, employees] = [await open(owner), await open(employee)];
    const { headers } = await owner.get('/stock/movements').expect(200);
    const recorded = Number(headers['x-total-count']);
    await Promise.all([owners.atLeast(recorded), employees.atLeast(recorded)]);
    await Promise.all([owners.close(), employees.close()]);
    expect(owners.events.every(({ data }) => 'unit_cost' in data)).toBe(true);
    expect(employees.events.some(({ data }) => 'unit_cost' in data)).toBe(false);
  });
});
