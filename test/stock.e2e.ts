import { Role } from '../src/platform/authorization/role.js';
import type { CategoryStockResponse } from '../src/stock/dto/category-stock-response.dto.js';
import type {
  ListedStockEntryResponse,
  StockEntryResponse,
} from '../src/stock/dto/stock-entry-response.dto.js';
import { createCategory, createItem, createStock, userIdOf } from './support/catalogue.js';
import type { Client } from './support/client.js';
import { INTEGERS_OF_NOTHING, NO_INTEGERS } from './support/path-ids.js';
import { MISSING, NO_INTEGER_IN_STRING, type Issue, refusal, tooLarge, tooSmall } from './support/issues.js';
import { refusedDecimals, refusedIds, shown } from './support/refused-values.js';
import { Shop } from './support/shop.js';

const ISO_UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const NO_ITEM = { detail: 'Item not found', code: 'item_not_found' };
const NOT_IN_STOCK = { detail: 'The item is not in stock', code: 'not_in_stock' };
const IN_STOCK = { detail: 'The item is in stock already', code: 'already_in_stock' };

const named = ([field, value, issue]: [string, unknown, Issue]): [string, string, unknown, Issue] => [
  field,
  shown(value),
  value,
  issue,
];
const REFUSED_QUANTITIES = refusedDecimals('quantity', { places: 3, max: 1_000_000_000 }).map(named);

describe('Stock', () => {
  let shop: Shop;
  let employee: Client;

  beforeAll(async () => {
    shop = await Shop.open();
    employee = shop.as(Role.Employee);
  });

  afterAll(() => shop.close());

  async function listed(): Promise<ListedStockEntryResponse[]> {
    return (await employee.get('/stock').expect(200)).body;
  }

  async function expectStored(entry: StockEntryResponse): Promise<void> {
    expect((await employee.get(`/stock/${entry.item_id}`).expect(200)).body).toEqual(entry);
  }

  async function expectNotInStock(itemId: number): Promise<void> {
    expect((await employee.get(`/stock/${itemId}`).expect(404)).body).toEqual(NOT_IN_STOCK);
  }

  describe('adding', () => {
    it('answers the entry with all its fields', async () => {
      const by = await userIdOf(employee);
      const { id: item_id } = await createItem(employee);
      const before = new Date().toISOString();
      const { body } = await employee.post('/stock', { item_id, quantity: 12.5 }).expect(201);
      expect(body).toEqual({
        id: expect.any(Number),
        item_id,
        quantity: 12.5,
        created_by: by,
        updated_by: by,
        created_at: expect.stringMatching(ISO_UTC),
        updated_at: body.created_at,
      });
      expect(body.created_at >= before && body.created_at <= new Date().toISOString()).toBe(true);
      await expectStored(body);
    });

    it('drops fields that an entry does not have, or that are not for the client to set', async () => {
      const { id: item_id } = await createItem(employee);
      const sent = { item_id, quantity: 1, id: 4711, created_by: 4711, created_at: 'x', colour: 'green' };
      const { body } = await employee.post('/stock', sent).expect(201);
      expect(Object.keys(body).sort()).toEqual(
        ['id', 'item_id', 'quantity', 'created_by', 'updated_by', 'created_at', 'updated_at'].sort(),
      );
      expect(body.id).not.toBe(sent.id);
      expect(body.created_by).toBe(await userIdOf(employee));
    });

    it('answers 409 the second time, whatever the quantity, and changes nothing', async () => {
      const entry = await createStock(employee, { quantity: 5 });
      for (const quantity of [5, 6]) {
        const { body } = await employee.post('/stock', { item_id: entry.item_id, quantity }).expect(409);
        expect(body).toEqual(IN_STOCK);
      }
      await expectStored(entry);
      expect((await listed()).filter(({ item_id }) => item_id === entry.item_id)).toMatchObject([entry]);
    });

    it.each([0, -1, 2_000_000_000, 2 ** 31, 2 ** 63, '99999999999999999999'])(
      'answers 404 to the item %j, which is none',
      async (item_id) => {
        const before = await listed();
        const { body } = await employee.post('/stock', { item_id, quantity: 1 }).expect(404);
        expect(body).toEqual(NO_ITEM);
        expect(await listed()).toEqual(before);
      },
    );

    it.each([...REFUSED_QUANTITIES, ...refusedIds('item_id').map(named)])(
      'answers 422 to the %s %s',
      async (field, _, value, issue) => {
        const { id: item_id } = await createItem(employee);
        const { body } = await employee.post('/stock', { item_id, quantity: 1, [field]: value }).expect(422);
        expect(body).toEqual(refusal(issue, 'body', field));
        await expectNotInStock(item_id);
      },
    );

    it.each(['item_id', 'quantity'])('answers 422 without %s', async (field) => {
      const { id: item_id } = await createItem(employee);
      const { body } = await employee
        .post('/stock', { item_id, quantity: 1, [field]: undefined })
        .expect(422);
      expect(body).toEqual(refusal(MISSING, 'body', field));
      await expectNotInStock(item_id);
    });
  });

  describe('a quantity', () => {
    // Source text of the JSON sent, and of the JSON answered.
    it.each([
      ['0', '0'],
      ['-0', '0'],
      ['0.001', '0.001'],
      ['"0.001"', '0.001'],
      ['1e-3', '0.001'],
      ['0.1', '0.1'],
      ['0.2', '0.2'],
      ['0.3', '0.3'],
      ['1.005', '1.005'],
      ['3.9900', '3.99'],
      ['"3.99"', '3.99'],
      ['"1e2"', '100'],
      ['2.675', '2.675'],
      ['12.345', '12.345'],
      ['999999999.999', '999999999.999'],
      ['1000000000', '1000000000'],
      // Float noise of a client that calculates.
      ['1.2999999999999998', '1.3'],
      ['0.30000000000000004', '0.3'],
      ['5.551115123125783e-17', '0'],
      ['-5.551115123125783e-17', '0'],
      ['999999999.9990001', '999999999.999'],
      ['1000000000.0000001', '1000000000'],
    ])('sent as %s is answered as %s', async (sent, answered) => {
      const { id } = await createItem(employee);
      const json = `{"item_id": ${id}, "quantity": ${sent}}`;
      const created = await employee.post('/stock').type('json').send(json).expect(201);
      const updated = await employee.patch(`/stock/${id}`).type('json').send(json).expect(200);
      const stored = await employee.get(`/stock/${id}`).expect(200);
      const inCategory = await employee.get('/stock/by-category').expect(200);
      for (const { text } of [created, updated, stored]) expect(text).toContain(`"quantity":${answered},`);
      expect(inCategory.text).toMatch(
        new RegExp(`"item_id":${id},[^}]*"quantity":${answered.replace('.', '\\.')}}`),
      );
    });
  });

  describe('listing', () => {
    it('sorts by item, and answers each entry as it is answered alone, with the name and SKU of the item', async () => {
      const items = [
        await createItem(employee, { sku: 'LISTED-1' }),
        await createItem(employee),
        await createItem(employee),
      ];
      const entries: ListedStockEntryResponse[] = [];
      for (const { id, name, sku } of [...items].reverse()) {
        entries.push({ ...(await createStock(employee, { item_id: id })), item_name: name, sku });
      }
      const all = await listed();
      expect(all.map(({ item_id }) => item_id)).toEqual(
        all.map(({ item_id }) => item_id).sort((one, other) => one - other),
      );
      expect(all.slice(-3)).toEqual(entries.reverse());
    });

    it.each(['', '?limit=500', '?sort=-quantity&limit=500', '?updated_since=2000-01-01T00:00:00Z'])(
      'shows the name and the SKU that an item has now (%s)',
      async (query) => {
        const { item_id } = await createStock(employee);
        const shown = async () => {
          const { body, headers } = await employee.get(`/stock${query}`).expect(200);
          const entry = (body as ListedStockEntryResponse[]).find((one) => one.item_id === item_id);
          return { tag: headers.etag ?? '', item_name: entry?.item_name, sku: entry?.sku };
        };
        const { tag } = await shown();
        await employee.patch(`/items/${item_id}`, { name: 'Renamed', sku: `R-${item_id}` }).expect(200);
        await employee.get(`/stock${query}`).set('If-None-Match', tag).expect(200);
        expect(await shown()).toMatchObject({ item_name: 'Renamed', sku: `R-${item_id}` });
        await employee.delete(`/items/${item_id}`).expect(204);
        expect(await shown()).toMatchObject({ item_name: undefined });
      },
    );

    it('leaves out items that are not in stock', async () => {
      const { id } = await createItem(employee);
      expect((await listed()).map(({ item_id }) => item_id)).not.toContain(id);
      await expectNotInStock(id);
    });
  });

  describe('updating', () => {
    it('changes the quantity, and says who changed it when', async () => {
      const entry = await createStock(employee, { quantity: 5 });
      const owner = shop.as(Role.MarketOwner);
      const before = new Date().toISOString();
      const { body } = await owner.patch(`/stock/${entry.item_id}`, { quantity: 7.25 }).expect(200);
      expect(body).toEqual({
        ...entry,
        quantity: 7.25,
        updated_by: await userIdOf(owner),
        updated_at: expect.stringMatching(ISO_UTC),
      });
      expect(body.updated_at >= before).toBe(true);
      expect(body.updated_by).not.toBe(body.created_by);
      await expectStored(body);
    });

    it('drops unknown fields and those of the program', async () => {
      const entry = await createStock(employee);
      const other = await createItem(employee);
      const sent = { quantity: 2, id: 4711, item_id: other.id, created_by: 4711, updated_by: 4711 };
      const { body } = await employee.patch(`/stock/${entry.item_id}`, sent).expect(200);
      expect(body).toEqual({ ...entry, quantity: 2, updated_at: expect.stringMatching(ISO_UTC) });
      await expectNotInStock(other.id);
    });

    it('answers 404 for an item that is not in stock, and puts nothing there', async () => {
      const { id } = await createItem(employee);
      expect((await employee.patch(`/stock/${id}`, { quantity: 1 }).expect(404)).body).toEqual(NOT_IN_STOCK);
      await expectNotInStock(id);
    });

    describe('with what it does not take', () => {
      let entry: StockEntryResponse;

      beforeAll(async () => {
        entry = await createStock(employee, { quantity: 5 });
      });

      it.each(REFUSED_QUANTITIES)(
        'answers 422 to the %s %s, and changes nothing',
        async (field, _, value, issue) => {
          const { body } = await employee.patch(`/stock/${entry.item_id}`, { quantity: value }).expect(422);
          expect(body).toEqual(refusal(issue, 'body', field));
          await expectStored(entry);
        },
      );

      it('answers 422 without a quantity', async () => {
        const { body } = await employee.patch(`/stock/${entry.item_id}`, {}).expect(422);
        expect(body).toEqual(refusal(MISSING, 'body', 'quantity'));
        await expectStored(entry);
      });

      it.each([
        ['the least below zero', -0.001, tooSmall(0)],
        ['the least above the most', 1_000_000_000.001, tooLarge(1_000_000_000)],
      ])('answers 422 to %s', async (_, quantity, issue) => {
        const { body } = await employee.patch(`/stock/${entry.item_id}`, { quantity }).expect(422);
        expect(body).toEqual(refusal(issue, 'body', 'quantity'));
        await expectStored(entry);
      });
    });
  });

  describe('removing', () => {
    it('answers 204 without a body, leaves the item, and lets it be added again', async () => {
      const item = await createItem(employee);
      const entry = await createStock(employee, { item_id: item.id });
      const { text } = await employee.delete(`/stock/${item.id}`).expect(204);
      expect(text).toBe('');
      await expectNotInStock(item.id);
      expect((await employee.delete(`/stock/${item.id}`).expect(404)).body).toEqual(NOT_IN_STOCK);
      expect((await employee.get(`/items/${item.id}`).expect(200)).body).toEqual(item);
      expect((await createStock(employee, { item_id: item.id })).id).not.toBe(entry.id);
    });
  });

  describe('an id in the path', () => {
    const methods = ['get', 'patch', 'delete'] as const;

    it.each(NO_INTEGERS)('is 422 when it is %s', async (_, id) => {
      for (const method of methods) {
        const { body } = await employee[method](`/stock/${id}`, { quantity: 1 }).expect(422);
        expect(body).toEqual(refusal(NO_INTEGER_IN_STRING, 'path', 'item_id'));
      }
    });

    it.each(INTEGERS_OF_NOTHING)('is 404 when it is %s', async (_, id) => {
      for (const method of methods) {
        const { body } = await employee[method](`/stock/${id}`, { quantity: 1 }).expect(404);
        expect(body).toEqual(NOT_IN_STOCK);
      }
    });
  });

  it('answers every path with a trailing slash as well', async () => {
    const { id: item_id } = await createItem(employee);
    const { body: entry } = await employee.post('/stock/', { item_id, quantity: 1 }).expect(201);
    expect((await employee.get('/stock/').expect(200)).body).toEqual(await listed());
    expect((await employee.get('/stock/by-category/').expect(200)).body).toEqual(
      (await employee.get('/stock/by-category').expect(200)).body,
    );
    expect((await employee.get(`/stock/${item_id}/`).expect(200)).body).toEqual(entry);
    const { body } = await employee.patch(`/stock/${item_id}/`, { quantity: 2 }).expect(200);
    expect(body).toMatchObject({ item_id, quantity: 2 });
    await employee.delete(`/stock/${item_id}/`).expect(204);
    await expectNotInStock(item_id);
  });
});

describe('Stock by category', () => {
  let shop: Shop;
  let employee: Client;

  beforeAll(async () => {
    shop = await Shop.open();
    employee = shop.as(Role.Employee);
  });

  afterAll(() => shop.close());

  async function grouped(): Promise<CategoryStockResponse[]> {
    return (await employee.get('/stock/by-category').expect(200)).body;
  }

  it('is an empty list before anything is in stock', async () => {
    await createItem(employee);
    expect(await grouped()).toEqual([]);
  });

  it('groups what is in stock by category, both sorted by name as people do', async () => {
    const stock: Record<string, string[]> = {
      Zest: ['Lemon'],
      bakery: ['rolls', 'Éclair', 'Baguette'],
      Äpfel: ['Gala', 'boskoop'],
    };
    const expected = new Map<string, object>();
    for (const [category_name, names] of Object.entries(stock)) {
      const { id: category_id } = await createCategory(employee, { name: category_name });
      const items = [];
      for (const name of names) {
        const form = {
          description: `${name}, fresh`,
          barcode: '4006381333931',
          image_url: 'https://shop.example/a.jpg',
          tax_rate: 7,
          discount_rate: 2.5,
        };
        const values = { category_id, name, unit_price: 3.99, unit_type: 'kg', sku: `SKU-${name}`, ...form };
        const item = await createItem(employee, values);
        const entry = await createStock(employee, { item_id: item.id, quantity: 0.3 });
        items.push({
          stock_entry_id: entry.id,
          item_id: item.id,
          category_id,
          item_name: name,
          sku: item.sku,
          ...form,
          unit_type: 'kg',
          unit_price: 3.99,
          quantity: 0.3,
        });
      }
      await createItem(employee, { category_id, name: 'Not in stock' });
      // Created in the reverse of their order.
      expected.set(category_name, { category_id, category_name, items: items.reverse() });
    }
    expect(await grouped()).toEqual(['Äpfel', 'bakery', 'Zest'].map((name) => expected.get(name)));
  });

  it('follows an item to another category, under another name, and out of stock', async () => {
    const home = await createCategory(employee, { name: 'Moving: from' });
    const goal = await createCategory(employee, { name: 'Moving: to' });
    const item = await createItem(employee, { category_id: home.id, name: 'Mover', sku: null });
    await createStock(employee, { item_id: item.id, quantity: 2 });
    const places = async () =>
      (await grouped()).flatMap(({ category_id, items }) =>
        items.filter(({ item_id }) => item_id === item.id).map((found) => ({ group: category_id, ...found })),
      );
    expect(await places()).toMatchObject([
      { group: home.id, category_id: home.id, item_name: 'Mover', sku: null, quantity: 2 },
    ]);

    await employee.patch(`/items/${item.id}`, { category_id: goal.id, name: 'Moved' }).expect(200);
    await employee.patch(`/stock/${item.id}`, { quantity: 0 }).expect(200);
    expect(await places()).toMatchObject([
      { group: goal.id, category_id: goal.id, item_name: 'Moved', quantity: 0 },
    ]);

    await employee.delete(`/stock/${item.id}`).expect(204);
    expect(await places()).toEqual([]);
    expect((await grouped()).map(({ category_id }) => category_id)).not.toContain(goal.id);
  });

  it('keeps two categories apart whose names sort alike', async () => {
    const pair = [
      await createCategory(employee, { name: 'Twins' }),
      await createCategory(employee, { name: 'TWINS' }),
    ];
    // One in each in turn, so that an order by name alone would mix them.
    for (const name of ['a', 'b']) {
      for (const { id } of pair) {
        const item = await createItem(employee, { category_id: id, name });
        await createStock(employee, { item_id: item.id });
      }
    }
    const twins = (await grouped()).filter(({ category_name }) => /^twins$/i.test(String(category_name)));
    expect(twins.map(({ items }) => items.map(({ item_name }) => item_name))).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
  });
});
