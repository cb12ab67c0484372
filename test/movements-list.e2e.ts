import { Role } from '../src/platform/authorization/role.js';
import type { MovementResponse } from '../src/stock/dto/movement-response.dto.js';
import { createItem, createStock } from './support/catalogue.js';
import type { Client } from './support/client.js';
import { INTEGERS_OF_NOTHING, NO_INTEGERS } from './support/path-ids.js';
import { NO_INTEGER_IN_STRING, type Issue, refusal, tooLong, tooShort } from './support/issues.js';
import { Shop } from './support/shop.js';

const MINUTE = 60_000;
const NO_DATETIME: Issue = {
  type: 'datetime_parsing',
  msg: 'Input should be a valid datetime with its offset, such as 2026-03-01T07:00:00Z',
};
const BEFORE: Issue = { type: 'value_error', msg: 'Value error, to is before from' };

interface Answer {
  rows: MovementResponse[];
  total: number;
  next?: string;
}

describe('The list of movements', () => {
  let shop: Shop;
  let employee: Client;
  /** Every movement there is, oldest first, as it was answered when it was made. */
  let all: MovementResponse[];
  let kept: number;
  let deleted: number;
  /** Ahead, as far as clocks may differ: what happened before the items were in stock would be compensated. */
  const begin = Date.now() + MINUTE;
  const at = (step: number) => new Date(begin + (step * MINUTE) / 6).toISOString();

  beforeAll(async () => {
    shop = await Shop.open();
    employee = shop.as(Role.Employee);
    const admin = shop.as(Role.Admin);
    kept = (await createStock(employee, { quantity: 500 })).item_id;
    deleted = (await createStock(admin, { quantity: 500 })).item_id;
    // Times come in threes, and not in the order of the ids.
    const movements = Array.from({ length: 60 }, (_, n) => ({
      item_id: n % 5 === 0 ? deleted : kept,
      delta: n % 4 === 0 ? 2 : -1,
      reason: n % 4 === 0 ? 'delivery' : n % 4 === 1 ? 'waste' : 'sale',
      reference: n % 6 === 0 ? `R-${n % 12}` : null,
      occurred_at: at((n * 7) % 20),
    }));
    for (const client of [employee, admin]) {
      await client.post('/stock/movements/batch', { movements }).expect(201);
    }
    await employee.delete(`/items/${deleted}`).expect(204);
    all = await everything();
  });

  afterAll(() => shop.close());

  async function get(path: string, client = employee): Promise<Answer> {
    const { body, headers } = await client.get(path).expect(200);
    const [, next] = /^<\/api\/v1([^>]+)>; rel="next"$/.exec(headers.link ?? '') ?? [];
    return { rows: body, total: Number(headers['x-total-count']), next };
  }

  async function everything(): Promise<MovementResponse[]> {
    const movements: MovementResponse[] = [];
    for (let id = 1; ; id++) {
      const { status, body } = await employee.get(`/stock/movements/${id}`);
      if (status === 404) return movements;
      movements.push(body as MovementResponse);
    }
  }

  const inOrder = (movements: MovementResponse[], sort: string) => {
    const sign = sort.startsWith('-') ? -1 : 1;
    const key = sort.replace('-', '') as 'id' | 'occurred_at';
    return [...movements].sort(
      (one, other) => sign * (one[key] < other[key] ? -1 : one[key] > other[key] ? 1 : one.id - other.id),
    );
  };

  /** What a query asks for, computed without the program. */
  function expected(query: string, itemId?: number): MovementResponse[] {
    const asked = Object.fromEntries(new URLSearchParams(query)) as Record<string, string | undefined>;
    const { reason, from, to, created_by, reference, sort = '-id' } = asked;
    const found = all.filter(
      (movement) =>
        (itemId === undefined || movement.item_id === itemId) &&
        (reason === undefined || (movement.reason as string) === reason) &&
        (from === undefined || movement.occurred_at >= from) &&
        (to === undefined || movement.occurred_at < to) &&
        (created_by === undefined || movement.created_by === Number(created_by)) &&
        (reference === undefined || movement.reference === reference),
    );
    return inOrder(found, sort);
  }

  it('has all that happened, newest first, in pages of 100 unless another limit is given', async () => {
    expect(all).toHaveLength(2 + 120 + 1);
    const newest = [...all].reverse();
    const first = await get('/stock/movements');
    expect(first.rows).toEqual(newest.slice(0, 100));
    expect(first.total).toBe(123);
    const second = await get(first.next as string);
    expect(second).toEqual({ rows: newest.slice(100), total: 123, next: undefined });
    expect((await get('/stock/movements?limit=7')).rows).toEqual(newest.slice(0, 7));
    expect((await get('/stock/movements?limit=7&offset=120')).rows).toEqual(newest.slice(120));
  });

  const filters = [
    '',
    'reason=sale',
    'reason=removal',
    'reason=return',
    `from=${at(5)}`,
    `to=${at(5)}`,
    `from=${at(5)}&to=${at(12)}`,
    `from=${at(5)}&to=${at(5)}`,
    'created_by=3',
    'created_by=99',
    'reference=R-6',
    'reference=r-6',
    'reason=delivery&created_by=1',
    `reason=waste&from=${at(3)}`,
    `created_by=1&to=${at(9)}`,
    `reason=delivery&reference=R-0&created_by=1&from=${at(0)}&to=${at(30)}`,
  ];
  const sorts = ['', '-id', 'id', '-occurred_at', 'occurred_at'];
  const queries = filters.flatMap((filter) =>
    sorts.map((sort) => [filter, sort && `sort=${sort}`].filter(Boolean).join('&')),
  );

  it.each(queries)('answers what is asked for, page by page: %s', async (query) => {
    for (const [path, itemId] of [
      ['/stock/movements', undefined],
      [`/stock/${kept}/movements`, kept],
    ] as const) {
      const rows = expected(query, itemId);
      const found: MovementResponse[] = [];
      for (let next: string | undefined = `${path}?limit=40&${query}`; next;) {
        const page: Answer = await get(next);
        expect(page.total).toBe(rows.length);
        found.push(...page.rows);
        next = page.next;
      }
      expect(found).toEqual(rows);
    }
  });

  it('asks by other queries for other things', () => {
    const sizes = filters.map((filter) => expected(filter).length);
    expect(new Set(sizes).size).toBeGreaterThan(8);
    expect(expected('sort=-occurred_at')).not.toEqual(expected(''));
  });

  it('shows no movement twice while others are added', async () => {
    const before = await get('/stock/movements?limit=100');
    const sale = { delta: -0.5, reason: 'sale', occurred_at: at(1) };
    all.push((await employee.post(`/stock/${kept}/movements`, sale).expect(201)).body as MovementResponse);
    const after = await get(before.next as string);
    expect([...before.rows, ...after.rows]).toEqual(expected('').slice(1));
    expect(after.total).toBe(all.length);
  });

  describe('of an item', () => {
    it('is empty before the item is in stock', async () => {
      const { id } = await createItem(employee);
      expect(await get(`/stock/${id}/movements`)).toEqual({ rows: [], total: 0, next: undefined });
    });

    it('stays when the item is deleted, also when nothing of it is asked for', async () => {
      const { rows } = await get(`/stock/${deleted}/movements`);
      expect(rows).toEqual(expected('', deleted));
      expect(rows[0]).toMatchObject({ reason: 'removal', quantity_after: 0 });
      expect((await get(`/stock/${deleted}/movements?reason=return`)).rows).toEqual([]);
    });

    it.each(INTEGERS_OF_NOTHING)('is 404 when its id is %s', async (_, id) => {
      const { body } = await employee.get(`/stock/${id}/movements`).expect(404);
      expect(body).toEqual({ detail: 'Item not found', code: 'item_not_found' });
    });

    it.each(NO_INTEGERS)('is 422 when its id is %s', async (_, id) => {
      const { body } = await employee.get(`/stock/${id}/movements`).expect(422);
      expect(body).toEqual(refusal(NO_INTEGER_IN_STRING, 'path', 'item_id'));
    });

    it('is gone with an item that left no trace', async () => {
      const { id } = await createItem(employee);
      const { headers } = await employee.get(`/stock/${id}/movements`).expect(200);
      await employee.delete(`/items/${id}`).expect(204);
      await employee
        .get(`/stock/${id}/movements`)
        .set('If-None-Match', headers.etag ?? '')
        .expect(404);
    });
  });

  it.each<[string, Issue, string]>([
    ['from=yesterday', NO_DATETIME, 'from'],
    ['to=', NO_DATETIME, 'to'],
    ['from=2026-02-30T00:00:00Z', NO_DATETIME, 'from'],
    ['from=2026-03-01T00:00:00.001Z&to=2026-03-01T00:00:00Z', BEFORE, 'to'],
    ['created_by=me', NO_INTEGER_IN_STRING, 'created_by'],
    ['reference=', tooShort(1), 'reference'],
    [`reference=${'x'.repeat(101)}`, tooLong(100), 'reference'],
  ])('refuses %s', async (query, issue, field) => {
    for (const path of ['/stock/movements', `/stock/${kept}/movements`]) {
      const { body } = await employee.get(`${path}?${query}`).expect(422);
      expect(body).toEqual(refusal(issue, 'query', field));
    }
  });

  it.each(['reason=theft', 'reason=', 'reason=sale,waste', 'sort=hash', 'sort=--id'])(
    'refuses %s, which is not offered',
    async (query) => {
      const { body } = await employee.get(`/stock/movements?${query}`).expect(422);
      expect(body.detail).toMatchObject([{ type: 'enum', loc: ['query', query.split('=')[0]] }]);
    },
  );

  it('is answered 304 until the stock changes', async () => {
    for (const path of ['/stock/movements?reason=sale', `/stock/${kept}/movements`]) {
      const { headers } = await employee.get(path).expect(200);
      const tag = headers.etag ?? '';
      await employee.get(path).set('If-None-Match', tag).expect(304);
      const sale = { delta: -0.5, reason: 'sale' };
      const { body } = await employee.post(`/stock/${kept}/movements`, sale).expect(201);
      const { body: rows } = await employee.get(path).set('If-None-Match', tag).expect(200);
      expect(rows[0]).toEqual(body);
    }
  });

  describe('has single movements, which', () => {
    it('are answered alone as they were when they were made, and never change', async () => {
      const sale = { delta: -0.5, reason: 'sale', note: 'For the market', reference: 'R-1' };
      const { body } = await employee.post(`/stock/${kept}/movements`, sale).expect(201);
      const answer = await employee.get(`/stock/movements/${body.id}`).expect(200);
      expect(answer.body).toEqual(body);
      await employee
        .get(`/stock/movements/${body.id}`)
        .set('If-None-Match', answer.headers.etag ?? '')
        .expect(304);
    });

    it.each(INTEGERS_OF_NOTHING)('are 404 when the id is %s', async (_, id) => {
      const { body } = await employee.get(`/stock/movements/${id}`).expect(404);
      expect(body).toEqual({ detail: 'Movement not found', code: 'movement_not_found' });
    });

    it.each(NO_INTEGERS)('are 422 when the id is %s', async (_, id) => {
      const { body } = await employee.get(`/stock/movements/${id}`).expect(422);
      expect(body).toEqual(refusal(NO_INTEGER_IN_STRING, 'path', 'movement_id'));
    });
  });
});
