import { setTimeout as sleep } from 'node:timers/promises';
import type { Response } from 'supertest';
import type { DailyAccountEventResponse } from '../src/daily-accounts/dto/daily-account-event-response.dto.js';
import type {
  DailyAccountResponse,
  DailySummaryResponse,
} from '../src/daily-accounts/dto/daily-account-response.dto.js';
import { PaymentMethod } from '../src/carts/cart-payment.entity.js';
import { Role } from '../src/platform/authorization/role.js';
import { Database } from '../src/platform/database/database.js';
import { createCategory, createItem, createStock, userIdOf } from './support/catalogue.js';
import type { Client } from './support/client.js';
import { onPostgres } from './support/engines.js';
import { race } from './support/race.js';
import { type Sale, writeCompletedCart, writeRefund } from './support/sales.js';
import { Shop } from './support/shop.js';

const DAY_MS = 24 * 3_600_000;

describe('Daily accounts', () => {
  let shop: Shop;
  let owner: Client;
  let employee: Client;
  let database: Database;
  /** Counts backwards from yesterday, a day for each test. */
  let daysAgo = 0;

  beforeAll(async () => {
    shop = await Shop.open();
    owner = shop.as(Role.MarketOwner);
    employee = shop.as(Role.Employee);
    database = shop.app.get(Database);
  });

  afterAll(() => shop.close());

  function dateOf(time: number): string {
    return new Date(time).toISOString().slice(0, 10);
  }

  /** A day of the past that no other test sells on. */
  function aDay(): string {
    return dateOf(database.clock.now() - ++daysAgo * DAY_MS);
  }

  function sell(account_date: string, sale: Partial<Sale> = {}): Promise<number> {
    return writeCompletedCart(database, { account_date, ...sale });
  }

  async function close(day: string, body?: object): Promise<DailyAccountResponse> {
    const answer = await owner.post(`/daily-accounts/close-by-date?account_date=${day}`, body).expect(200);
    return answer.body;
  }

  async function open(id: number, reason?: string): Promise<DailyAccountResponse> {
    const body = reason === undefined ? undefined : { reason };
    return (await owner.post(`/daily-accounts/${id}/open`, body).expect(200)).body;
  }

  async function summaryOf(id: number): Promise<DailySummaryResponse> {
    return (await employee.get(`/daily-accounts/${id}`).expect(200)).body;
  }

  async function eventsOf(id: number): Promise<DailyAccountEventResponse[]> {
    return (await employee.get(`/daily-accounts/${id}/events`).expect(200)).body;
  }

  describe('closing a day', () => {
    it('adds up its carts, a line for each item, name, price and pair of rates', async () => {
      const day = aDay();
      const apples = { item_id: 7, name: 'Red Apples', sku: 'A-1', unit_price: 399, tax_rate: 1000 };
      await sell(day, { lines: [{ ...apples, quantity: 2500, discount_rate: 500 }, { item_id: 8 }] });
      await sell(day, { lines: [{ ...apples, quantity: 2500, discount_rate: 500 }] });
      await sell(day, { lines: [{ ...apples, quantity: 1000, discount_rate: 500, unit_price: 429 }] });
      await sell(day, { lines: [{ ...apples, name: 'Apples', quantity: 1000 }] });
      const account = await close(day);
      expect(account).toEqual({
        id: expect.any(Number),
        account_date: day,
        sequence: expect.any(Number),
        subtotal: 29.24,
        discount_total: 1.21,
        tax_total: 2.71,
        total: 30.74,
        refund_total: 0,
        carts_count: 4,
        items_count: 5,
        open_carts: 0,
        payments: [{ method: 'cash', amount: 30.74, refunded: 0 }],
        opening_float: null,
        counted_cash: null,
        cash_difference: null,
        is_closed: true,
        closed_at: expect.stringMatching(/Z$/),
        closed_by: await userIdOf(owner),
        created_by: await userIdOf(owner),
        updated_by: await userIdOf(owner),
        created_at: account.closed_at,
        updated_at: account.closed_at,
        ledger_head_id: null,
        ledger_head: null,
        hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      });
      const { items, totals, account: shown } = await summaryOf(account.id);
      expect(shown).toEqual(account);
      expect(totals).toEqual({ subtotal: 29.24, discount_total: 1.21, tax_total: 2.71, total: 30.74 });
      const line = { id: expect.any(Number), account_id: account.id, created_at: account.closed_at };
      expect(items).toEqual([
        {
          ...line,
          item_id: 7,
          item_name: 'Apples',
          sku: 'A-1',
          quantity: 1,
          unit_price: 3.99,
          discount_rate: 0,
          tax_rate: 10,
          line_subtotal: 3.99,
          line_discount: 0,
          line_tax: 0.4,
          line_total: 4.39,
        },
        {
          ...line,
          item_id: 7,
          item_name: 'Red Apples',
          sku: 'A-1',
          quantity: 5,
          unit_price: 3.99,
          discount_rate: 5,
          tax_rate: 10,
          line_subtotal: 19.96,
          line_discount: 1,
          line_tax: 1.9,
          line_total: 20.86,
        },
        {
          ...line,
          item_id: 7,
          item_name: 'Red Apples',
          sku: 'A-1',
          quantity: 1,
          unit_price: 4.29,
          discount_rate: 5,
          tax_rate: 10,
          line_subtotal: 4.29,
          line_discount: 0.21,
          line_tax: 0.41,
          line_total: 4.49,
        },
        {
          ...line,
          item_id: 8,
          item_name: 'Item 8',
          sku: null,
          quantity: 1,
          unit_price: 1,
          discount_rate: 0,
          tax_rate: 0,
          line_subtotal: 1,
          line_discount: 0,
          line_tax: 0,
          line_total: 1,
        },
      ]);
    });

    it('adds up payments and refunds by method, and compares the cash with what was counted', async () => {
      const [before, day] = [aDay(), aDay()];
      const cart = await sell(before, { lines: [{ item_id: 1, unit_price: 250 }] });
      const other = await sell(before, { lines: [{ item_id: 1, unit_price: 120 }] });
      await sell(day, {
        lines: [{ item_id: 1, unit_price: 1000 }],
        payments: [
          { method: PaymentMethod.Card, amount: 600 },
          { method: PaymentMethod.Cash, amount: 400 },
        ],
      });
      await sell(day, { lines: [{ item_id: 1, unit_price: 555 }] });
      await writeRefund(database, { cart_id: cart, account_date: day });
      await writeRefund(database, { cart_id: other, account_date: day, method: PaymentMethod.Voucher });
      const account = await close(day, { opening_float: 100, counted_cash: '106.00' });
      expect(account).toMatchObject({
        total: 15.55,
        refund_total: 3.7,
        payments: [
          { method: 'cash', amount: 9.55, refunded: 2.5 },
          { method: 'card', amount: 6, refunded: 0 },
          { method: 'voucher', amount: 0, refunded: 1.2 },
        ],
        opening_float: 100,
        counted_cash: 106,
        cash_difference: -1.05,
      });
      expect(await close(before, { counted_cash: 4 })).toMatchObject({
        opening_float: null,
        cash_difference: 0.3,
      });
    });

    it('takes a day on which there were refunds only', async () => {
      const [before, day] = [aDay(), aDay()];
      const cart_id = await sell(before);
      await writeRefund(database, { cart_id, account_date: day });
      expect(await close(day)).toMatchObject({ total: 0, refund_total: 1, carts_count: 0, items_count: 0 });
    });

    it('tells the drafts that are still open', async () => {
      const day = aDay();
      await sell(day);
      await database.write`
        insert into carts (status, created_by, updated_by, created_at, updated_at)
        values ('draft', 1, 1, '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z')`;
      await database.write`
        insert into carts (status, created_by, updated_by, created_at, updated_at)
        values ('deleted', 1, 1, '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z')`;
      expect((await close(day)).open_carts).toBe(1);
      await database.write`delete from carts where status <> 'completed'`;
    });

    it('numbers closings of all days without a gap, each sealed with the one before', async () => {
      const days = [aDay(), aDay(), aDay()];
      for (const day of days) await sell(day);
      const accounts: DailyAccountResponse[] = [];
      for (const day of days) accounts.push(await close(day));
      const [first, second, third] = accounts as [
        DailyAccountResponse,
        DailyAccountResponse,
        DailyAccountResponse,
      ];
      expect([second.sequence, third.sequence]).toEqual([first.sequence + 1, first.sequence + 2]);
      const [event] = (await eventsOf(third.id)) as [DailyAccountEventResponse];
      expect(event).toMatchObject({ sequence: third.sequence, hash: third.hash, previous_hash: second.hash });
    });

    it('keeps the ledger’s head of that time, which a verification comes to later', async () => {
      const { item_id } = await createStock(employee, { quantity: 50 });
      for (let count = 1; count <= 3; count++) {
        const day = aDay();
        await sell(day);
        for (let sale = 0; sale < 4; sale++) {
          await employee.post(`/stock/${item_id}/movements`, { delta: -1, reason: 'sale' }).expect(201);
        }
        const { ledger_head_id, ledger_head } = await close(day);
        await employee.post(`/stock/${item_id}/movements`, { delta: -1, reason: 'sale' }).expect(201);
        const { body } = await owner.get(`/stock/ledger/verify?until_id=${ledger_head_id}`).expect(200);
        expect([body.head_id, body.head_hash]).toEqual([ledger_head_id, ledger_head]);
        expect(ledger_head).not.toBeNull();
      }
    });

    it('takes a body or none, and no content type without one', async () => {
      const [day, other] = [aDay(), aDay()];
      await sell(day);
      await sell(other);
      await owner.post(`/daily-accounts/close-by-date?account_date=${day}`).unset('Content-Type').expect(200);
      await owner
        .post(`/daily-accounts/close-by-date?account_date=${other}`)
        .set('Content-Type', 'text/plain')
        .expect(200);
    });

    it('closes today for anybody, and what is sold then belongs to the next day', async () => {
      await employee.post('/daily-accounts/close').expect(400);
      const today = dateOf(database.clock.now());
      await sell(today);
      const { body } = await employee.post('/daily-accounts/close', { counted_cash: 1 }).expect(200);
      expect(body).toMatchObject({ account_date: today, is_closed: true, cash_difference: 0 });
      const refusal = await employee.post('/daily-accounts/close').expect(409);
      expect(refusal.body).toEqual({ detail: 'The day is closed already', code: 'day_closed' });
      const named = (await employee.get('/daily-accounts/by-date/today').expect(200)).body;
      expect(named.account).toEqual(body);
      await owner.post('/daily-accounts/open-by-date?account_date=today').expect(200);
    });

    it('refuses a day on which nothing was sold, and changes nothing', async () => {
      const day = aDay();
      const path = `/daily-accounts/close-by-date?account_date=${day}`;
      const { body } = await owner.post(path).expect(400);
      expect(body).toEqual({ detail: 'Nothing was sold or refunded on this day', code: 'nothing_sold' });
      expect(await database.read`select * from trading_days where account_date = ${day}`).toEqual([]);
      await sell(day);
      await owner.post(path).expect(200);
      expect((await owner.post(path).expect(409)).body.code).toBe('day_closed');
    });

    it.each([
      ['a day to come', '2999-01-01', 'value_error'],
      ['no date', 'yesterday', 'date_parsing'],
      ['a day that is not in the calendar', '2026-02-30', 'date_parsing'],
      ['a date with a time', '2026-02-03T00:00:00Z', 'date_parsing'],
      ['nothing', '', 'date_parsing'],
    ])('refuses %s', async (_, day, type) => {
      const { body } = await owner.post(`/daily-accounts/close-by-date?account_date=${day}`).expect(422);
      expect(body.detail).toMatchObject([{ type, loc: ['query', 'account_date'] }]);
    });

    it('refuses a close by date without the date', async () => {
      const { body } = await owner.post('/daily-accounts/close-by-date').expect(422);
      expect(body.detail).toMatchObject([{ type: 'missing', loc: ['query', 'account_date'] }]);
    });

    it.each([
      ['opening_float', -1, 'greater_than_equal'],
      ['counted_cash', 1.234, 'decimal_max_places'],
      ['counted_cash', 'much', 'decimal_parsing'],
    ])('refuses %s of %s', async (field, value, type) => {
      const { body } = await employee.post('/daily-accounts/close', { [field]: value }).expect(422);
      expect(body.detail).toMatchObject([{ type, loc: ['body', field] }]);
    });

    it('is carried out once for each Idempotency-Key, also when the day is open again', async () => {
      const day = aDay();
      await sell(day);
      const send = () =>
        owner
          .post(`/daily-accounts/close-by-date?account_date=${day}`)
          .set('Idempotency-Key', `close ${day}`);
      const first = await send().expect(200);
      const again = await send().expect(200);
      expect(again.body).toEqual(first.body);
      expect(again.headers['idempotency-replayed']).toBe('true');
      await open(first.body.id);
      expect((await send().expect(200)).body).toEqual(first.body);
      expect((await summaryOf(first.body.id)).account.is_closed).toBe(false);
    });
  });

  describe('opening a day again', () => {
    it('keeps the old closing among the events, and closes under a new number', async () => {
      const day = aDay();
      await sell(day);
      const first = await close(day);
      const opened = await open(first.id, '  A sale was  forgotten ');
      expect(opened).toEqual({
        ...first,
        is_closed: false,
        updated_by: await userIdOf(owner),
        updated_at: expect.any(String),
      });
      await sell(day, { lines: [{ item_id: 2 }] });
      const second = await close(day);
      expect(second).toMatchObject({
        id: first.id,
        sequence: first.sequence + 1,
        total: 2,
        carts_count: 2,
        created_at: first.created_at,
      });
      expect((await summaryOf(first.id)).items).toHaveLength(2);
      const by = { account_id: first.id, created_by: await userIdOf(owner) };
      expect(await eventsOf(first.id)).toEqual([
        {
          ...by,
          id: expect.any(Number),
          kind: 'closed',
          sequence: first.sequence,
          reason: null,
          total: 1,
          refund_total: 0,
          previous_hash: expect.anything(),
          hash: first.hash,
          created_at: first.closed_at,
        },
        {
          ...by,
          id: expect.any(Number),
          kind: 'opened',
          sequence: null,
          reason: 'A sale was  forgotten',
          total: null,
          refund_total: null,
          previous_hash: null,
          hash: null,
          created_at: opened.updated_at,
        },
        {
          ...by,
          id: expect.any(Number),
          kind: 'closed',
          sequence: second.sequence,
          reason: null,
          total: 2,
          refund_total: 0,
          previous_hash: first.hash,
          hash: second.hash,
          created_at: second.closed_at,
        },
      ]);
    });

    it('is refused while it is open', async () => {
      const day = aDay();
      await sell(day);
      const { id } = await close(day);
      await owner.post(`/daily-accounts/open-by-date?account_date=${day}`).expect(200);
      const expected = { detail: 'The day is open already', code: 'day_open' };
      expect((await owner.post(`/daily-accounts/${id}/open`).expect(409)).body).toEqual(expected);
      expect((await owner.post(`/daily-accounts/open-by-date?account_date=${day}`).expect(409)).body).toEqual(
        expected,
      );
    });

    it('is refused for a day that was never closed', async () => {
      const day = aDay();
      for (const path of [`/daily-accounts/open-by-date?account_date=${day}`, '/daily-accounts/99999/open']) {
        expect((await owner.post(path).expect(404)).body.code).toBe('account_not_found');
      }
    });

    it('is not for employees', async () => {
      const day = aDay();
      await sell(day);
      const { id } = await close(day);
      for (const path of [
        `/daily-accounts/${id}/open`,
        `/daily-accounts/open-by-date?account_date=${day}`,
        `/daily-accounts/close-by-date?account_date=${day}`,
      ]) {
        await employee.post(path).expect(403);
      }
    });
  });

  describe('reading', () => {
    it('lists accounts, the newest day first, page by page', async () => {
      const days = [aDay(), aDay(), aDay()];
      for (const day of days) await sell(day);
      for (const day of [...days].reverse()) await close(day);
      const all = await employee.get('/daily-accounts?limit=100').expect(200);
      const dates = (all.body as DailyAccountResponse[]).map(({ account_date }) => account_date);
      expect(dates).toEqual([...dates].sort().reverse());
      expect(all.headers['x-total-count']).toBe(String(dates.length));
      for (const account of all.body as DailyAccountResponse[]) {
        expect(account).toEqual((await summaryOf(account.id)).account);
      }
      const paged: string[] = [];
      let path: string | undefined = '/daily-accounts?limit=2';
      while (path !== undefined) {
        const { body, headers }: Response = await employee.get(path).expect(200);
        paged.push(...(body as DailyAccountResponse[]).map(({ account_date }) => account_date));
        path = /<\/api\/v1([^>]+)>; rel="next"/.exec(headers.link ?? '')?.[1];
      }
      expect(paged).toEqual(dates);
    });

    it('takes 30 accounts unless a limit is given, of 1 to 100', async () => {
      const { body } = await employee.get('/daily-accounts').expect(200);
      expect(body.length).toBeLessThanOrEqual(30);
      for (const limit of [0, 101]) await employee.get(`/daily-accounts?limit=${limit}`).expect(422);
    });

    it('finds an account by its id and its date, and knows an unchanged one', async () => {
      const day = aDay();
      await sell(day);
      const { id } = await close(day);
      const byId = await employee.get(`/daily-accounts/${id}`).expect(200);
      const byDate = await employee.get(`/daily-accounts/by-date/${day}`).expect(200);
      expect(byDate.body).toEqual(byId.body);
      const get = () =>
        employee.get(`/daily-accounts/${id}`).set('If-None-Match', byId.headers.etag as string);
      await get().expect(304);
      await open(id);
      const opened = await get().expect(200);
      await close(day);
      await employee
        .get(`/daily-accounts/${id}`)
        .set('If-None-Match', opened.headers.etag as string)
        .expect(200);
    });

    it('refuses what is not there, and what is no id or date', async () => {
      for (const path of ['99999', '99999/events', 'by-date/1999-01-01']) {
        expect((await employee.get(`/daily-accounts/${path}`).expect(404)).body.code).toBe(
          'account_not_found',
        );
      }
      for (const path of ['none', 'none/events', 'by-date/2026-13-01', 'by-date/none']) {
        await employee.get(`/daily-accounts/${path}`).expect(422);
      }
    });
  });

  describe('analyses', () => {
    let span: string;
    let pears: number;
    let plums: number;
    let gone: number;
    let category: { id: number; name: string };
    let openDay: string;

    beforeAll(async () => {
      category = await createCategory(owner);
      pears = (await createItem(owner, { category_id: category.id })).id;
      plums = (await createItem(owner, { category_id: category.id })).id;
      const item = await createItem(owner);
      gone = item.id;
      await owner.delete(`/items/${gone}`).expect(204);
      const [late, open_, early] = [aDay(), aDay(), aDay()];
      openDay = open_;
      const pear = { item_id: pears, name: 'Pears', unit_price: 200 };
      await sell(early, {
        lines: [
          { ...pear, quantity: 2000 },
          { item_id: plums, name: 'Plums', quantity: 5000, unit_price: 100 },
        ],
      });
      await sell(late, {
        lines: [
          { ...pear, name: 'Best Pears', sku: 'P-9', quantity: 1000, unit_price: 250 },
          { item_id: gone, quantity: 1000, unit_price: 1000 },
        ],
      });
      await sell(open_, { lines: [{ ...pear, quantity: 100_000 }] });
      for (const day of [early, late, open_]) await close(day);
      await owner.post(`/daily-accounts/open-by-date?account_date=${open_}`).expect(200);
      span = `start_date=${early}&end_date=${late}`;
    });

    it('tell what was sold of an item on closed days', async () => {
      const { body } = await employee.get(`/daily-accounts/analysis/item-sales?${span}&item_id=${pears}`);
      expect(body).toEqual({
        item_id: pears,
        total_quantity: 3,
        total_revenue: 6.5,
        days_sold: 2,
        avg_unit_price: 2.17,
      });
      const none = await employee
        .get(`/daily-accounts/analysis/item-sales?${span}&item_id=99999`)
        .expect(200);
      expect(none.body).toEqual({
        item_id: 99999,
        total_quantity: 0,
        total_revenue: 0,
        days_sold: 0,
        avg_unit_price: 0,
      });
    });

    it('tell of what most was sold, by its last name', async () => {
      const { body } = await employee.get(`/daily-accounts/analysis/top-sellers?${span}`).expect(200);
      expect(body).toEqual([
        {
          item_id: plums,
          item_name: 'Plums',
          sku: null,
          total_quantity: 5,
          total_revenue: 5,
          avg_unit_price: 1,
        },
        {
          item_id: pears,
          item_name: 'Best Pears',
          sku: 'P-9',
          total_quantity: 3,
          total_revenue: 6.5,
          avg_unit_price: 2.17,
        },
        {
          item_id: gone,
          item_name: `Item ${gone}`,
          sku: null,
          total_quantity: 1,
          total_revenue: 10,
          avg_unit_price: 10,
        },
      ]);
      const one = await employee.get(`/daily-accounts/analysis/top-sellers?${span}&limit=1`).expect(200);
      expect(one.body).toEqual([body[0]]);
    });

    it('tell what was sold by category', async () => {
      const { body } = await employee.get(`/daily-accounts/analysis/by-category?${span}`).expect(200);
      expect(body).toEqual([
        {
          category_id: category.id,
          category_name: category.name,
          total_quantity: 8,
          total_revenue: 11.5,
          items_count: 2,
        },
        { category_id: null, category_name: null, total_quantity: 1, total_revenue: 10, items_count: 1 },
      ]);
    });

    it('leave out days that are open', async () => {
      const only = `start_date=${openDay}&end_date=${openDay}`;
      for (const path of ['top-sellers', 'by-category']) {
        expect((await employee.get(`/daily-accounts/analysis/${path}?${only}`).expect(200)).body).toEqual([]);
      }
    });

    it.each([
      ['item-sales?start_date=2026-01-01&end_date=2026-01-31', 'item_id', 'missing'],
      ['item-sales?item_id=1&end_date=2026-01-31', 'start_date', 'missing'],
      ['top-sellers?start_date=2026-01-01', 'end_date', 'missing'],
      ['top-sellers?start_date=2026-01-01&end_date=2026-01-31&limit=101', 'limit', 'less_than_equal'],
      ['by-category?start_date=2026-02-01&end_date=2026-01-31', 'end_date', 'value_error'],
      ['by-category?start_date=1/2/2026&end_date=2026-01-31', 'start_date', 'date_parsing'],
    ])('refuse %s', async (path, field, type) => {
      const { body } = await employee.get(`/daily-accounts/analysis/${path}`).expect(422);
      expect(body.detail).toMatchObject([{ type, loc: ['query', field] }]);
    });
  });

  describe('at once', () => {
    it('one of two closings closes the day', async () => {
      for (let round = 0; round < 5; round++) {
        const day = aDay();
        await sell(day);
        const path = `/daily-accounts/close-by-date?account_date=${day}`;
        const answers = await race(shop.app, [owner.post(path), owner.post(path), owner.post(path)]);
        expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
      }
    });

    it('closings of different days are numbered without a gap', async () => {
      const days = Array.from({ length: 8 }, aDay);
      for (const day of days) await sell(day);
      const answers = await race(
        shop.app,
        days.map((day) => owner.post(`/daily-accounts/close-by-date?account_date=${day}`)),
      );
      expect(answers.map(({ status }) => status)).toEqual(days.map(() => 200));
      const sequences = await database.read<{ sequence: number }>`
        select sequence from daily_account_events where sequence is not null order by sequence`;
      expect(sequences.map(({ sequence }) => sequence)).toEqual(sequences.map((_, index) => index + 1));
    });

    it('closing and opening end in one state', async () => {
      const day = aDay();
      await sell(day);
      const { id } = await close(day);
      await open(id);
      for (let round = 0; round < 5; round++) {
        const answers = await race(shop.app, [
          owner.post(`/daily-accounts/close-by-date?account_date=${day}`),
          owner.post(`/daily-accounts/${id}/open`),
        ]);
        for (const { status } of answers) expect([200, 409]).toContain(status);
        const { is_closed } = (await summaryOf(id)).account;
        const [{ kind }] = (await eventsOf(id)).slice(-1) as [DailyAccountEventResponse];
        expect(kind).toBe(is_closed ? 'closed' : 'opened');
        if (is_closed) await open(id);
      }
    });

    onPostgres('a closing waits for a sale that is being completed on the day', async () => {
      const day = aDay();
      await sell(day);
      await database.write`insert into trading_days (account_date, is_closed) values (${day}, false)`;
      const closing = await database.transaction(async () => {
        await database.read`select 1 from trading_days where account_date = ${day} for share`;
        const sent = close(day);
        // It has read the day before, and waits for the row now.
        await sleep(500);
        await sell(day);
        return { sent };
      });
      expect((await closing.sent).carts_count).toBe(2);
    });
  });
});
