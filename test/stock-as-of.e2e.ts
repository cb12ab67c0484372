import * as fc from 'fast-check';
import type { Response } from 'supertest';
import { Role } from '../src/platform/authorization/role.js';
import type { CategoryStockResponse } from '../src/stock/dto/category-stock-response.dto.js';
import type {
  ListedStockEntryResponse,
  StockEntryResponse,
} from '../src/stock/dto/stock-entry-response.dto.js';
import { Clock } from './support/clock.js';
import { createCategory, createItem, createStock, userIdOf } from './support/catalogue.js';
import type { Client } from './support/client.js';
import { type Issue, refusal } from './support/issues.js';
import { Shop } from './support/shop.js';

const MINUTE = 60_000;
const OPERATIONS = 300;
const TIMES = 500;
/** AS_OF_SEED=… repeats a run, whose seed is in the name of its test. */
const SEED = Number(process.env.AS_OF_SEED ?? Date.now() % 2 ** 31);

const NO_DATETIME: Issue = {
  type: 'datetime_parsing',
  msg: 'Input should be a valid datetime with its offset, such as 2026-03-01T07:00:00Z',
};
const AHEAD: Issue = { type: 'value_error', msg: 'Value error, nobody knows what will be in stock' };

const iso = (time: number) => new Date(time).toISOString();
const decimal = (thousandths: number) => thousandths / 1000;

describe('The stock as of a time', () => {
  let shop: Shop;
  let employee: Client;
  let clock: Clock;

  beforeAll(async () => {
    clock = Clock.start();
    shop = await Shop.open();
    employee = shop.as(Role.Employee);
  });

  afterAll(async () => {
    clock.stop();
    await shop.close();
  });

  async function namedStockAt(time: number, query = ''): Promise<ListedStockEntryResponse[]> {
    return (await employee.get(`/stock?as_of=${iso(time)}${query}`).expect(200)).body;
  }

  async function stockAt(time: number, query = ''): Promise<StockEntryResponse[]> {
    return withoutNames(await namedStockAt(time, query));
  }

  async function categoriesAt(time: number): Promise<CategoryStockResponse[]> {
    return (await employee.get(`/stock/by-category?as_of=${iso(time)}`).expect(200)).body;
  }

  function sell(itemId: number, delta: number, occurred_at?: string) {
    const sale = { delta, reason: delta < 0 ? 'sale' : 'delivery', occurred_at };
    return employee.post(`/stock/${itemId}/movements`, sale).expect(201);
  }

  it('is what has come and gone by then', async () => {
    const before = clock.now;
    const added = clock.goOn(1000);
    const entry = await createStock(employee, { quantity: 10 });
    const sold = clock.goOn(1000);
    await sell(entry.item_id, -2.5);
    const counted = clock.goOn(1000);
    await shop.as(Role.Admin).patch(`/stock/${entry.item_id}`, { quantity: 7 }).expect(200);
    const removed = clock.goOn(1000);
    await employee.delete(`/stock/${entry.item_id}`).expect(204);

    const found = async (time: number) => (await stockAt(time)).find(({ id }) => id === entry.id);
    expect(await found(before)).toBeUndefined();
    expect(await found(added - 1)).toBeUndefined();
    expect(await found(added)).toEqual(entry);
    expect(await found(sold - 1)).toEqual(entry);
    const afterSale = { ...entry, quantity: 7.5, updated_at: iso(sold) };
    expect(await found(sold)).toEqual(afterSale);
    expect(await found(counted - 1)).toEqual(afterSale);
    const by = await userIdOf(shop.as(Role.Admin));
    expect(await found(counted)).toEqual({
      ...entry,
      quantity: 7,
      updated_at: iso(counted),
      updated_by: by,
    });
    expect(await found(removed - 1)).toMatchObject({ quantity: 7 });
    expect(await found(removed)).toBeUndefined();
  });

  it('is by when things happened, so that a sale may come before the delivery that was written down late', async () => {
    const begin = clock.goOn(1000);
    const { item_id } = await createStock(employee, { quantity: 1 });
    clock.goOn(10_000);
    await sell(item_id, 5);
    await sell(item_id, -4, iso(begin + 5000));
    const quantityAt = async (time: number) =>
      (await stockAt(time)).find((entry) => entry.item_id === item_id)?.quantity;
    expect(await quantityAt(begin + 4999)).toBe(1);
    expect(await quantityAt(begin + 5000)).toBe(-3);
    expect(await quantityAt(clock.now)).toBe(2);
  });

  it('is the stock itself when nothing has happened since', async () => {
    clock.goOn(1000);
    await createStock(employee);
    expect(await namedStockAt(clock.now)).toEqual((await employee.get('/stock').expect(200)).body);
    expect(await categoriesAt(clock.now)).toEqual(
      (await employee.get('/stock/by-category').expect(200)).body,
    );
  });

  it('shows items of today by their categories, and deleted ones at the end, as they were called', async () => {
    const { id: category_id } = await createCategory(employee, { name: 'Zzz' });
    const names = ['Zest', 'Banana', 'apple', 'Äpfel'];
    const items: { id: number; name: string; stock_entry_id: number }[] = [];
    for (const name of names) {
      const item = await createItem(employee, { category_id, name, sku: `SKU ${name}`, unit_price: 2.5 });
      const entry = await createStock(employee, { item_id: item.id, quantity: 3 });
      items.push({ id: item.id, name, stock_entry_id: entry.id });
    }
    const then = clock.now;
    clock.goOn(1000);
    const [zest, ...others] = items;
    await employee.patch(`/items/${zest?.id}`, { name: 'Zest of lemons', unit_price: 3.5 }).expect(200);
    for (const { id } of others) await employee.delete(`/items/${id}`).expect(204);
    const categories = await categoriesAt(then);
    expect(categories.at(-2)).toMatchObject({
      category_id,
      items: [{ item_id: zest?.id, item_name: 'Zest of lemons', unit_price: 3.5, quantity: 3 }],
    });
    const deleted = ['Äpfel', 'apple', 'Banana'].map((name) => {
      const { id, stock_entry_id } = items.find((item) => item.name === name) ?? {};
      const left = { item_id: id, item_name: name, sku: `SKU ${name}`, quantity: 3 };
      return {
        ...{ stock_entry_id, ...left, category_id: null, description: null, barcode: null, image_url: null },
        ...{ unit_type: null, unit_price: null, tax_rate: null, discount_rate: null },
      };
    });
    expect(categories.at(-1)).toEqual({
      category_id: null,
      category_name: null,
      items: deleted,
    });
    expect((await categoriesAt(clock.now)).flatMap(({ category_id: id }) => id)).not.toContain(null);
  });

  it('shows an item under its name of today, or the one that it had when it was deleted', async () => {
    const [renamed, removed, deleted] = [
      await createItem(employee, { name: 'Before', sku: 'S-1' }),
      await createItem(employee, { name: 'Taken out', sku: null }),
      await createItem(employee, { name: 'Deleted', sku: 'S-3' }),
    ];
    for (const { id } of [renamed, removed, deleted]) await createStock(employee, { item_id: id });
    const then = clock.now;
    clock.goOn(1000);
    await employee.patch(`/items/${renamed.id}`, { name: 'After', sku: null }).expect(200);
    await employee.delete(`/stock/${removed.id}`).expect(204);
    await employee.patch(`/items/${removed.id}`, { sku: 'S-2' }).expect(200);
    await employee.delete(`/items/${deleted.id}`).expect(204);
    const names = { After: null, 'Taken out': 'S-2', Deleted: 'S-3' };
    for (const query of ['', '&limit=500']) {
      const shown = (await namedStockAt(then, query)).slice(-3);
      expect(Object.fromEntries(shown.map(({ item_name, sku }) => [item_name, sku]))).toEqual(names);
    }
  });

  it('is paged, sorted and filtered as the stock is', async () => {
    const entries = [];
    for (const quantity of [3, 1, 2, 1]) {
      clock.goOn(1000);
      entries.push(await createStock(employee, { quantity }));
    }
    const then = clock.now;
    clock.goOn(1000);
    for (const { item_id } of entries) await employee.delete(`/stock/${item_id}`).expect(204);
    const all = await stockAt(then);
    expect(all.slice(-4)).toEqual(entries);

    for (const sort of ['item_id', '-item_id', 'quantity', '-quantity', '-created_at', 'updated_at']) {
      const key = sort.replace('-', '') as 'item_id' | 'quantity' | 'created_at' | 'updated_at';
      const sign = sort.startsWith('-') ? -1 : 1;
      const sorted = [...all].sort(
        (one, other) => sign * (one[key] < other[key] ? -1 : one[key] > other[key] ? 1 : one.id - other.id),
      );
      expect(await stockAt(then, `&sort=${sort}`)).toEqual(sorted);
      const pages: StockEntryResponse[] = [];
      let next: string | undefined = `/stock?as_of=${iso(then)}&sort=${sort}&limit=3`;
      while (next) {
        const { body, headers }: Response = await employee.get(next).expect(200);
        expect(headers['x-total-count']).toBe(String(all.length));
        pages.push(...withoutNames(body as ListedStockEntryResponse[]));
        next = /^<\/api\/v1([^>]+)>; rel="next"$/.exec(headers.link ?? '')?.[1];
      }
      expect(pages).toEqual(sorted);
    }
    expect(await stockAt(then, `&offset=${all.length - 1}`)).toEqual(all.slice(-1));
    expect(await stockAt(then, `&updated_since=${entries[1]?.updated_at}`)).toEqual(entries.slice(1));
  });

  it('is empty before there was a shop', async () => {
    expect(await stockAt(Date.parse('1999-12-31T23:59:59Z'))).toEqual([]);
    expect(await categoriesAt(Date.parse('1999-12-31T23:59:59Z'))).toEqual([]);
  });

  it.each(['/stock', '/stock/by-category'])('of %s is not changed unless the stock is', async (path) => {
    const entry = await createStock(employee, { quantity: 5 });
    clock.goOn(1000);
    const url = `${path}?as_of=${iso(clock.now)}`;
    const { headers } = await employee.get(url).expect(200);
    await employee
      .get(url)
      .set('If-None-Match', headers.etag ?? '')
      .expect(304);
    await sell(entry.item_id, -1, iso(clock.now - 1));
    const { body } = await employee
      .get(url)
      .set('If-None-Match', headers.etag ?? '')
      .expect(200);
    expect(JSON.stringify(body)).toContain('"quantity":4');
  });

  it.each(['/stock', '/stock/by-category'])(
    'of %s takes no time in the future, and nothing but a time',
    async (path) => {
      await employee.get(`${path}?as_of=${iso(clock.now + 5 * MINUTE)}`).expect(200);
      for (const [as_of, issue] of [
        [iso(clock.now + 5 * MINUTE + 1), AHEAD],
        ['9999-01-01T00:00:00Z', AHEAD],
        ['', NO_DATETIME],
        ['yesterday', NO_DATETIME],
        ['2026-02-30T00:00:00Z', NO_DATETIME],
      ] as const) {
        const { body } = await employee.get(`${path}?as_of=${as_of}`).expect(422);
        expect(body).toEqual(refusal(issue, 'query', 'as_of'));
      }
    },
  );

  it(`is what an independent replay of all that was done comes to (AS_OF_SEED=${SEED})`, async () => {
    const book = new Book(shop, clock, (await stockAt(clock.now)).map(known));
    await book.open();
    const begin = clock.now;
    for (const step of fc.sample(STEP, { seed: SEED, numRuns: OPERATIONS })) await book.do(step);
    expect(book.done.size).toBe(KINDS.length);

    const times = book.times;
    const pick = fc.oneof(
      fc.tuple(fc.constantFrom(...times), fc.integer({ min: -1, max: 1 })).map(([at, by]) => at + by),
      fc.integer({ min: begin, max: clock.now + 5 * MINUTE }),
    );
    for (const picked of fc.sample(pick, { seed: SEED, numRuns: TIMES })) {
      const time = Math.min(picked, clock.now + 5 * MINUTE);
      expect([iso(time), (await stockAt(time)).map(known)]).toEqual([iso(time), book.replay(time)]);
    }
    for (const picked of fc.sample(pick, { seed: SEED, numRuns: TIMES / 10 })) {
      const time = Math.min(picked, clock.now + 5 * MINUTE);
      const shown = (await categoriesAt(time)).flatMap(({ category_id, items }) =>
        items.map(({ item_id, quantity }) => ({ item_id, quantity, isDeleted: category_id === null })),
      );
      shown.sort((one, other) => one.item_id - other.item_id);
      const expected = book.replay(time).map(({ item_id, quantity }) => {
        return { item_id, quantity, isDeleted: book.deleted.has(item_id) };
      });
      expect([iso(time), shown]).toEqual([iso(time), expected]);
    }
  }, 180_000);
});

/** The fields that an entry has alone as well. */
function withoutNames(entries: ListedStockEntryResponse[]): StockEntryResponse[] {
  return entries.map((listed) => {
    const entry: Partial<ListedStockEntryResponse> = { ...listed };
    delete entry.item_name;
    delete entry.sku;
    return entry as StockEntryResponse;
  });
}

const KINDS = [
  'add',
  'move',
  'move late',
  'count late',
  'count',
  'set',
  'batch',
  'reverse',
  'remove',
  'delete',
] as const;
type Kind = (typeof KINDS)[number];

/** What happens next, as far as it can: numbers choose among what there is then. */
interface Step {
  kind: Kind;
  wait: number;
  which: number;
  thousandths: number;
  /** Into which part of the time since the beginning something falls that is written down late; above 1: ahead. */
  part: number;
  isAdmin: boolean;
}

const STEP: fc.Arbitrary<Step> = fc.record({
  kind: fc.oneof(
    { weight: 5, arbitrary: fc.constant<Kind>('move') },
    { weight: 6, arbitrary: fc.constant<Kind>('move late') },
    { weight: 4, arbitrary: fc.constant<Kind>('count late') },
    { weight: 3, arbitrary: fc.constant<Kind>('add') },
    { weight: 7, arbitrary: fc.constantFrom<Kind>(...KINDS.slice(4)) },
  ),
  wait: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 1000 })),
  which: fc.nat(10_000),
  thousandths: fc.integer({ min: 1, max: 5000 }),
  part: fc.double({ min: 0, max: 1.1, noNaN: true }),
  isAdmin: fc.boolean(),
});

/** Something that happened to a stock entry: what came or went, or what was there, in thousandths. */
interface Happening {
  /** The movement's, where it can be reversed. */
  id: number;
  at: number;
  delta?: number;
  counted?: number;
  isReversed?: boolean;
}

/** A stock entry, and what happened to it in the order in which it was recorded. */
interface Entry {
  id: number;
  item_id: number;
  created_by: number;
  created: number;
  began: number;
  ended?: number;
  happenings: Happening[];
}

/** What was there at a time: what the last count before it said, and what came and went between them. */
function quantityAt({ happenings }: Entry, time: number): number {
  const valid = happenings.filter(({ at, isReversed }) => at <= time && !isReversed);
  const counts = valid.filter(({ counted }) => counted !== undefined);
  const last = counts.reduce<Happening | undefined>(
    (latest, count) => (latest && latest.at > count.at ? latest : count),
    undefined,
  );
  const since = valid.filter(({ at, delta }) => delta !== undefined && at > (last?.at ?? -Infinity));
  return since.reduce((sum, { delta = 0 }) => sum + delta, last?.counted ?? 0);
}

/** Does things, and keeps its own record of them, by when they happened. */
class Book {
  readonly done = new Set<Kind>();
  readonly deleted = new Set<number>();
  private readonly entries: Entry[] = [];
  private readonly items: number[] = [];
  private begin = 0;
  private now = 0;
  private ids = new Map<Client, number>();

  /** @param others what is in stock already, and stays as it is */
  constructor(
    private readonly shop: Shop,
    private readonly clock: Clock,
    private readonly others: KnownEntry[],
  ) {}

  async open(): Promise<void> {
    for (const role of [Role.Admin, Role.Employee]) {
      this.ids.set(this.shop.as(role), await userIdOf(this.shop.as(role)));
    }
    this.begin = this.clock.goOn(1000);
    for (let count = 0; count < 8; count++) this.items.push((await createItem(this.shop.as(Role.Admin))).id);
  }

  /** When something happened. */
  get times(): number[] {
    return this.entries.flatMap(({ happenings }) => happenings.map(({ at }) => at));
  }

  async do({ kind, wait, which, thousandths, part, isAdmin }: Step): Promise<void> {
    this.now = this.clock.goOn(wait);
    const client = this.shop.as(isAdmin ? Role.Admin : Role.Employee);
    const stocked = this.entries.filter(({ ended }) => ended === undefined);
    const entry = stocked[which % stocked.length];
    const quantity = decimal(thousandths);
    if (kind === 'add') {
      const free = this.items.filter((id) => !stocked.some(({ item_id }) => item_id === id));
      const item_id = free[which % free.length];
      if (item_id === undefined) return;
      const { id } = await createStock(client, { item_id, quantity });
      const at = this.latest(item_id);
      const first = { id: 0, at, counted: thousandths };
      const created_by = this.ids.get(client) as number;
      this.entries.push({ id, item_id, created_by, created: this.now, began: at, happenings: [first] });
    } else if (kind === 'reverse') {
      if (!(await this.reverse(client, which))) return;
    } else if (!entry) {
      return;
    } else if (kind === 'remove') {
      await client.delete(`/stock/${entry.item_id}`).expect(204);
      this.end(entry);
    } else if (kind === 'delete') {
      await client.delete(`/items/${entry.item_id}`).expect(204);
      this.end(entry);
      this.deleted.add(entry.item_id);
      this.items.splice(this.items.indexOf(entry.item_id), 1, (await createItem(client)).id);
    } else if (kind === 'set') {
      await client.patch(`/stock/${entry.item_id}`, { quantity }).expect(200);
      entry.happenings.push({ id: 0, at: this.latest(entry.item_id), counted: thousandths });
    } else {
      await this.move(client, entry, kind, which, thousandths, part);
    }
    this.done.add(kind);
  }

  /** The stock at a time, from what was done. */
  replay(time: number): KnownEntry[] {
    const then = this.entries.filter(({ began, ended = Infinity }) => began <= time && ended > time);
    const entries = then.map((entry) => ({
      id: entry.id,
      item_id: entry.item_id,
      quantity: decimal(quantityAt(entry, time)),
      created_by: entry.created_by,
      created_at: iso(entry.created),
    }));
    return [...this.others, ...entries].sort((one, other) => one.item_id - other.item_id);
  }

  /** What happens now, or happened at some time to an item that is in stock now: to the entry that it had then. */
  private async move(
    client: Client,
    current: Entry,
    kind: Kind,
    which: number,
    thousandths: number,
    part: number,
  ): Promise<void> {
    const { item_id } = current;
    const isLate = kind.endsWith('late') || (kind === 'batch' && which % 2 === 0);
    const isCount = kind.startsWith('count');
    const delta = which % 3 === 0 ? thousandths : -thousandths;
    const movement = isCount
      ? { counted_quantity: decimal(thousandths), reason: 'count' }
      : { delta: decimal(delta), reason: delta > 0 ? 'delivery' : 'sale' };
    const at = isLate
      ? Math.round(this.begin + part * (this.now - this.begin))
      : this.nextTime(item_id, isCount);
    const then = this.entries.find((one) => one.item_id === item_id && (one.ended ?? Infinity) >= at);
    const entry = (isLate ? then : undefined) ?? current;
    const happening = isCount ? { id: 0, at, counted: thousandths } : { id: 0, at, delta };
    const after = { ...entry, happenings: [...entry.happenings, happening] };
    const isPossible = entry.ended !== undefined || quantityAt(after, Infinity) >= 0;
    const sent = { ...movement, occurred_at: isLate ? iso(at) : undefined };
    if (kind === 'batch') {
      const movements = [{ item_id, ...sent }];
      const { status, body } = await client.post('/stock/movements/batch', { movements });
      expect(status).toBe(isPossible ? 201 : 409);
      happening.id = body[0]?.id;
    } else {
      const { status, body } = await client.post(`/stock/${item_id}/movements`, sent);
      expect(status).toBe(isPossible ? 201 : 409);
      happening.id = body.id;
    }
    if (isPossible) entry.happenings.push(happening);
  }

  /** Anything that was moved or counted, however long ago. */
  private async reverse(client: Client, which: number): Promise<boolean> {
    const all = this.entries.flatMap((entry) => entry.happenings.map((happening) => ({ entry, happening })));
    const possible = all.filter(({ happening }) => happening.id > 0 && !happening.isReversed);
    const { entry, happening } = possible[which % possible.length] ?? {};
    if (!entry || !happening) return false;
    happening.isReversed = true;
    const isPossible = entry.ended !== undefined || quantityAt(entry, Infinity) >= 0;
    happening.isReversed = isPossible;
    await client.post(`/stock/movements/${happening.id}/reverse`).expect(isPossible ? 201 : 409);
    return true;
  }

  private end(entry: Entry): void {
    entry.ended = this.latest(entry.item_id);
    entry.happenings.push({ id: 0, at: entry.ended, counted: 0 });
  }

  /** When something happens for which no time is given: what states a quantity behind all that is known. */
  private latest(itemId: number): number {
    const entries = this.entries.filter(({ item_id }) => item_id === itemId);
    return Math.max(this.now, ...entries.flatMap(({ happenings }) => happenings.map(({ at }) => at)));
  }

  /** The same; what comes and goes only behind what states a quantity. */
  private nextTime(itemId: number, isCount: boolean): number {
    if (isCount) return this.latest(itemId);
    const entries = this.entries.filter(({ item_id }) => item_id === itemId);
    const counts = entries.flatMap(({ happenings }) =>
      happenings.filter(({ counted }) => counted !== undefined).map(({ at }) => at),
    );
    return Math.max(this.now, ...counts.map((at) => at + 1));
  }
}

type KnownEntry = Pick<StockEntryResponse, 'id' | 'item_id' | 'quantity' | 'created_by' | 'created_at'>;

function known({ id, item_id, quantity, created_by, created_at }: StockEntryResponse): KnownEntry {
  return { id, item_id, quantity, created_by, created_at };
}
