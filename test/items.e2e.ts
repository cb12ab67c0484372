import { Role } from '../src/platform/authorization/role.js';
import type { ItemResponse } from '../src/items/dto/item-response.dto.js';
import { createCategory, createItem, createStock, userIdOf } from './support/catalogue.js';
import type { Client } from './support/client.js';
import { INTEGERS_OF_NOTHING, NO_INTEGERS } from './support/path-ids.js';
import {
  MISSING,
  NO_DECIMAL_IN_STRING,
  NO_INTEGER_IN_STRING,
  NO_TEXT,
  type Issue,
  refusal,
  tooLarge,
  tooShort,
} from './support/issues.js';
import { refusedDecimals, refusedIds, refusedTexts, refusedUrls, shown } from './support/refused-values.js';
import { Shop } from './support/shop.js';

const ISO_UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const NOT_FOUND = { detail: 'Item not found', code: 'item_not_found' };
const NO_CATEGORY = { detail: 'Category not found', code: 'category_not_found' };
const SKU_TAKEN = { detail: 'An item with this SKU already exists', code: 'sku_taken' };
const NO_ID = 2_000_000_000;

const FIELDS = [
  ...['id', 'category_id', 'name', 'description', 'sku', 'barcode', 'image_url', 'unit_price', 'unit_type'],
  ...['tax_rate', 'discount_rate', 'low_stock_threshold', 'reorder_quantity'],
  ...['created_by', 'updated_by', 'created_at', 'updated_at'],
];

const REFUSED_VALUES = [
  ...refusedTexts('name', { min: 1, max: 200, nullable: false }),
  ...refusedTexts('description', { min: 0, max: 2000, nullable: true }),
  ...refusedTexts('sku', { min: 1, max: 50, nullable: true }),
  ...refusedTexts('barcode', { min: 0, max: 50, nullable: true }),
  ...refusedTexts('image_url', { min: 0, max: 500, nullable: true }),
  ...refusedUrls('image_url'),
  ...refusedTexts('unit_type', { min: 1, max: 20, nullable: false }),
  ...refusedDecimals('unit_price', { places: 2, max: 1_000_000_000 }),
  ...refusedDecimals('tax_rate', { places: 2, max: 100, nullable: true }),
  ...refusedDecimals('discount_rate', { places: 2, max: 100, nullable: true }),
  ...refusedDecimals('low_stock_threshold', { places: 3, max: 1_000_000_000, nullable: true }),
  ...refusedDecimals('reorder_quantity', { places: 3, min: 0.001, max: 1_000_000_000, nullable: true }),
  ...refusedIds('category_id'),
].map(([field, value, issue]): [string, string, unknown, Issue] => [field, shown(value), value, issue]);

describe('Items', () => {
  let shop: Shop;
  let employee: Client;
  let category_id: number;
  let empty_category_id: number;

  beforeAll(async () => {
    shop = await Shop.open();
    employee = shop.as(Role.Employee);
    category_id = (await createCategory(employee)).id;
    empty_category_id = (await createCategory(employee)).id;
  });

  afterAll(() => shop.close());

  async function listed(query = ''): Promise<ItemResponse[]> {
    return (await employee.get(`/items${query}`).expect(200)).body;
  }

  async function expectStored(item: ItemResponse): Promise<void> {
    expect((await employee.get(`/items/${item.id}`).expect(200)).body).toEqual(item);
  }

  describe('creating', () => {
    it('answers the item with all its fields', async () => {
      const by = await userIdOf(employee);
      const sent = {
        category_id,
        name: 'Red Apples',
        description: 'Crisp and sweet',
        sku: 'FP-APPLE-RED',
        barcode: '2000000000015',
        image_url: 'https://images.shop.example/red-apples.jpg',
        unit_price: 3.99,
        unit_type: 'kg',
        tax_rate: 7,
        discount_rate: 12.5,
        low_stock_threshold: 2.125,
        reorder_quantity: 20,
      };
      const before = new Date().toISOString();
      const { body } = await employee.post('/items', sent).expect(201);
      expect(body).toEqual({
        ...sent,
        id: expect.any(Number),
        created_by: by,
        updated_by: by,
        created_at: expect.stringMatching(ISO_UTC),
        updated_at: body.created_at,
      });
      expect(body.created_at >= before && body.created_at <= new Date().toISOString()).toBe(true);
      await expectStored(body);
    });

    it('fills in what may be left out', async () => {
      const { body } = await employee
        .post('/items', { category_id, name: 'Plain', unit_price: 1 })
        .expect(201);
      expect(Object.keys(body).sort()).toEqual([...FIELDS].sort());
      expect(body).toMatchObject({
        description: null,
        sku: null,
        barcode: null,
        image_url: null,
        unit_type: 'piece',
        tax_rate: 0,
        discount_rate: 0,
        low_stock_threshold: null,
        reorder_quantity: null,
      });
    });

    it('takes null for what may be empty', async () => {
      const empty = {
        ...{ description: null, sku: null, barcode: null, image_url: null },
        ...{ low_stock_threshold: null, reorder_quantity: null },
      };
      expect(await createItem(employee, { category_id, ...empty })).toMatchObject(empty);
    });

    it('takes null for a rate that is not given', async () => {
      const rates = { tax_rate: null, discount_rate: null };
      expect(await createItem(employee, { category_id, ...rates })).toMatchObject({
        tax_rate: 0,
        discount_rate: 0,
      });
    });

    it('trims the name and the SKU', async () => {
      const item = await createItem(employee, { category_id, name: '  Pear\n', sku: ' FP-PEAR\t' });
      expect(item).toMatchObject({ name: 'Pear', sku: 'FP-PEAR' });
    });

    it('drops fields that an item does not have, or that are not for the client to set', async () => {
      const sent = { id: 4711, created_by: 4711, updated_by: 4711, created_at: '1999-01-01T00:00:00Z' };
      const item = await createItem(employee, { category_id, ...sent, name_key: 'x', colour: 'green' });
      const by = await userIdOf(employee);
      expect(Object.keys(item).sort()).toEqual([...FIELDS].sort());
      expect(item).toMatchObject({ created_by: by, updated_by: by });
      expect(item.id).not.toBe(sent.id);
      expect(item.created_at).not.toBe(sent.created_at);
    });

    it.each(
      [
        ['name', 'n'],
        ['name', 'n'.repeat(200)],
        ['name', '🍎'.repeat(200)],
        ['name', '\ufdfa'.repeat(200)],
        ['name', '한'.repeat(200)],
        ['description', 'd'.repeat(2000)],
        ['sku', 's'.repeat(50)],
        ['barcode', 'b'.repeat(50)],
        ['image_url', `https://shop.example/${'i'.repeat(479)}`],
        ['unit_type', 'u'.repeat(20)],
        ['unit_price', 0],
        ['tax_rate', 0],
        ['tax_rate', 100],
        ['discount_rate', 0],
        ['discount_rate', 100],
        ['low_stock_threshold', 0],
        ['low_stock_threshold', 1_000_000_000],
        ['reorder_quantity', 0.001],
        ['reorder_quantity', 999_999_999.999],
      ].map(([field, value]) => [String(field), shown(value), value] as const),
    )('takes the %s %s', async (field, _, value) => {
      const item = await createItem(employee, { category_id, [field]: value });
      expect(item).toMatchObject({ [field]: value });
      await expectStored(item);
    });

    it.each(REFUSED_VALUES)('answers 422 to the %s %s', async (field, _, value, issue) => {
      const sent = { category_id: empty_category_id, name: 'Refused', unit_price: 1, [field]: value };
      const { body } = await employee.post('/items', sent).expect(422);
      expect(body).toEqual(refusal(issue, 'body', field));
      expect(await listed(`?category_id=${empty_category_id}`)).toEqual([]);
    });

    it.each(['category_id', 'name', 'unit_price'])('answers 422 without a %s', async (field) => {
      const sent = { category_id, name: 'Incomplete', unit_price: 1, [field]: undefined };
      const { body } = await employee.post('/items', sent).expect(422);
      expect(body).toEqual(refusal(MISSING, 'body', field));
    });

    it('lists all issues at once', async () => {
      const { body } = await employee.post('/items', { name: '', tax_rate: 101 }).expect(422);
      expect(body.detail).toHaveLength(4);
      expect(body.detail).toEqual(
        expect.arrayContaining([
          { ...MISSING, loc: ['body', 'category_id'] },
          { ...tooShort(1), loc: ['body', 'name'] },
          { ...MISSING, loc: ['body', 'unit_price'] },
          { ...tooLarge(100), loc: ['body', 'tax_rate'] },
        ]),
      );
    });

    it.each([0, -1, NO_ID, 2 ** 31, 2 ** 63, '99999999999999999999'])(
      'answers 404 to the category %j, which is none',
      async (unknown) => {
        const before = await listed();
        const sent = { category_id: unknown, name: 'Homeless', unit_price: 1 };
        expect((await employee.post('/items', sent).expect(404)).body).toEqual(NO_CATEGORY);
        expect(await listed()).toEqual(before);
      },
    );

    it('takes the id of a category in a string', async () => {
      const sent = { category_id: String(category_id), name: 'Stringent', unit_price: 1 };
      expect((await employee.post('/items', sent).expect(201)).body).toMatchObject({ category_id });
    });
  });

  describe('a SKU', () => {
    it('is 409 when another item has it, or one that looks the same', async () => {
      await createItem(employee, { category_id, sku: 'TAKEN-1' });
      const before = await listed();
      for (const sku of ['TAKEN-1', ' TAKEN-1 ', 'TAK\u200bEN\u2011\u00ad1\ufe0f']) {
        const sent = { category_id, name: 'Second', unit_price: 1, sku };
        expect((await employee.post('/items', sent).expect(409)).body).toEqual(SKU_TAKEN);
      }
      expect(await listed()).toEqual(before);
    });

    it('may be missing from any number of items', async () => {
      const items = [await createItem(employee, { sku: null }), await createItem(employee, {})];
      const third = await createItem(employee, { sku: 'GIVEN-UP' });
      const { body } = await employee.patch(`/items/${third.id}`, { sku: null }).expect(200);
      expect([...items, body].map(({ sku }) => sku)).toEqual([null, null, null]);
    });

    it('is free again when its item is deleted or gives it up', async () => {
      const deleted = await createItem(employee, { category_id, sku: 'FREED' });
      await employee.delete(`/items/${deleted.id}`).expect(204);
      const emptied = await createItem(employee, { category_id, sku: 'FREED' });
      await employee.patch(`/items/${emptied.id}`, { sku: null }).expect(200);
      expect(await createItem(employee, { category_id, sku: 'FREED' })).toMatchObject({ sku: 'FREED' });
    });

    it('is 409 in an update when another item has it, and nothing changes', async () => {
      const other = await createItem(employee, { category_id, sku: 'TAKEN-2' });
      const item = await createItem(employee, { category_id, sku: 'MINE-2' });
      const changes = { name: 'Changed', unit_price: 2, sku: 'TAKEN-2' };
      expect((await employee.patch(`/items/${item.id}`, changes).expect(409)).body).toEqual(SKU_TAKEN);
      await expectStored(item);
      await expectStored(other);
    });

    it('may be sent unchanged in an update', async () => {
      const item = await createItem(employee, { category_id, sku: 'SAME' });
      const { body } = await employee.patch(`/items/${item.id}`, { sku: 'SAME' }).expect(200);
      expect(body).toMatchObject({ id: item.id, sku: 'SAME' });
    });
  });

  describe('a decimal', () => {
    // Source text of the JSON sent, and of the JSON answered.
    const exact = [
      ['3.99', '3.99'],
      ['"3.99"', '3.99'],
      ['3.990', '3.99'],
      ['"3.9900000000000000000000"', '3.99'],
      ['" 3.99 "', '3.99'],
      ['"+3.99"', '3.99'],
      ['"003.99"', '3.99'],
      ['399e-2', '3.99'],
      ['"399e-2"', '3.99'],
      ['0', '0'],
      ['-0', '0'],
      ['"-0.00"', '0'],
      ['1e2', '100'],
      ['"1e2"', '100'],
      ['"1E+2"', '100'],
      ['"5."', '5'],
      ['".5"', '0.5'],
      ['0.1', '0.1'],
      ['1.2999999999999998', '1.3'],
      ['0.30000000000000004', '0.3'],
      ['2.0000000000000004', '2'],
      ['0.2', '0.2'],
      ['0.3', '0.3'],
      ['0.07', '0.07'],
      ['0.29', '0.29'],
      ['0.57', '0.57'],
      ['1.15', '1.15'],
      ['4.35', '4.35'],
      ['8.2', '8.2'],
      ['19.99', '19.99'],
      ['64.1', '64.1'],
    ] as const;

    it.each(exact)('sent as %s is answered as %s', async (sent, answered) => {
      const values = `"unit_price": ${sent}, "tax_rate": ${sent}, "discount_rate": ${sent}`;
      const created = await employee
        .post('/items')
        .type('json')
        .send(`{"category_id": ${category_id}, "name": "Exact", ${values}}`)
        .expect(201);
      const stored = await employee.get(`/items/${created.body.id}`).expect(200);
      const updated = await employee
        .patch(`/items/${created.body.id}`)
        .type('json')
        .send(`{${values}}`)
        .expect(200);
      for (const { text } of [created, stored, updated]) {
        for (const field of ['unit_price', 'tax_rate', 'discount_rate']) {
          expect(text).toContain(`"${field}":${answered},`);
        }
      }
    });

    it.each(['999999999.99', '1000000000', '123456789.01'])(
      'keeps each digit of the price %s',
      async (price) => {
        const { id } = await createItem(employee, { category_id, unit_price: price });
        expect((await employee.get(`/items/${id}`).expect(200)).text).toContain(`"unit_price":${price},`);
      },
    );

    it('too large for JavaScript is 422', async () => {
      const { body } = await employee
        .post('/items')
        .type('json')
        .send(`{"category_id": ${category_id}, "name": "Priceless", "unit_price": 1e400}`)
        .expect(422);
      expect(body.detail).toEqual([
        { type: expect.any(String), loc: ['body', 'unit_price'], msg: expect.any(String) },
      ]);
    });

    it('with a quarter of a million spaces is 422 like any other', async () => {
      const sent = { category_id, name: 'Spacious', unit_price: `${' '.repeat(250_000)}x` };
      const { body } = await employee.post('/items', sent).expect(422);
      expect(body).toEqual(refusal(NO_DECIMAL_IN_STRING, 'body', 'unit_price'));
    });
  });

  describe('updating', () => {
    let refused: ItemResponse | undefined;
    const full = {
      description: 'Old',
      barcode: '4006381333931',
      image_url: 'https://shop.example/old.jpg',
      unit_price: 2.5,
      unit_type: 'kg',
      tax_rate: 7,
      discount_rate: 5,
      low_stock_threshold: 2.5,
      reorder_quantity: 10,
    };

    it('says who changed it when', async () => {
      const item = await createItem(employee, { category_id });
      const owner = shop.as(Role.MarketOwner);
      const before = new Date().toISOString();
      const { body } = await owner.patch(`/items/${item.id}`, { name: 'Renamed' }).expect(200);
      const { unit_cost, ...shown } = body;
      expect(shown).toEqual({
        ...item,
        name: 'Renamed',
        updated_by: await userIdOf(owner),
        updated_at: expect.stringMatching(ISO_UTC),
      });
      expect(unit_cost).toBeNull();
      expect(body.updated_at >= before).toBe(true);
      expect(body.updated_by).not.toBe(body.created_by);
      await expectStored(shown);
    });

    it.each([
      { name: 'New' },
      { description: 'New' },
      { description: null },
      { sku: 'NEW' },
      { sku: null },
      { barcode: 'new' },
      { barcode: null },
      { image_url: 'https://shop.example/new.jpg' },
      { image_url: null },
      { unit_price: 3.99 },
      { unit_type: 'litre' },
      { tax_rate: 19 },
      { discount_rate: 0 },
      { low_stock_threshold: 0 },
      { low_stock_threshold: null },
      { reorder_quantity: 0.125 },
      { reorder_quantity: null },
    ])('changes nothing but %j', async (changes) => {
      const item = await createItem(employee, { category_id, ...full });
      const { body } = await employee.patch(`/items/${item.id}`, changes).expect(200);
      expect(body).toEqual({ ...item, ...changes, updated_at: expect.stringMatching(ISO_UTC) });
      await expectStored(body);
      await employee.delete(`/items/${item.id}`).expect(204);
    });

    it.each(['tax_rate', 'discount_rate'])('leaves the %s as it is when it is null', async (field) => {
      const item = await createItem(employee, { category_id, ...full });
      const { body } = await employee.patch(`/items/${item.id}`, { name: 'New', [field]: null }).expect(200);
      expect(body).toEqual({ ...item, name: 'New', updated_at: expect.stringMatching(ISO_UTC) });
      await expectStored(body);
      await employee.delete(`/items/${item.id}`).expect(204);
    });

    it('moves the item to another category', async () => {
      const item = await createItem(employee, { category_id });
      const other = await createCategory(employee);
      const { body } = await employee.patch(`/items/${item.id}`, { category_id: other.id }).expect(200);
      expect(body).toMatchObject({ id: item.id, category_id: other.id });
      expect((await listed(`?category_id=${other.id}`)).map(({ id }) => id)).toEqual([item.id]);
    });

    it('drops unknown fields and those of the program', async () => {
      const item = await createItem(employee, { category_id });
      const sent = {
        id: 4711,
        created_by: 4711,
        updated_by: 4711,
        created_at: 'x',
        updated_at: 'x',
        name_key: 'x',
      };
      const { body } = await employee.patch(`/items/${item.id}`, sent).expect(200);
      expect(body).toEqual({ ...item, updated_at: expect.stringMatching(ISO_UTC) });
    });

    it('answers 404 to an unknown category, and changes nothing', async () => {
      const item = await createItem(employee, { category_id });
      const changes = { name: 'Moved', category_id: NO_ID };
      expect((await employee.patch(`/items/${item.id}`, changes).expect(404)).body).toEqual(NO_CATEGORY);
      await expectStored(item);
    });

    it.each(REFUSED_VALUES)(
      'answers 422 to the %s %s, and changes nothing',
      async (field, _, value, issue) => {
        refused ??= await createItem(employee, { category_id, ...full });
        const changes = { name: 'Refused', unit_price: 9, [field]: value };
        const { body } = await employee.patch(`/items/${refused.id}`, changes).expect(422);
        expect(body).toEqual(refusal(issue, 'body', field));
        await expectStored(refused);
      },
    );
  });

  describe('deleting', () => {
    it('answers 204 without a body, and the item is gone', async () => {
      const { id } = await createItem(employee, { category_id });
      const { text } = await employee.delete(`/items/${id}`).expect(204);
      expect(text).toBe('');
      expect((await employee.get(`/items/${id}`).expect(404)).body).toEqual(NOT_FOUND);
      expect((await employee.delete(`/items/${id}`).expect(404)).body).toEqual(NOT_FOUND);
      expect((await listed()).map((item) => item.id)).not.toContain(id);
    });

    it('takes the stock entry along, and no other', async () => {
      const kept = await createStock(employee);
      const { item_id } = await createStock(employee);
      await employee.delete(`/items/${item_id}`).expect(204);
      await employee.get(`/stock/${item_id}`).expect(404);
      const { body } = await employee.get('/stock').expect(200);
      expect(body).toContainEqual(expect.objectContaining(kept));
      expect(body.map((entry: { item_id: number }) => entry.item_id)).not.toContain(item_id);
    });
  });

  describe('an id in the path', () => {
    const methods = ['get', 'patch', 'delete'] as const;

    it.each(NO_INTEGERS)('is 422 when it is %s', async (_, id) => {
      for (const method of methods) {
        const { body } = await employee[method](`/items/${id}`, { name: 'Nobody' }).expect(422);
        expect(body).toEqual(refusal(NO_INTEGER_IN_STRING, 'path', 'item_id'));
      }
    });

    it.each(INTEGERS_OF_NOTHING)('is 404 when it is %s', async (_, id) => {
      for (const method of methods) {
        const { body } = await employee[method](`/items/${id}`, { name: 'Nobody' }).expect(404);
        expect(body).toEqual(NOT_FOUND);
      }
    });
  });

  describe('listing', () => {
    it('sorts by name as people do, and answers each item as it is answered alone', async () => {
      const { id } = await createCategory(employee);
      const items: ItemResponse[] = [];
      for (const name of ['Zucchini', 'cherry', 'Éclair', 'Banana', 'apple', 'Äpfel', 'edam']) {
        items.push(await createItem(employee, { category_id: id, name }));
      }
      const sorted = ['Äpfel', 'apple', 'Banana', 'cherry', 'Éclair', 'edam', 'Zucchini'];
      const expected = sorted.map((name) => items.find((item) => item.name === name));
      expect(await listed(`?category_id=${id}`)).toEqual(expected);
      expect((await listed()).filter((item) => item.category_id === id)).toEqual(expected);
    });

    it('sorts numbers by their value, on every page', async () => {
      const { id } = await createCategory(employee);
      const sorted = [
        ...['Ürün', 'Ürün 1½', 'Urun 2', 'ürün ۳', 'Ürün 007', 'ÜRÜN 10', 'Ürün 10 kg', 'Ürün 10–20'],
        ...['Ürün 99', `Ürün ${'9'.repeat(30)}`, `Ürün 1${'0'.repeat(100)}`, 'Ürünler'],
      ];
      for (const name of [...sorted].reverse()) await createItem(employee, { category_id: id, name });
      expect((await listed(`?category_id=${id}`)).map(({ name }) => name)).toEqual(sorted);
      const paged: string[] = [];
      for (let path = `/items?category_id=${id}&limit=2`; path !== '';) {
        const { body, headers } = await employee.get(path).expect(200);
        paged.push(...(body as ItemResponse[]).map(({ name }) => name));
        path = /<\/api\/v1([^>]+)>; rel="next"/.exec(headers.link ?? '')?.[1] ?? '';
      }
      expect(paged).toEqual(sorted);
    });

    it('keeps equal names together, in the same order each time', async () => {
      const { id } = await createCategory(employee);
      for (const name of ['tea', 'Tea', 'coffee', 'TEA', 'tea', 'water']) {
        await createItem(employee, { category_id: id, name });
      }
      const items = await listed(`?category_id=${id}`);
      expect(items.map(({ name }) => name.toLowerCase())).toEqual([
        'coffee',
        'tea',
        'tea',
        'tea',
        'tea',
        'water',
      ]);
      expect(await listed(`?category_id=${id}`)).toEqual(items);
    });

    it('keeps to the category asked for, the last one when there are several', async () => {
      const [first, second] = [await createItem(employee), await createItem(employee)];
      expect(await listed(`?category_id=${first.category_id}`)).toEqual([first]);
      expect(await listed(`?category_id=${first.category_id}&category_id=${second.category_id}`)).toEqual([
        second,
      ]);
      expect(await listed()).toEqual(expect.arrayContaining([first, second]));
    });

    it.each(INTEGERS_OF_NOTHING)('answers an empty list for a category that is %s', async (_, id) => {
      expect(await listed(`?category_id=${id}`)).toEqual([]);
    });

    it.each(['', 'Dairy', '1.5', '%00', 'null'])('answers 422 to the category "%s"', async (id) => {
      const { body } = await employee.get(`/items?category_id=${id}`).expect(422);
      expect(body).toEqual(refusal(NO_INTEGER_IN_STRING, 'query', 'category_id'));
    });
  });

  it('answers every path with a trailing slash as well', async () => {
    const sent = { category_id, name: 'Slashed', unit_price: 1 };
    const { body: item } = await employee.post('/items/', sent).expect(201);
    expect((await employee.get('/items/').expect(200)).body).toEqual(await listed());
    expect((await employee.get(`/items/?category_id=${category_id}`).expect(200)).body).toContainEqual(item);
    expect((await employee.get('/items/search/?q=slashed').expect(200)).body).toEqual([item]);
    expect((await employee.get(`/items/${item.id}/`).expect(200)).body).toEqual(item);
    const { body } = await employee.patch(`/items/${item.id}/`, { name: 'Slashes' }).expect(200);
    expect(body).toMatchObject({ id: item.id, name: 'Slashes' });
    await employee.delete(`/items/${item.id}/`).expect(204);
    await employee.get(`/items/${item.id}`).expect(404);
  });
});

describe('Searching items', () => {
  let shop: Shop;
  let employee: Client;
  const items = new Map<string, ItemResponse>();
  const names = [
    ...[
      'Crème brûlée',
      'Creme Eggs',
      'Ice cream',
      'Smørrebrød',
      'Weißbrot',
      'STRASSENKUCHEN',
      'Œufs',
      'İncir',
    ],
    ...[
      'Ελιά',
      'Γάλα',
      'Τυρός',
      'молоко',
      'Мёд',
      'Чай',
      '50% off juice',
      '50 off juice',
      'snake_case',
      'snakeXcase',
    ],
    ...[
      'back\\slash',
      'backslash',
      "Children's juice",
      'Half "n" half',
      '🍎 Apple',
      'Green apple',
      'Pineapple',
    ],
    ...['मीटर', 'ماءُ الوَرد', 'شـاي أخضر', 'چای کیسه‌ای ۲۵', 'חַלָּה', 'がり', 'Йогурт'],
    ...['Water 6 × 1½ l', 'L’Étoile 7–Up', 'Ｎｏｒｉ'],
  ];

  beforeAll(async () => {
    shop = await Shop.open();
    employee = shop.as(Role.Employee);
    const { id } = await createCategory(employee);
    for (const name of names) items.set(name, await createItem(employee, { category_id: id, name }));
  });

  afterAll(() => shop.close());

  async function found(q: string): Promise<string[]> {
    const { body } = await employee.get(`/items/search?q=${encodeURIComponent(q)}`).expect(200);
    for (const item of body) expect(item).toEqual(items.get(item.name));
    return body.map(({ name }: ItemResponse) => name);
  }

  it.each([
    ['the beginning of a name', 'green', ['Green apple']],
    ['the middle of a name', 'neapp', ['Pineapple']],
    ['the end of a name, and sorts what it finds', 'apple', ['Green apple', 'Pineapple', '🍎 Apple']],
    ['a whole name', 'Ice cream', ['Ice cream']],
    ['with spaces around it', '  Green ', ['Green apple']],
    ['in capitals', 'PINEAPPLE', ['Pineapple']],
    ['without its accents', 'creme', ['Crème brûlée', 'Creme Eggs']],
    ['with accents', 'crème', ['Crème brûlée', 'Creme Eggs']],
    ['with accents, in capitals', 'CRÈME BRÛLÉE', ['Crème brûlée']],
    ['with decomposed accents', 'cre\u0300me bru\u0302le\u0301e', ['Crème brûlée']],
    ['with a plain letter for a stroked one', 'smorrebrod', ['Smørrebrød']],
    ['with the letters of a ligature', 'OEUFS', ['Œufs']],
    ['with ss for ß', 'weissbrot', ['Weißbrot']],
    ['with ß for SS', 'straßen', ['STRASSENKUCHEN']],
    ['with a capital ß', 'WEIẞ', ['Weißbrot']],
    ['in Turkish capitals', 'incir', ['İncir']],
    ['in Greek capitals', 'ΕΛΙΑ', ['Ελιά']],
    ['in Greek without accents', 'γαλα', ['Γάλα']],
    ['with a sigma that ends the name only', 'ΤΥΡΟΣ', ['Τυρός']],
    ['with a sigma that ends the text only', 'τυρόσ', ['Τυρός']],
    ['in Cyrillic capitals', 'МОЛОКО', ['молоко']],
    ['in Cyrillic without dots', 'мед', ['Мёд']],
    ['in Cyrillic lower case', 'чай', ['Чай']],
    ['a pictograph', '🍎', ['🍎 Apple']],
    ['a percent sign', '50%', ['50% off juice']],
    ['nothing but a percent sign', '%', ['50% off juice']],
    ['an underscore', 'snake_', ['snake_case']],
    ['nothing but an underscore', '_', ['snake_case']],
    ['a backslash', 'back\\', ['back\\slash']],
    ['nothing but a backslash', '\\', ['back\\slash']],
    ['an apostrophe', "n's", ["Children's juice"]],
    ['a quotation mark', '"n"', ['Half "n" half']],
    ['an escaped wildcard', '\\%', []],
    ['a pattern of another language', '.*', []],
    ['SQL', "' or 1=1 --", []],
    ['a text of 200 characters', 'a'.repeat(200), []],
    ['no vowel sign of Hindi by another one', 'मटर', []],
    ['a vowel sign of Hindi', 'मीट', ['मीटर']],
    ['in Arabic without vowels', 'ماء الورد', ['ماءُ الوَرد']],
    ['in Arabic without hamza and unstretched', 'شاي اخضر', ['شـاي أخضر']],
    ['in Persian from an Arabic keyboard', 'چاي كيسهاي 25', ['چای کیسه‌ای ۲۵']],
    ['in Hebrew without points', 'חלה', ['חַלָּה']],
    ['no voiced kana by a plain one', 'かり', []],
    ['no Cyrillic letter by another one', 'иогурт', []],
    ['with x for × and a fraction typed out', '6 x 1 1/2', ['Water 6 × 1½ l']],
    ['a fraction', '½', ['Water 6 × 1½ l']],
    ['with a straight apostrophe', "l'etoile", ['L’Étoile 7–Up']],
    ['with an accent for an apostrophe', 'l´e', ['L’Étoile 7–Up']],
    ['with a hyphen for a dash', '7-up', ['L’Étoile 7–Up']],
    ['with a long dash', '7—up', ['L’Étoile 7–Up']],
    ['in full width', 'nori', ['Ｎｏｒｉ']],
    ['nothing by a kashida alone', 'ـ', []],
  ])('finds %s', async (_, q, expected) => {
    expect((await found(q)).sort()).toEqual([...expected].sort());
  });

  it('sorts what it finds by name', async () => {
    expect(await found('cre')).toEqual(['Crème brûlée', 'Creme Eggs', 'Ice cream']);
  });

  it('finds an item by its new name and no longer by the old one', async () => {
    const item = await createItem(employee, { name: 'Rhubarb' });
    await employee.patch(`/items/${item.id}`, { name: 'Rettich' }).expect(200);
    expect((await employee.get('/items/search?q=rhubarb').expect(200)).body).toEqual([]);
    const { body } = await employee.get('/items/search?q=rettich').expect(200);
    expect(body.map(({ id }: ItemResponse) => id)).toEqual([item.id]);
    await employee.delete(`/items/${item.id}`).expect(204);
    expect((await employee.get('/items/search?q=rettich').expect(200)).body).toEqual([]);
  });

  it('takes the last of several texts', async () => {
    const { body } = await employee.get('/items/search?q=green&q=pineapple').expect(200);
    expect(body).toEqual([items.get('Pineapple')]);
  });

  it.each([
    ['missing', '', MISSING],
    ['under another name', '?query=apple', MISSING],
    ['empty', '?q=', tooShort(1)],
    ['spaces only', '?q=%20+%09', tooShort(1)],
    ['a lone mark', '?q=%CC%81', tooShort(1)],
    ['a space of no width', '?q=%E2%80%8B', tooShort(1)],
    ['empty the last time', '?q=apple&q=', tooShort(1)],
    ['a NUL character', '?q=apple%00', NO_TEXT],
  ])('answers 422 when the text is %s', async (_, query, issue) => {
    const { body } = await employee.get(`/items/search${query}`).expect(422);
    expect(body).toEqual(refusal(issue, 'query', 'q'));
  });
});
