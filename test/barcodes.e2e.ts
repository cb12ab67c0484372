import { Role } from '../src/access/role.js';
import { checkDigitOf } from '../src/items/gtin.js';
import { createCategory, createItem } from './support/catalogue.js';
import type { Client } from './support/client.js';
import { NO_TEXT, type Problem, refusal, tooLong, tooShort } from './support/problems.js';
import { Shop } from './support/shop.js';

const NOT_FOUND = { detail: 'Item not found' };
const MISREAD: Problem = {
  type: 'value_error',
  msg: 'Value error, the check digit of this scale label is wrong: it was misread, and should be scanned again',
};

let shop: Shop;
let employee: Client;
let category_id: number;
let numbers = 0;

async function open(environment: Record<string, string> = {}): Promise<void> {
  shop = await Shop.open(environment);
  employee = shop.as(Role.Employee);
  category_id = (await createCategory(employee)).id;
}

function itemWith(values: object) {
  return createItem(employee, { category_id, ...values });
}

async function scanned(code: string): Promise<unknown> {
  return (await employee.get(`/items/by-barcode/${encodeURIComponent(code)}`).expect(200)).body;
}

async function refused(code: string, status: number): Promise<unknown> {
  return (await employee.get(`/items/by-barcode/${encodeURIComponent(code)}`).expect(status)).body;
}

/** Digits that no other item has. */
function fresh(): string {
  return String(10_000 + ++numbers);
}

function checked(digits: string): string {
  return digits + checkDigitOf(digits);
}

/** A label as the shop's scale prints it. */
function labelOf(itemDigits: string, weight: string): string {
  return checked(`21${itemDigits}${weight}`);
}

describe('A barcode', () => {
  beforeAll(() => open());
  afterAll(() => shop.close());

  it('names its item as it is answered alone, and one unit of it', async () => {
    const { id } = await itemWith({ barcode: '4006381333931', low_stock_threshold: 1 });
    const { body: item } = await employee.get(`/items/${id}`).expect(200);
    expect(await scanned('4006381333931')).toEqual({ item, quantity: 1 });
  });

  it.each([
    ['036000291452', ['036000291452', '36000291452', '0036000291452', '00036000291452']],
    ['012345678905', ['12345678905', '00012345678905']],
    ['96385074', ['96385074', '00000096385074']],
    ['10012345678902', ['10012345678902']],
  ])('kept as %s is found whatever the zeros before it', async (barcode, codes) => {
    const item = await itemWith({ barcode });
    for (const code of codes) expect(await scanned(code)).toEqual({ item, quantity: 1 });
  });

  it('that is no number is compared as it is written', async () => {
    const item = await itemWith({ barcode: '00-Tee/Kräuter 1%' });
    expect(await scanned('00-Tee/Kräuter 1%')).toEqual({ item, quantity: 1 });
    expect(await scanned(' 00-Tee/Kra\u0308uter 1% ')).toEqual({ item, quantity: 1 });
    expect(await refused('0-Tee/Kräuter 1%', 404)).toEqual(NOT_FOUND);
    expect(await refused('00-tee/kräuter 1%', 404)).toEqual(NOT_FOUND);
    const long = await itemWith({ barcode: '9'.repeat(50) });
    expect(await scanned('9'.repeat(50))).toEqual({ item: long, quantity: 1 });
  });

  it('follows its item when it is changed, given up, and deleted', async () => {
    const item = await itemWith({ barcode: '5000112637922' });
    const { body: renamed } = await employee.patch(`/items/${item.id}`, { name: 'Renamed' }).expect(200);
    expect(await scanned('05000112637922')).toEqual({ item: renamed, quantity: 1 });
    const { body: changed } = await employee
      .patch(`/items/${item.id}`, { barcode: '5000112637939' })
      .expect(200);
    expect(await refused('5000112637922', 404)).toEqual(NOT_FOUND);
    expect(await scanned('5000112637939')).toEqual({ item: changed, quantity: 1 });
    await employee.patch(`/items/${item.id}`, { barcode: null }).expect(200);
    expect(await refused('5000112637939', 404)).toEqual(NOT_FOUND);
    await employee.patch(`/items/${item.id}`, { barcode: '5000112637939' }).expect(200);
    await employee.delete(`/items/${item.id}`).expect(204);
    expect(await refused('5000112637939', 404)).toEqual(NOT_FOUND);
  });

  it('of several items is 409, and names them', async () => {
    const ids = [];
    for (const barcode of ['73513537', '073513537', '00000073513537'])
      ids.push((await itemWith({ barcode })).id);
    expect(await refused('73513537', 409)).toEqual({
      detail: `Several items have this barcode: ${ids[0]}, ${ids[1]} and ${ids[2]}`,
    });
  });

  it.each<[string, string, Problem]>([
    ['longer than any', '1'.repeat(51), tooLong(50)],
    ['very long', 'b'.repeat(2000), tooLong(50)],
    ['blank', ' ', tooShort(1)],
    ['with a NUL character', '1\0', NO_TEXT],
  ])('that is %s is 422', async (_, code, problem) => {
    expect(await refused(code, 422)).toEqual(refusal(problem, 'path', 'code'));
  });

  it.each(["' or 1=1 --", '%', '..', 'by-barcode', '4006381333930', '99999999999999'])(
    'such as %j, which no item has, is 404',
    async (code) => {
      expect(await refused(code, 404)).toEqual(NOT_FOUND);
    },
  );
});

describe('A label of the scale', () => {
  beforeAll(() => open());
  afterAll(() => shop.close());

  it.each([
    [
      'its barcode is the label without a weight',
      (digits: string) => ({ barcode: labelOf(digits, '00000') }),
    ],
    ['its barcode is the number on the label', (digits: string) => ({ barcode: digits })],
    ['its barcode is that, with zeros before it', (digits: string) => ({ barcode: `000${digits}` })],
    ['its SKU is the number on the label', (digits: string) => ({ sku: digits })],
  ])('names an item when %s', async (_, values) => {
    const digits = fresh();
    const item = await itemWith({ unit_type: 'kg', ...values(digits) });
    for (const [weight, quantity] of [
      ['00001', 0.001],
      ['01500', 1.5],
      ['99999', 99.999],
    ] as const) {
      const label = labelOf(digits, weight);
      expect(await scanned(label)).toEqual({ item, quantity });
      expect(await scanned(`0${label}`)).toEqual({ item, quantity });
    }
  });

  it.each(['00812', '0813', '814'])('finds the SKU %s, whatever the zeros before it', async (sku) => {
    const item = await itemWith({ sku });
    expect(await scanned(labelOf(sku.padStart(5, '0'), '00250'))).toEqual({ item, quantity: 0.25 });
  });

  it('goes by the barcode before it goes by the SKU, and by the whole one first', async () => {
    const digits = fresh();
    const bySku = await itemWith({ sku: digits });
    expect(await scanned(labelOf(digits, '00100'))).toEqual({ item: bySku, quantity: 0.1 });
    const byNumber = await itemWith({ barcode: digits });
    expect(await scanned(labelOf(digits, '00100'))).toEqual({ item: byNumber, quantity: 0.1 });
    const byLabel = await itemWith({ barcode: labelOf(digits, '00000') });
    expect(await scanned(labelOf(digits, '00100'))).toEqual({ item: byLabel, quantity: 0.1 });
    expect(await scanned(labelOf(digits, '00000'))).toEqual({ item: byLabel, quantity: 1 });
  });

  it('is no label when it is an item’s own barcode', async () => {
    const digits = fresh();
    await itemWith({ sku: digits });
    const item = await itemWith({ barcode: labelOf(digits, '00700') });
    expect(await scanned(labelOf(digits, '00700'))).toEqual({ item, quantity: 1 });
  });

  it('is 422 when its check digit is wrong', async () => {
    const digits = fresh();
    await itemWith({ sku: digits });
    const label = labelOf(digits, '00700');
    const misread = label.replace(/.$/, (digit) => String((Number(digit) + 1) % 10));
    for (const code of [misread, `0${misread}`, label.replace(digits, fresh())]) {
      expect(await refused(code, 422)).toEqual(refusal(MISREAD, 'path', 'code'));
    }
  });

  it('is 404 when no item is named by it', async () => {
    expect(await refused(labelOf(fresh(), '00700'), 404)).toEqual(NOT_FOUND);
  });

  it('is 409 when it names several items', async () => {
    const one = await itemWith({ sku: '77' });
    const other = await itemWith({ sku: '00077' });
    expect(await refused(labelOf('00077', '00700'), 409)).toEqual({
      detail: `Several items have this barcode: ${one.id} and ${other.id}`,
    });
  });
});

describe('With a SCALE_BARCODE_PATTERN of its own', () => {
  afterEach(() => shop.close());

  it('a shop reads its own labels, and no others', async () => {
    await open({ SCALE_BARCODE_PATTERN: '2IIIIIXWWWWC, 29WWWWWIIIIII' });
    const item = await itemWith({ sku: '54321' });
    expect(await scanned(checked('25432171250'))).toEqual({ item, quantity: 1.25 });
    expect(await scanned('2900125054321')).toEqual({ item, quantity: 0.125 });
    expect(await refused(labelOf('54321', '00700'), 404)).toEqual(NOT_FOUND);
  });

  it('a shop without such labels reads none', async () => {
    await open({ SCALE_BARCODE_PATTERN: 'none' });
    await itemWith({ sku: '54321' });
    expect(await refused(labelOf('54321', '00700'), 404)).toEqual(NOT_FOUND);
  });
});
