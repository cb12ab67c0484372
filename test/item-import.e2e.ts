import * as fc from 'fast-check';
import type { Test } from 'supertest';
import type { ItemImportJobResponse } from '../src/exchange/dto/item-import-job-response.dto.js';
import type { ItemImportResponse } from '../src/exchange/dto/item-import-response.dto.js';
import type { ItemResponse } from '../src/items/dto/item-response.dto.js';
import { Role } from '../src/platform/authorization/role.js';
import { createCategory, createItem, createStock } from './support/catalogue.js';
import type { Client } from './support/client.js';
import { Shop } from './support/shop.js';
import { until } from './support/until.js';

interface Wrong {
  row: number | null;
  column: string | null;
  msg: string;
}

const HEADER = 'sku,name,category,unit_price';
const FORMULAS = ['=1+1', '+49 30', '-5', '@home', "'=1+1", "''-5", "'s Gravenhage"];

let serial = 0;

/** A text that nothing else in the shop has. */
function unique(text = 'Tea'): string {
  return `${text} ${++serial}`;
}

describe('Importing items', () => {
  let shop: Shop;
  let owner: Client;

  beforeAll(async () => {
    shop = await Shop.open();
    owner = shop.as(Role.MarketOwner);
  });

  afterAll(() => shop.close());

  function send(file: string | Buffer, query = '', client = owner): Test {
    return client
      .post(`/items/import?${query}`)
      .set('Content-Type', 'text/csv')
      .send(file as string);
  }

  async function imported(file: string | Buffer, query = ''): Promise<ItemImportResponse> {
    return (await send(file, query).expect(200)).body;
  }

  async function refused(file: string | Buffer, query = ''): Promise<Wrong[]> {
    const before = await list('/items');
    const { body } = await send(file, query).expect(422);
    expect(body.error_count).toBe(body.detail.length);
    expect(await list('/items')).toEqual(before);
    return body.detail.map(({ row, column, msg }: Wrong) => ({ row, column, msg }));
  }

  async function list(path: string): Promise<ItemResponse[]> {
    return (await owner.get(path).expect(200)).body;
  }

  async function find(sku: string): Promise<ItemResponse> {
    return (await list(`/items?sku=${encodeURIComponent(sku)}`))[0] as ItemResponse;
  }

  async function stockOf({ id }: { id: number }): Promise<number> {
    return (await owner.get(`/stock/${id}`).expect(200)).body.quantity;
  }

  async function reasonsOf({ id }: { id: number }): Promise<string[]> {
    const { body } = await owner.get(`/stock/${id}/movements?sort=id`).expect(200);
    return body.map(({ reason }: { reason: string }) => reason);
  }

  function lines(...rows: string[]): string {
    return `${rows.join('\r\n')}\r\n`;
  }

  describe('a new item', () => {
    it('has what the file states, and the defaults of any other', async () => {
      const [sku, category] = [unique('A'), unique('Shelf')];
      const result = await imported(lines(HEADER, `${sku},Sencha,${category},3.99`));
      expect(result).toEqual({
        dry_run: false,
        rows: 1,
        created: 1,
        updated: 0,
        unchanged: 0,
        counted: 0,
        categories_created: 1,
        ignored_columns: [],
        delimiter: ',',
        decimal: '.',
        encoding: 'utf-8',
      });
      const item = await find(sku);
      expect(item).toMatchObject({
        name: 'Sencha',
        unit_price: 3.99,
        unit_cost: null,
        unit_type: 'piece',
        tax_rate: 0,
        discount_rate: 0,
        description: null,
      });
      const { body: prices } = await owner.get(`/items/${item.id}/prices`).expect(200);
      expect(prices).toHaveLength(1);
      expect((await owner.get(`/items/search?q=sencha`).expect(200)).body).toContainEqual(item);
      await owner.get(`/stock/${item.id}`).expect(404);
    });

    it('has all fields that a file may state', async () => {
      const sku = unique('A');
      const columns =
        'SKU, Name ,category,description,barcode,image_url,unit_price,unit_cost,unit_type,tax_rate,discount_rate,low_stock_threshold,reorder_quantity,quantity';
      const row = `${sku},"Tea, loose",${unique()},"Two\nlines","4 006381-333931",https://example.com/a.jpg,3.99,2.1255,kg,7.5,12.5,5.125,20,12.5`;
      expect(await imported(lines(columns, row))).toMatchObject({ created: 1, counted: 1 });
      const item = await find(sku);
      expect(item).toMatchObject({
        name: 'Tea, loose',
        description: 'Two\nlines',
        barcode: '4006381333931',
        image_url: 'https://example.com/a.jpg',
        unit_price: 3.99,
        unit_cost: 2.1255,
        unit_type: 'kg',
        tax_rate: 7.5,
        discount_rate: 12.5,
        low_stock_threshold: 5.125,
        reorder_quantity: 20,
      });
      expect(await stockOf(item)).toBe(12.5);
      expect(await reasonsOf(item)).toEqual(['initial']);
    });
  });

  describe('an item that is there', () => {
    let item: ItemResponse;

    beforeEach(async () => {
      item = await createItem(owner, {
        name: unique(),
        sku: unique('S'),
        barcode: unique('B'),
        description: 'Loose',
        unit_cost: 1.5,
        tax_rate: 7,
        unit_type: 'kg',
      });
    });

    it('keeps what no column is about', async () => {
      expect(await imported(lines('sku,unit_price', `${item.sku},2.5`))).toMatchObject({ updated: 1 });
      const changed = await find(item.sku as string);
      expect(changed).toEqual({ ...item, unit_price: 2.5, updated_at: changed.updated_at });
      expect((await owner.get(`/items/${item.id}/prices`).expect(200)).body).toHaveLength(2);
    });

    it('is left alone when nothing is new', async () => {
      const before = await owner.get(`/items/${item.id}`).expect(200);
      const result = await imported(lines('sku,unit_price,name', `${item.sku},1.00,${item.name}`));
      expect(result).toMatchObject({ created: 0, updated: 0, unchanged: 1 });
      const after = await owner.get(`/items/${item.id}`).expect(200);
      expect([after.body, after.headers.etag]).toEqual([before.body, before.headers.etag]);
    });

    it('has a new version, and its lists have one', async () => {
      const [before, list] = await Promise.all([owner.get(`/items/${item.id}`), owner.get('/items')]);
      await imported(lines('sku,unit_price', `${item.sku},2.5`));
      await owner
        .patch(`/items/${item.id}`, { name: 'New' })
        .set('If-Match', before.headers.etag as string)
        .expect(412);
      await owner
        .get('/items')
        .set('If-None-Match', list.headers.etag as string)
        .expect(200);
    });

    it('is emptied by an empty cell, or keeps what may not be empty', async () => {
      const file = lines(
        'sku,description,unit_cost,unit_type,tax_rate,low_stock_threshold',
        `${item.sku},,,,,`,
      );
      expect(await imported(file)).toMatchObject({ updated: 1 });
      expect(await find(item.sku as string)).toMatchObject({
        description: null,
        unit_cost: null,
        unit_type: 'kg',
        tax_rate: 7,
      });
    });

    it('is emptied by cells that a spreadsheet left out at the end of the row', async () => {
      expect(await imported(lines('sku,unit_price,description', `${item.sku},2`))).toMatchObject({
        updated: 1,
      });
      expect(await find(item.sku as string)).toMatchObject({ description: null });
    });

    it.each([
      ['its SKU', () => lines('sku,unit_price', `${item.sku},9`)],
      ['its barcode', () => lines('barcode,unit_price', `${item.barcode},9`)],
      ['its barcode, where the SKU is new', () => lines('barcode,unit_price', `${item.barcode},9`)],
    ])('is found by %s', async (_, file) => {
      expect(await imported(file())).toMatchObject({ updated: 1, created: 0 });
      expect(await find(item.sku as string)).toMatchObject({ unit_price: 9, barcode: item.barcode });
    });

    it('is found by its name within its category, and in no other', async () => {
      const { body: category } = await owner.get(`/categories/${item.category_id}`).expect(200);
      const row = `${item.name},${category.name},9`;
      const other = `${item.name},${unique('Shelf')},8`;
      const result = await imported(lines('name,category,unit_price', row, other));
      expect(result).toMatchObject({ updated: 1, created: 1, categories_created: 1 });
      expect(await find(item.sku as string)).toMatchObject({ unit_price: 9 });
    });

    it('is another one than that with another SKU, whatever else they have in common', async () => {
      const { body: category } = await owner.get(`/categories/${item.category_id}`).expect(200);
      const sku = unique('S');
      const file = lines(
        'sku,barcode,name,category,unit_price',
        `${sku},${item.barcode},${item.name},${category.name},9`,
      );
      expect(await imported(file)).toMatchObject({ created: 1 });
      expect((await find(sku)).id).not.toBe(item.id);
    });

    it('gets an SKU when it had none', async () => {
      const bare = await createItem(owner, { barcode: unique('B') });
      const sku = unique('S');
      expect(await imported(lines('sku,barcode', `${sku},${bare.barcode}`))).toMatchObject({ updated: 1 });
      expect((await find(sku)).id).toBe(bare.id);
    });

    it('moves to another category', async () => {
      const category = await createCategory(owner);
      await imported(lines('sku,category', `${item.sku},${category.name}`));
      expect(await find(item.sku as string)).toMatchObject({ category_id: category.id, name: item.name });
    });

    it('is one of several alike that the id tells', async () => {
      const { body: category } = await owner.get(`/categories/${item.category_id}`).expect(200);
      const name = unique();
      const twins = [
        await createItem(owner, { name, category_id: item.category_id }),
        await createItem(owner, { name, category_id: item.category_id }),
      ] as const;
      const row = `${name},${category.name},9`;
      expect(await refused(lines('name,category,unit_price', row))).toEqual([
        {
          row: 2,
          column: 'name',
          msg: expect.stringContaining(`items ${twins[0].id}, ${twins[1].id} have this name`),
        },
      ]);
      expect(await imported(lines('name,category,unit_price,id', `${row},${twins[1].id}`))).toMatchObject({
        updated: 1,
      });
      expect(await list(`/items?category_id=${item.category_id}`)).toContainEqual(
        expect.objectContaining({ id: twins[1].id, unit_price: 9 }),
      );
    });
  });

  describe('a quantity', () => {
    it('is a count, also when it is what was there', async () => {
      const entries = await Promise.all([5, 5].map((quantity) => createStockedItem(quantity)));
      const [same, other] = entries as [ItemResponse, ItemResponse];
      const file = lines('sku,quantity', `${same.sku},5`, `${other.sku},7.125`);
      expect(await imported(file)).toMatchObject({ updated: 1, unchanged: 1, counted: 2 });
      expect([await stockOf(same), await stockOf(other)]).toEqual([5, 7.125]);
      expect(await reasonsOf(same)).toEqual(['initial', 'count']);
      const { body } = await owner.get(`/stock/${other.id}/movements?sort=-id`).expect(200);
      expect(body[0]).toMatchObject({
        reason: 'count',
        delta: 2.125,
        counted_quantity: 7.125,
        quantity_after: 7.125,
      });
    });

    it('puts an item in stock that is not', async () => {
      const item = await createItem(owner, { sku: unique('S') });
      expect(await imported(lines('sku,quantity', `${item.sku},0`))).toMatchObject({
        updated: 1,
        counted: 1,
      });
      expect(await stockOf(item)).toBe(0);
      expect(await reasonsOf(item)).toEqual(['initial']);
    });

    it('is not counted where the cell is empty', async () => {
      const item = await createStockedItem(5);
      expect(await imported(lines('sku,quantity', `${item.sku},`))).toMatchObject({
        unchanged: 1,
        counted: 0,
      });
      expect(await reasonsOf(item)).toEqual(['initial']);
    });

    async function createStockedItem(quantity: number): Promise<ItemResponse> {
      const item = await createItem(owner, { sku: unique('S') });
      await createStock(owner, { item_id: item.id, quantity });
      return item;
    }
  });

  describe('a file', () => {
    const NAME = 'Çiğ köfte, İçli şiş ğı';

    it.each([
      ['UTF-8', (text: string) => Buffer.from(text), 'utf-8'],
      ['UTF-8 with a byte order mark', (text: string) => Buffer.from(`\ufeff${text}`), 'utf-8'],
      ['UTF-16 of Windows', (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le'), 'utf-16le'],
      ['UTF-16 of others', (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16(), 'utf-16be'],
      ['Windows-1254', turkish, 'windows-1254'],
    ])('is read in %s', async (_, encode, encoding) => {
      const sku = unique('S');
      const file = encode(lines(HEADER.replaceAll(',', ';'), `${sku};${NAME};${unique()};3,5`));
      expect(await imported(file)).toMatchObject({ created: 1, encoding, delimiter: ';', decimal: ',' });
      expect(await find(sku)).toMatchObject({ name: NAME, unit_price: 3.5 });
    });

    it.each(['Crème brûlée', 'Þetta með ýsu, já, ást í ró', 'Müsli'])(
      'is read in Windows-1252: %s',
      async (name) => {
        const sku = unique('S');
        const file = Buffer.from(lines(HEADER, `${sku},"${name}",${unique()},1`), 'latin1');
        expect(await imported(file)).toMatchObject({ created: 1, encoding: 'windows-1252' });
        expect(await find(sku)).toMatchObject({ name });
      },
    );

    it('is read in the encoding that is stated', async () => {
      const sku = unique('S');
      const file = turkish(lines(HEADER, `${sku},ışık,${unique()},1`));
      expect(await imported(file, 'encoding=windows-1252')).toMatchObject({ encoding: 'windows-1252' });
      expect(await find(sku)).toMatchObject({ name: 'ýþýk' });
      await owner
        .post('/items/import')
        .set('Content-Type', 'text/csv; charset=Windows-1254')
        .send(file as unknown as string)
        .expect(200);
      expect(await find(sku)).toMatchObject({ name: 'ışık' });
      expect(await refused(file, 'encoding=utf-8')).toEqual([
        { row: null, column: null, msg: expect.stringContaining('not in the encoding') },
      ]);
    });

    it.each([
      [',', '', 'delimiter=,'],
      [';', '', 'delimiter=;'],
      ['\t', '', 'delimiter=tab'],
      [';', 'sep=;\r\n', ''],
      ['\t', '', ''],
    ])('has fields between %j, after %j, stated by %j', async (delimiter, beginning, query) => {
      const sku = unique('S');
      const rows = [HEADER, `${sku},"1, 2; 3\t4",${unique()},1`].map((row) =>
        row.replaceAll(/,(?! 2)/g, delimiter),
      );
      expect(await imported(beginning + lines(...rows), query)).toMatchObject({ created: 1, delimiter });
      expect(await find(sku)).toMatchObject({ name: '1, 2; 3 4' });
    });

    it.each(['\n', '\r', '\r\n'])('has rows that end with %j, the last one not always', async (end) => {
      const sku = unique('S');
      const file = [HEADER, `${sku}1,A,${unique()},1`, '', ',,,', `${sku}2,B,${unique()},1`].join(end);
      expect(await imported(file)).toMatchObject({ rows: 2, created: 2 });
    });

    it('has a header only, or columns that nobody knows', async () => {
      expect(await imported(lines(`${HEADER},Supplier,,created_at`))).toMatchObject({
        rows: 0,
        ignored_columns: ['Supplier', 'created_at'],
      });
    });

    it('comes in a form', async () => {
      const sku = unique('S');
      const file = Buffer.from(lines(HEADER, `${sku},A,${unique()},1`));
      const { body } = await owner
        .post('/items/import')
        .attach('file', file, { filename: 'items.csv', contentType: 'application/vnd.ms-excel' })
        .expect(200);
      expect(body).toMatchObject({ created: 1 });
    });

    it.each(['before', 'behind'])(
      'is refused in a form with anything %s it, and nothing is imported',
      async (place) => {
        const sku = unique('S');
        const file = Buffer.from(lines(HEADER, `${sku},A,${unique()},1`));
        const options = { filename: 'items.csv', contentType: 'text/csv' };
        const form = () => owner.post('/items/import');
        const withOption =
          place === 'before'
            ? form().field('dry_run', 'true').attach('file', file, options)
            : form().attach('file', file, options).field('dry_run', 'true');
        const { body } = await withOption.expect(422);
        expect(body.detail).toMatchObject([{ type: 'extra_forbidden', loc: ['body', 'dry_run'] }]);
        const twice = form().attach('file', file, options).attach('other', file, options);
        expect((await twice.expect(422)).body.detail).toMatchObject([{ loc: ['body', 'other'] }]);
        expect(await list(`/items?sku=${sku}`)).toEqual([]);
      },
    );
  });

  describe('decimals', () => {
    it.each([
      [';', '3,99', '1.250', 'is found to be a comma'],
      [',', '3.99', '"1,250"', 'is found to be a point'],
      [';', '3.99', '2,5', 'is that of the first number'],
    ])('delimiter %j: %s and %s: the mark %s', async (delimiter, price, cost) => {
      const file = lines(
        `sku${delimiter}unit_price${delimiter}unit_cost`,
        ['A', price, cost].join(delimiter),
      );
      const mark = price.includes(',') ? ',' : '.';
      expect(await refused(file)).toEqual([
        {
          row: 2,
          column: 'unit_cost',
          msg: `Input should be a valid decimal, in this file with '${mark}' and without a mark for thousands`,
        },
      ]);
    });

    it('is stated', async () => {
      const item = await createItem(owner, { sku: unique('S') });
      const file = lines('sku;unit_price', `${item.sku};2.5`);
      expect(await imported(file, 'decimal=.')).toMatchObject({ updated: 1, decimal: '.' });
      expect((await refused(file, 'decimal=,'))[0]).toMatchObject({ column: 'unit_price' });
    });

    it('takes three places for a fraction where that is how such files are written', async () => {
      const item = await createItem(owner, { sku: unique('S') });
      await imported(lines('sku;quantity', `${item.sku};1,250`));
      expect(await stockOf(item)).toBe(1.25);
    });
  });

  describe('wrong rows', () => {
    const REQUIRED = 'Field required';

    it('are listed all at once, and nothing is imported', async () => {
      const [sku, category] = [unique('S'), unique('Shelf')];
      const file = lines(
        `${HEADER},tax_rate,image_url`,
        `${sku},Right,${category},1,7,`,
        `${sku}2,,${category},free,101,`,
        `${sku}3,A,${category},1.999,7,ftp://example.com`,
        `${sku}4,${'x'.repeat(201)},,-1,7,`,
      );
      expect(await refused(file)).toEqual([
        { row: 3, column: 'name', msg: REQUIRED },
        { row: 3, column: 'unit_price', msg: expect.stringContaining('valid decimal') },
        { row: 3, column: 'tax_rate', msg: 'Input should be less than or equal to 100' },
        { row: 4, column: 'unit_price', msg: 'Decimal input should have no more than 2 decimal places' },
        { row: 4, column: 'image_url', msg: "URL scheme should be 'http' or 'https'" },
        { row: 5, column: 'name', msg: 'String should have at most 200 characters' },
        { row: 5, column: 'category', msg: REQUIRED },
        { row: 5, column: 'unit_price', msg: 'Input should be greater than or equal to 0' },
      ]);
      expect((await owner.get('/categories').expect(200)).body).not.toContainEqual(
        expect.objectContaining({ name: category }),
      );
    });

    it('have the form of every other 422', async () => {
      const { body } = await send(lines('sku,unit_price', 'A,free')).expect(422);
      expect(body).toEqual({
        detail: [
          {
            type: 'decimal_parsing',
            loc: ['body', 2, 'unit_price'],
            msg: expect.any(String),
            row: 2,
            column: 'unit_price',
          },
        ],
        error_count: 1,
      });
    });

    it('are told together with those that only the shop knows to be wrong', async () => {
      const file = lines('sku,unit_price', `${unique('new')},1`, 'A,free');
      expect((await refused(file)).map(({ row, column }) => [row, column])).toEqual([
        [2, 'category'],
        [2, 'name'],
        [3, 'unit_price'],
      ]);
    });

    it('are told up to the thousandth, then counted', async () => {
      const rows = Array.from({ length: 900 }, () => 'A,free,much');
      const { body } = await send(lines('sku,unit_price,tax_rate', ...rows)).expect(422);
      expect([body.detail.length, body.error_count, body.detail[999].row]).toEqual([1000, 1800, 501]);
    });

    it('are two of the same item', async () => {
      const item = await createItem(owner, { sku: unique('S'), barcode: unique('B') });
      const [sku, barcode, name] = [unique('S'), unique('B'), unique()];
      const file = lines(
        'sku,barcode,name,category,unit_price',
        `${item.sku},${item.barcode},A,Shelf,1`,
        `,${item.barcode},A,Shelf,1`,
        `${sku},${barcode},A,Shelf,1`,
        `${sku},,B,Shelf,1`,
        `,${barcode},C,Shelf,1`,
        `,,${name},Shelf,1`,
        `,,${name},Shelf,1`,
      );
      expect(await refused(file)).toEqual([
        { row: 3, column: 'barcode', msg: 'Value error, row 2 is the same item' },
        { row: 5, column: 'sku', msg: 'Value error, row 4 is the same item' },
        { row: 6, column: 'barcode', msg: 'Value error, row 4 is the same item' },
        { row: 8, column: 'name', msg: 'Value error, row 7 is the same item' },
      ]);
    });

    it('are two that would give a barcode twice', async () => {
      const [one, other] = [await createItem(owner), await createItem(owner)];
      const { body: categories } = await owner.get('/categories').expect(200);
      const nameOf = ({ category_id }: { category_id: number }) =>
        categories.find(({ id }: { id: number }) => id === category_id).name;
      const barcode = unique('B');
      const rows = [one, other].map((item) => `${barcode},${item.name},${nameOf(item)},1`);
      const added = `${barcode},${unique()},${nameOf(one)},1`;
      for (const pair of [rows, [rows[0], added], [added, rows[0]]]) {
        expect(await refused(lines('barcode,name,category,unit_price', ...(pair as string[])))).toEqual([
          { row: 3, column: 'barcode', msg: 'Value error, row 2 is the same item' },
        ]);
      }
    });

    it('are two that would give an SKU twice', async () => {
      const bare = await createItem(owner, { barcode: unique('B') });
      const sku = unique('S');
      const file = lines(
        'sku,barcode,name,category,unit_price',
        `${sku},${bare.barcode},A,Shelf,1`,
        `${sku},,B,Shelf,1`,
      );
      expect(await refused(file)).toEqual([
        { row: 3, column: 'sku', msg: 'Value error, row 2 is the same item' },
      ]);
    });

    it.each(['4.00638E+12', '4,00638E+12', '4E+12'])(
      'have codes that Excel has rounded: %s',
      async (code) => {
        for (const column of ['sku', 'barcode'] as const) {
          expect(await refused(lines(`${column};unit_price`, `${code};1`))).toEqual([
            {
              row: 2,
              column,
              msg: expect.stringContaining('Excel has taken the code for a number and rounded it'),
            },
          ]);
        }
      },
    );

    it('have no such code where the item has just that one', async () => {
      const item = await createItem(owner, { sku: '4E+1234', barcode: '7E+1234' });
      const file = lines('sku,barcode,unit_price', `${item.sku},${item.barcode},1.25`);
      expect(await imported(file)).toMatchObject({ updated: 1 });
      expect(await refused(lines('sku,barcode,unit_price', `${item.sku},8E+12,1`))).toMatchObject([
        { column: 'barcode' },
      ]);
    });

    it('have codes whose zeros Excel has cut off', async () => {
      const item = await createItem(owner, { sku: '000471100', barcode: '00000000000093' });
      const cut = { msg: expect.stringContaining('cut the zeros off') };
      const of = (...cells: string[]) =>
        refused(lines('sku,barcode,name,category,unit_price', cells.join(',')));
      expect(await of('471100', '', 'A', 'Shelf', '1')).toEqual([{ row: 2, column: 'sku', ...cut }]);
      expect(await of(item.sku as string, '93', 'A', 'Shelf', '1')).toEqual([
        { row: 2, column: 'barcode', ...cut },
      ]);
      // 036000291452 is a UPC-A, 01234565 an EAN-8.
      for (const barcode of ['36000291452', '1234565']) {
        expect(await of('', barcode, 'A', 'Shelf', '1')).toEqual([{ row: 2, column: 'barcode', ...cut }]);
      }
      await owner.patch(`/items/${item.id}`, { barcode: '36000291452' }).expect(200);
      expect(await imported(lines('sku,barcode', `${item.sku},36000291452`))).toMatchObject({ unchanged: 1 });
    });

    it('have more cells than the header', async () => {
      expect(await refused(lines('sku,unit_price', 'A,1,2'))).toEqual([
        { row: 2, column: null, msg: expect.stringContaining('more cells than the header') },
      ]);
    });
  });

  describe('files that can not be read', () => {
    it.each([
      ['an empty one', '\r\n', { row: null, column: null, msg: expect.stringContaining('no header') }],
      [
        'a workbook',
        'PK\u0003\u0004 and more',
        { row: null, column: null, msg: expect.stringContaining('workbook') },
      ],
      [
        'an open quote',
        'sku,unit_price\nA,"1\nB,2',
        { row: 2, column: null, msg: expect.stringContaining('does not end') },
      ],
      [
        'a quote in a field',
        'sku,unit_price\nA,1\n27" B,2',
        { row: 3, column: null, msg: expect.stringContaining('quote') },
      ],
    ])('%s', async (_, file, issue) => {
      const detail = await refused(file);
      expect(detail).toContainEqual(issue);
    });

    it('without the columns that items are found by, or with one of them twice', async () => {
      expect(await refused('price,supplier\r\n1,2\r\n')).toEqual([
        { row: 1, column: 'name', msg: expect.stringContaining('Column required') },
        { row: 1, column: 'category', msg: expect.stringContaining('Column required') },
      ]);
      expect(await refused('sku,SKU ,unit_price\r\n')).toEqual([
        { row: 1, column: 'sku', msg: 'Value error, the header has this column twice' },
      ]);
    });

    it('nothing, something else, and too much', async () => {
      await owner.post('/items/import').expect(422);
      await owner.post('/items/import', { sku: 'A' }).expect(415);
      await owner.post('/items/import').set('Content-Type', 'text/plain').send('sku\r\n').expect(415);
      await owner.post('/items').set('Content-Type', 'text/csv').send('sku\r\n').expect(415);
      await send(lines(HEADER), 'decimal=x').expect(422);
      const tooLarge = Buffer.alloc(21 * 1024 * 1024, 'x,');
      await send(tooLarge).expect(413);
      await owner.post('/items/import').attach('file', tooLarge, 'items.csv').expect(413);
    });
  });

  describe('a dry run', () => {
    it('gives the same response, and changes nothing', async () => {
      const item = await createItem(owner, { sku: unique('S') });
      const file = lines(
        `${HEADER},quantity`,
        `${item.sku},A,${unique()},7,5`,
        `${unique('S')},B,${unique()},7,5`,
      );
      const before = [
        await list('/items'),
        await list('/categories'),
        await list('/stock/movements?limit=500'),
      ];
      const dry = await imported(file, 'dry_run=true');
      expect([
        await list('/items'),
        await list('/categories'),
        await list('/stock/movements?limit=500'),
      ]).toEqual(before);
      expect({ ...dry, dry_run: false }).toEqual(await imported(file));
      expect(await imported(file, 'dry_run=1')).toMatchObject({ unchanged: 2, counted: 2 });
    });
  });

  it('does what its dry run has said, whatever the rows are', async () => {
    const pick = (...texts: string[]) => fc.constantFrom('', ...texts);
    const codes = ['r1', 'r2', 'r3'];
    const row = fc
      .tuple(
        pick(...codes, '7'),
        pick(...codes, '00123456', '123456'),
        pick('A', 'B', 'C'),
        pick('Random 1', 'Random 2'),
        pick('1', '2', 'free'),
        pick('3', '4'),
      )
      .map((cells) => cells.join());
    const file = fc.array(row, { minLength: 1, maxLength: 6 });
    const property = fc.asyncProperty(file, async (rows) => {
      const text = lines('sku,barcode,name,category,unit_price,quantity', ...rows);
      const before = await list('/items');
      const dry = await send(text, 'dry_run=true');
      expect(await list('/items')).toEqual(before);
      const real = await send(text);
      expect([200, 422]).toContain(real.status);
      expect([real.status, real.body]).toEqual([
        dry.status,
        { ...dry.body, ...(dry.status === 200 && { dry_run: false }) },
      ]);
      const again = await send(text);
      if (real.status === 200) expect([again.status, again.body.created]).toEqual([200, 0]);
    });
    await fc.assert(property, { numRuns: 150, interruptAfterTimeLimit: 20_000 });
    expect((await owner.get('/stock/ledger/verify').expect(200)).body).toMatchObject({ is_valid: true });
  });

  describe('what was exported', () => {
    let formulas: number;

    beforeAll(async () => {
      const category = await createCategory(owner, { name: '=Tea; "herbs", and more' });
      formulas = category.id;
      for (const [index, text] of FORMULAS.entries()) {
        await createItem(owner, {
          ...{
            category_id: category.id,
            name: text,
            sku: text,
            barcode: text,
            description: `${text}\n"two"; lines`,
          },
          ...{
            unit_price: 1.05 + index,
            unit_cost: 0.0001 * index,
            tax_rate: 7.5,
            low_stock_threshold: 0.125,
          },
        });
        // One without a code, and two alike.
        await createItem(owner, {
          category_id: category.id,
          name: `${text} bare`,
          description: '',
          barcode: '',
        });
        await createItem(owner, { category_id: category.id, name: 'Twin' });
      }
    });

    it.each(['', 'delimiter=;&decimal=,', 'delimiter=tab&decimal=,', 'decimal=,'])(
      'with %j comes in again without a change',
      async (query) => {
        const before = await list('/items');
        const { text } = await owner.get(`/items/export?${query}`).expect(200);
        const result = await imported(text);
        expect(result).toMatchObject({
          rows: before.length,
          created: 0,
          updated: 0,
          unchanged: before.length,
          ignored_columns: ['category_id', 'created_by', 'updated_by', 'created_at', 'updated_at'],
        });
        expect(await list('/items')).toEqual(before);
      },
    );

    it('makes the same items in another shop', async () => {
      const { text } = await owner.get(`/items/export?category_id=${formulas}`).expect(200);
      const rows = text.split('\r\n').filter((row) => !row.includes('Twin'));
      const other = await Shop.open();
      const there = other.as(Role.Admin);
      await send(rows.join('\r\n'), '', there).expect(200);
      const names = (items: ItemResponse[]) =>
        items.map(({ name, sku, description }) => [name, sku, description ?? '']);
      const { body: made } = await there.get('/items').expect(200);
      const ours = (await list(`/items?category_id=${formulas}`)).filter(({ name }) => name !== 'Twin');
      expect(names(made).sort()).toEqual(names(ours).sort());
      await other.close();
    });
  });

  describe('many rows', () => {
    const MANY = 2_345;

    it('are imported after the response, which says where to ask', async () => {
      const prefix = unique('M');
      const file = lines(
        `${HEADER},barcode,quantity`,
        ...Array.from(
          { length: MANY },
          (_, n) => `${prefix}-${n},Tea ${n},Shelf ${n % 3},${n / 100},${prefix} ${n},${n / 8}`,
        ),
      );
      const job = await finished(await send(file).expect(202));
      expect(job).toMatchObject({
        status: 'succeeded',
        dry_run: false,
        rows: MANY,
        checked_rows: MANY,
        written_rows: MANY,
        errors: [],
        error_count: 0,
        failure: null,
        result: { created: MANY, updated: 0, unchanged: 0, counted: MANY, rows: MANY },
      });
      expect(await find(`${prefix}-2344`)).toMatchObject({ name: 'Tea 2344', unit_price: 23.44 });
      expect((await owner.get('/stock/ledger/verify').expect(200)).body).toMatchObject({ is_valid: true });

      const again = await finished(await send(file, 'dry_run=true').expect(202));
      expect(again.result).toMatchObject({ dry_run: true, unchanged: MANY, counted: MANY });
      const other = file.replaceAll(',Shelf 1,', ',Shelf 2,');
      expect((await finished(await send(other).expect(202))).result).toMatchObject({
        updated: 782,
        unchanged: MANY - 782,
      });
    });

    it('fail with everything that is wrong', async () => {
      const rows = Array.from({ length: MANY }, (_, n) => `${unique('new')},${n === 0 ? 'free' : 1}`);
      const job = await finished(await send(lines('sku,unit_price', ...rows)).expect(202));
      expect(job).toMatchObject({
        status: 'failed',
        result: null,
        error_count: 2 * (MANY - 1) + 1,
        failure: null,
      });
      expect(job.errors).toHaveLength(1000);
      expect(job.errors[0]).toMatchObject({ row: 2, column: 'unit_price' });
      expect(job.errors[1]).toMatchObject({ row: 3, column: 'category' });
    });

    it('are asked for by owners, of imports that there are', async () => {
      await owner.get('/items/imports/77777').expect(404);
      await shop.as(Role.Employee).get('/items/imports/1').expect(403);
    });

    it('are imported once, however often they are sent with a key', async () => {
      const prefix = unique('M');
      const file = lines(
        HEADER,
        ...Array.from({ length: 1_200 }, (_, n) => `${prefix}-${n},Tea,Shelf ${n},1`),
      );
      const sendKeyed = (text = file) => send(text).set('Idempotency-Key', prefix);
      const first = await sendKeyed().expect(202);
      const second = await sendKeyed().expect(202);
      expect(second.body.id).toBe(first.body.id);
      expect(second.headers).toMatchObject({
        'idempotency-replayed': 'true',
        location: first.headers.location,
      });
      await sendKeyed(`${file}\r\n`).expect(422);
      expect((await finished(first)).result).toMatchObject({ created: 1_200 });
    });

    async function finished({
      body,
      headers,
    }: {
      body: ItemImportJobResponse;
      headers: Record<string, string>;
    }) {
      expect(headers.location).toBe(`/api/v1/items/imports/${body.id}`);
      let job = body;
      await until(async () => {
        job = (await owner.get(`/items/imports/${body.id}`).expect(200)).body;
        return job.finished_at !== null;
      });
      return job;
    }
  });

  describe('at the same time', () => {
    it('two of one file make one item each', async () => {
      const file = lines(
        'name,category,unit_price',
        ...Array.from({ length: 50 }, (_, n) => `${unique()},Shelf ${n},1`),
      );
      const results = await Promise.all([imported(file), imported(file), imported(file)]);
      expect(results.map(({ created }) => created).sort()).toEqual([0, 0, 50]);
    });

    it('an item is changed by somebody else: both changes are there, or the import says so', async () => {
      const items = await Promise.all(
        Array.from({ length: 20 }, () => createItem(owner, { sku: unique('S') })),
      );
      for (let round = 0; round < 5; round++) {
        const file = lines(
          'sku,unit_price,quantity',
          ...items.map(({ sku }) => `${sku},${10 + round},${round}`),
        );
        const [response, ...patches] = await Promise.all([
          send(file),
          ...items.map(({ id }) => owner.patch(`/items/${id}`, { description: `Round ${round}` })),
        ]);
        expect(patches.map(({ status }) => status)).toEqual(items.map(() => 200));
        expect([200, 409]).toContain(response.status);
        const prices = (await Promise.all(items.map(({ sku }) => find(sku as string)))).map(
          ({ unit_price }) => unit_price,
        );
        const isImported = response.status === 200;
        expect(prices.every((price) => (price === 10 + round) === isImported)).toBe(true);
      }
      expect((await owner.get('/stock/ledger/verify').expect(200)).body).toMatchObject({ is_valid: true });
    });

    it('an item is sold: the count is what is there, less what is sold after it', async () => {
      const item = await createItem(owner, { sku: unique('S') });
      await createStock(owner, { item_id: item.id, quantity: 100 });
      const sale = () => owner.post(`/stock/${item.id}/movements`, { delta: -1, reason: 'sale' }).expect(201);
      await Promise.all([sale(), sale(), imported(lines('sku,quantity', `${item.sku},50`)), sale(), sale()]);
      const { body } = await owner.get(`/stock/${item.id}/movements?sort=-id`).expect(200);
      const after = body.findIndex(({ reason }: { reason: string }) => reason === 'count');
      expect(await stockOf(item)).toBe(50 - after);
    });
  });

  describe('with a key', () => {
    it('is carried out once', async () => {
      const item = await createItem(owner, { sku: unique('S') });
      const key = unique('key');
      const sendKeyed = (quantity: number) =>
        send(lines('sku,quantity', `${item.sku},${quantity}`)).set('Idempotency-Key', key);
      const first = await sendKeyed(5).expect(200);
      const second = await sendKeyed(5).expect(200);
      expect(second.body).toEqual(first.body);
      expect(second.headers['idempotency-replayed']).toBe('true');
      expect(await reasonsOf(item)).toEqual(['initial']);
      await sendKeyed(6).expect(422);
    });

    it('may be sent again when it has failed', async () => {
      const item = await createItem(owner, { sku: unique('S') });
      const key = unique('key');
      await send(lines('sku,unit_price', `${item.sku},free`))
        .set('Idempotency-Key', key)
        .expect(422);
      await send(lines('sku,unit_price', `${item.sku},5`))
        .set('Idempotency-Key', key)
        .expect(200);
    });
  });

  it('is for owners', async () => {
    const file = lines(HEADER);
    await send(file, '', shop.as(Role.Admin)).expect(200);
    await send(file, '', shop.as(Role.Employee)).expect(403);
    await send(file, '', shop.anonymous).expect(401);
  });
});

/** Windows-1254, as far as the tests need it. */
function turkish(text: string): Buffer {
  const letters: Record<string, number> = { Ğ: 0xd0, İ: 0xdd, Ş: 0xde, ğ: 0xf0, ı: 0xfd, ş: 0xfe };
  return Buffer.from([...text].map((letter) => letters[letter] ?? letter.charCodeAt(0)));
}
