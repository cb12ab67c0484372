import { Role } from '../src/platform/authorization/role.js';
import type { LowStockResponse } from '../src/stock/dto/low-stock-response.dto.js';
import { createCategory, createItem, createStock } from './support/catalogue.js';
import type { Client } from './support/client.js';
import { Shop } from './support/shop.js';

describe('Low stock', () => {
  let shop: Shop;
  let employee: Client;
  let category_id: number;

  beforeEach(async () => {
    ({ id: category_id } = await createCategory(employee));
  });

  beforeAll(async () => {
    shop = await Shop.open();
    employee = shop.as(Role.Employee);
  });

  afterAll(() => shop.close());

  /** What is low among the items of the test. */
  async function low(): Promise<LowStockResponse[]> {
    const { body } = await employee.get('/stock/low').expect(200);
    return (body as LowStockResponse[]).filter((entry) => entry.category_id === category_id);
  }

  async function lowNames(): Promise<string[]> {
    return (await low()).map(({ item_name }) => item_name);
  }

  async function stocked(
    name: string,
    quantity: number,
    low_stock_threshold: number | null,
    values: object = {},
  ): Promise<number> {
    const { id } = await createItem(employee, { category_id, name, low_stock_threshold, ...values });
    await createStock(employee, { item_id: id, quantity });
    return id;
  }

  it('shows each entry beside its item, its category, and how much to order', async () => {
    const category = await createCategory(employee, { name: 'Fruit' });
    const values = { category_id: category.id, name: 'Pears', sku: 'FP-PEAR', unit_type: 'kg' };
    const item = await createItem(employee, {
      ...values,
      low_stock_threshold: 2.5,
      reorder_quantity: 12.125,
    });
    const { id: stock_entry_id } = await createStock(employee, { item_id: item.id, quantity: 0.3 });
    const { body } = await employee.get('/stock/low').expect(200);
    expect(body).toContainEqual({
      stock_entry_id,
      item_id: item.id,
      item_name: 'Pears',
      sku: 'FP-PEAR',
      category_id: category.id,
      category_name: 'Fruit',
      unit_type: 'kg',
      quantity: 0.3,
      low_stock_threshold: 2.5,
      reorder_quantity: 12.125,
    });
  });

  it('begins at the threshold, and not a gram above', async () => {
    await stocked('below', 4.999, 5);
    await stocked('at', 5, 5);
    await stocked('above', 5.001, 5);
    expect(await lowNames()).toEqual(['below', 'at']);
  });

  it('is not for items without a threshold, in stock or not', async () => {
    await stocked('unwatched', 0, null);
    await createItem(employee, { category_id, name: 'nowhere' });
    expect(await low()).toEqual([]);
  });

  it('is first of all what is not in stock, never was or no longer is', async () => {
    await stocked('a, out', 0, 5);
    const { id } = await createItem(employee, {
      ...{ category_id, name: 'never stocked', low_stock_threshold: 5, reorder_quantity: 10 },
    });
    await createItem(employee, { category_id, name: 'Ever, watched at zero', low_stock_threshold: 0 });
    const removed = await stocked('taken out', 7, 5);
    expect(await lowNames()).toEqual(['Ever, watched at zero', 'never stocked', 'a, out']);
    await employee.delete(`/stock/${removed}`).expect(204);
    expect(await lowNames()).toEqual(['Ever, watched at zero', 'never stocked', 'taken out', 'a, out']);
    expect((await low())[1]).toMatchObject({
      ...{ stock_entry_id: null, item_id: id, quantity: 0, low_stock_threshold: 5, reorder_quantity: 10 },
    });
    await createStock(employee, { item_id: id, quantity: 1 });
    expect(await lowNames()).toEqual(['Ever, watched at zero', 'taken out', 'a, out', 'never stocked']);
  });

  it('has another tag whenever an item comes, goes, or leaves the stock', async () => {
    const tagAfter = async (change?: () => Promise<unknown>): Promise<string> => {
      await change?.();
      return (await employee.get('/stock/low').expect(200)).headers.etag ?? '';
    };
    const tags = [await tagAfter()];
    const { id } = await createItem(employee, { category_id, low_stock_threshold: 1 });
    tags.push(await tagAfter());
    tags.push(await tagAfter(() => createStock(employee, { item_id: id, quantity: 9 })));
    tags.push(await tagAfter(() => employee.delete(`/stock/${id}`).expect(204)));
    tags.push(await tagAfter(() => employee.patch(`/items/${id}`, { low_stock_threshold: 2 }).expect(200)));
    tags.push(await tagAfter(() => employee.delete(`/items/${id}`).expect(204)));
    expect(new Set(tags).size).toBe(tags.length);
  });

  it('is what has run out when the threshold is zero', async () => {
    await stocked('gone', 0, 0);
    await stocked('almost gone', 0.001, 0);
    expect(await low()).toMatchObject([
      { item_name: 'gone', low_stock_threshold: 0, reorder_quantity: null },
    ]);
  });

  it('comes in the order of the share that is left, whatever the unit, then by name', async () => {
    await stocked('Half of many', 500, 1000);
    await stocked('a tenth of few', 0.3, 3);
    await stocked('Zest, out', 0, 10);
    await stocked('äpfel, out', 0, 1);
    await stocked('Nuts, out, watched at zero', 0, 0);
    await stocked('third of three', 1, 3);
    await stocked('Third of nine', 3, 9);
    await stocked('all of it', 7, 7);
    expect(await lowNames()).toEqual([
      'äpfel, out',
      'Nuts, out, watched at zero',
      'Zest, out',
      'a tenth of few',
      'Third of nine',
      'third of three',
      'Half of many',
      'all of it',
    ]);
  });

  it('keeps apart by their ids what sorts alike', async () => {
    const ids = [await stocked('Twin', 1, 2), await stocked('TWIN', 2, 4), await stocked('twin', 3, 6)];
    expect((await low()).map(({ item_id }) => item_id)).toEqual(ids);
  });

  it('follows the quantity and the threshold', async () => {
    const id = await stocked('Lentils', 6, 5);
    expect(await lowNames()).toEqual([]);
    await employee.patch(`/stock/${id}`, { quantity: 5 }).expect(200);
    expect(await lowNames()).toEqual(['Lentils']);
    await employee.patch(`/items/${id}`, { low_stock_threshold: 4.999 }).expect(200);
    expect(await lowNames()).toEqual([]);
    await employee.patch(`/items/${id}`, { low_stock_threshold: '1e3', reorder_quantity: '25' }).expect(200);
    expect(await low()).toMatchObject([{ low_stock_threshold: 1000, reorder_quantity: 25 }]);
    await employee.patch(`/items/${id}`, { low_stock_threshold: null }).expect(200);
    expect(await lowNames()).toEqual([]);
  });

  it('is found with a trailing slash as well', async () => {
    await stocked('Slashed', 0, 1);
    const { body } = await employee.get('/stock/low/').expect(200);
    expect(body).toEqual((await employee.get('/stock/low').expect(200)).body);
  });
});
