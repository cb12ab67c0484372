import { Role } from '../src/platform/authorization/role.js';
import { checkDigitOf } from '../src/items/gtin.js';
import { createCategory, createItem } from './support/catalogue.js';
import type { Client } from './support/client.js';
import { NO_TEXT, type Issue, refusal, tooLong, tooShort } from './support/issues.js';
import { shown } from './support/refused-values.js';
import { Shop } from './support/shop.js';

const NOT_FOUND = { detail: 'Item not found', code: 'item_not_found' };
const MISREAD = {
  detail: 'The barcode was misread: its check digit or its form is wrong',
  code: 'barcode_misread',
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
      code: 'ambiguous_barcode',
    });
  });

  it.each<[string, string, Issue]>([
    ['longer than any', '1'.repeat(1001), tooLong(1000)],
    ['made of thousands of elements', '2007'.repeat(3000), tooLong(1000)],
    ['blank', ' ', tooShort(1)],
    ['made of separators alone', '\x1d'.repeat(1000), tooShort(1)],
    ['with a NUL character', '1\0', NO_TEXT],
  ])('that is %s is 422', async (_, code, issue) => {
    expect(await refused(code, 422)).toEqual(refusal(issue, 'path', 'code'));
  });

  it.each(
    [
      "' or 1=1 --",
      '%',
      '..',
      'by-barcode',
      '36000291459',
      '1'.repeat(1000),
      `A${'\x1d'.repeat(999)}`,
      '(10)A'.repeat(200),
      '\x01\x1b[2J\r\n',
      'https://id.gs1.org/01/',
      '(00)106141412345678908',
    ].map((code) => [shown(code), code] as const),
  )('such as %s, which no item has, is 404', async (_, code) => {
    expect(await refused(code, 404)).toMatchObject({ detail: expect.any(String) });
  });

  it('is 404 as well when slashes are not encoded', async () => {
    await employee.get('/items/by-barcode/https://id.gs1.org/01/04006381333931').expect(404);
  });

  it.each([
    '4 006381 000093',
    '4-006381-000093',
    '4\u2013006381\u2013000093 >',
    '4006381\u200b000093',
    '４００６３８１００００９３',
    ']E04006381000093',
    ']E3400638100009312',
    ']C04006381000093',
    ']E004006381000093',
  ])('is found by what a scanner or a person makes of it: %j', async (code) => {
    const item = await itemWith({ barcode: '4006381000093' });
    expect(await scanned(code)).toEqual({ item, quantity: 1 });
    await employee.delete(`/items/${item.id}`).expect(204);
  });

  it('that is a GTIN is kept without the marks between its digits', async () => {
    const item = await itemWith({ barcode: '5 449000 000996 >' });
    expect(item.barcode).toBe('5449000000996');
    const { body: changed } = await employee.patch(`/items/${item.id}`, { barcode: '4012-3455' }).expect(200);
    expect(changed.barcode).toBe('40123455');
    expect((await employee.get(`/items/${item.id}`).expect(200)).body).toEqual(changed);
    expect(await scanned('4012 3455')).toEqual({ item: changed, quantity: 1 });
    const text = await itemWith({ barcode: '5 449000 000997' });
    expect(text.barcode).toBe('5 449000 000997');
    expect(await scanned('5 449000 000997')).toEqual({ item: text, quantity: 1 });
    await employee.delete(`/items/${item.id}`).expect(204);
  });

  it.each([
    '4006381333930',
    '4 006381 333930',
    ']E04006381333930',
    '036000291453',
    '04252615',
    '99999999999999',
    ']C10104006381333930',
    ']d20104006381333931310312',
    '(01)04006381333930',
    'https://id.gs1.org/01/04006381333930',
  ])('such as %j, which none can be, was misread', async (code) => {
    expect(await refused(code, 404)).toEqual(MISREAD);
  });

  it('with a wrong check digit is found where an item has it', async () => {
    const item = await itemWith({ barcode: '4006381999999' });
    expect(item.barcode).toBe('4006381999999');
    expect(await scanned('4006381999999')).toEqual({ item, quantity: 1 });
  });
});

describe('A UPC-E', () => {
  beforeAll(() => open());
  afterAll(() => shop.close());

  it('is found by the UPC-A that it stands for, and the other way round', async () => {
    const upcA = await itemWith({ barcode: '042100005264' });
    expect(await scanned('04252614')).toEqual({ item: upcA, quantity: 1 });
    const upcE = await itemWith({ barcode: '01234531' });
    expect(await scanned('012300000451')).toEqual({ item: upcE, quantity: 1 });
    expect(await scanned(']E00012300000451')).toEqual({ item: upcE, quantity: 1 });
  });

  it('that may be an EAN-8 as well is first what is written', async () => {
    const upcA = await itemWith({ barcode: '123450000069' });
    expect(await scanned('12345069')).toEqual({ item: upcA, quantity: 1 });
    expect(await refused(']E412345069', 404)).toEqual(NOT_FOUND);
    const ean8 = await itemWith({ barcode: '12345069' });
    expect(await scanned('12345069')).toEqual({ item: ean8, quantity: 1 });
    expect(await scanned('123450000069')).toEqual({ item: upcA, quantity: 1 });
  });
});

describe('The filter by barcode', () => {
  beforeAll(() => open());
  afterAll(() => shop.close());

  async function listed(barcode: string): Promise<unknown> {
    return (await employee.get(`/items?barcode=${encodeURIComponent(barcode)}`).expect(200)).body;
  }

  it('compares as a scan does', async () => {
    const upc = await itemWith({ barcode: '036000291452' });
    for (const code of [
      '36000291452',
      '0036000291452',
      '00036000291452',
      '0 36000 29145 2',
      ']E00036000291452',
    ]) {
      expect(await listed(code)).toEqual([upc]);
    }
    for (const code of ['(01)00036000291452(10)A', 'https://id.gs1.org/01/00036000291452?10=A']) {
      expect(await listed(code)).toEqual([upc]);
    }
    expect(await listed('036000291453')).toEqual([]);
    const upcA = await itemWith({ barcode: '042100005264' });
    expect(await listed('04252614')).toEqual([upcA]);
    const text = await itemWith({ barcode: '00-Tee' });
    expect(await listed('00-Tee')).toEqual([text]);
    expect(await listed('0-Tee')).toEqual([]);
  });
});

describe('A GS1 barcode', () => {
  const GTIN = '09506000134352';
  const NOTHING = {
    ...{ gtin: GTIN, is_variable_measure: false, batch: null, serial: null, count: null, measures: [] },
    ...{ price: null, price_currency: null, unit_price: null, discount_rate: null },
    ...{
      production_date: null,
      packaging_date: null,
      best_before_date: null,
      sell_by_date: null,
      expiry_date: null,
    },
  };

  beforeAll(() => open());
  afterAll(() => shop.close());

  it.each([
    `]C101${GTIN}3103001250151912241000A1\x1d21007\x1d3932978499`,
    `01${GTIN}3103001250151912241000A1\x1d21007\x1d3932978499`,
    `01${GTIN}3103001250151912241000A1<GS>21007<GS>3932978499`,
    `(01)${GTIN}(3103)001250(15)191224(10)00A1(21)007(3932)978499`,
    `https://id.gs1.org/01/${GTIN}/10/00A1/21/007?3103=001250&15=191224&3932=978499`,
  ])('such as %j says the item, its weight, and more', async (code) => {
    const item = await itemWith({ barcode: '9506000134352', unit_type: 'kg' });
    expect(await scanned(code)).toEqual({
      item,
      quantity: 1.25,
      gs1: {
        ...NOTHING,
        batch: '00A1',
        serial: '007',
        measures: [{ kind: 'net_weight', value: 1.25, unit: 'kg' }],
        price: 4.99,
        price_currency: '978',
        best_before_date: '2019-12-24',
      },
    });
    await employee.delete(`/items/${item.id}`).expect(204);
  });

  it.each([
    ['kg', '3103001250', 1.25],
    ['KG', '3103001250', 1.25],
    ['Kilo', '3102001250', 12.5],
    ['g', '3105001255', 12.55],
    ['lb', '3202000150', 1.5],
    ['lb', '3103001250', 1],
    ['litre', '3153000750', 0.75],
    ['ml', '3153000750', 750],
    ['m', '3112000250', 2.5],
    ['piece', '3103001250', 1],
    ['piece', '31030012503006', 6],
    ['kg', '31030012503006', 1.25],
    ['piece', '3000', 0],
    ['constructor', '3103001250', 1],
  ])('counts in the unit %s: %s is %d', async (unit_type, elements, quantity) => {
    const item = await itemWith({ barcode: GTIN, unit_type });
    expect(await scanned(`]e001${GTIN}${elements}`)).toMatchObject({ item: { id: item.id }, quantity });
    await employee.delete(`/items/${item.id}`).expect(204);
  });

  it('of a carton counts what is in it', async () => {
    const item = await itemWith({ barcode: '9506000117843' });
    expect(await scanned(']C10010614141234567890802095060001178433724')).toMatchObject({
      item: { id: item.id },
      quantity: 24,
      gs1: { gtin: '09506000117843', count: 24 },
    });
  });

  it('says that its item is of variable measure', async () => {
    const barcode = checked('9950600013435');
    await itemWith({ barcode });
    expect(await scanned(`]C101${barcode}`)).toMatchObject({
      quantity: 1,
      gs1: { gtin: barcode, is_variable_measure: true, measures: [] },
    });
  });

  it.each([
    ['kg', '3105001255', 'The quantity on the label, 0.01255 kg, has more digits than can be kept'],
    ['piece', '39230001255', 'The price on the label, 1.255, has more digits than can be kept'],
    [
      'piece',
      '3920999999999999999',
      'The price on the label, 999999999999999, has more digits than can be kept',
    ],
  ])('is never rounded: in %s, %s is 409', async (unit_type, elements, detail) => {
    const item = await itemWith({ barcode: GTIN, unit_type });
    expect(await refused(`]C101${GTIN}${elements}`, 409)).toEqual({ detail, code: 'too_many_digits' });
    await employee.delete(`/items/${item.id}`).expect(204);
  });

  it('is an item’s own barcode first, and says the same', async () => {
    const code = `(01)${GTIN}(3103)001250`;
    const item = await itemWith({ barcode: code, unit_type: 'kg' });
    expect(item.barcode).toBe(code);
    const other = await itemWith({ barcode: '9506000134352', unit_type: 'kg' });
    expect(await scanned(code)).toMatchObject({ item: { id: item.id }, quantity: 1.25 });
    await employee.delete(`/items/${other.id}`).expect(204);
    expect(await scanned(`]C101${GTIN}3103000500`)).toMatchObject({ item: { id: item.id }, quantity: 0.5 });
    expect(await scanned('9506000134352')).toEqual({ item, quantity: 1 });
  });
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

  it('was misread when its check digit is wrong', async () => {
    const digits = fresh();
    await itemWith({ sku: digits });
    const label = labelOf(digits, '00700');
    const misread = label.replace(/.$/, (digit) => String((Number(digit) + 1) % 10));
    for (const code of [misread, `0${misread}`, label.replace(digits, fresh())]) {
      expect(await refused(code, 404)).toEqual(MISREAD);
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
      code: 'ambiguous_barcode',
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
