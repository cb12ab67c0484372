import type { DailyAccountResponse } from '../src/daily-accounts/dto/daily-account-response.dto.js';
import { Role } from '../src/platform/authorization/role.js';
import type { CartSummaryResponse } from '../src/carts/dto/cart-summary-response.dto.js';
import { createItem, createStock } from './support/catalogue.js';
import { Clock } from './support/clock.js';
import { Shop } from './support/shop.js';

/** The program's clock is the test's, so that a test can be at the end of a day. */
describe('Trading days', () => {
  let clock: Clock;
  let shop: Shop;
  let itemId: number;

  /** A shop whose clock shows that time. */
  async function openShop(settings: Record<string, string>, time: string): Promise<void> {
    clock.now = Date.parse(time);
    clock.goOn(0);
    // Nobody has to log in again.
    shop = await Shop.open({ ACCESS_TOKEN_EXPIRE_MINUTES: '1440', ...settings });
    const owner = shop.as(Role.MarketOwner);
    itemId = (await createItem(owner, { unit_price: 1 })).id;
    await createStock(owner, { item_id: itemId, quantity: 100 });
  }

  function goTo(time: string): void {
    clock.goOn(Date.parse(time) - clock.now);
  }

  /** The day that a sale is accounted for. */
  async function sell(occurred_at?: string): Promise<{ cartId: number; day: string; lineId: number }> {
    const employee = shop.as(Role.Employee);
    const sale = { items: [{ item_id: itemId, quantity: 1 }], complete: true, occurred_at };
    const { body } = await employee.post('/carts', sale).expect(201);
    const summary: CartSummaryResponse = (await employee.get(`/carts/${body.id}`).expect(200)).body;
    return { cartId: body.id, day: body.account_date, lineId: summary.items[0]?.id as number };
  }

  async function close(day?: string): Promise<DailyAccountResponse> {
    const owner = shop.as(Role.MarketOwner);
    const path = day === undefined ? 'close' : `close-by-date?account_date=${day}`;
    return (await owner.post(`/daily-accounts/${path}`).expect(200)).body;
  }

  beforeEach(() => {
    clock = Clock.start();
  });

  afterEach(async () => {
    await shop.close();
    clock.stop();
  });

  it('are those of the shop’s time zone', async () => {
    await openShop({ SHOP_TIME_ZONE: 'Europe/Istanbul' }, '2026-03-01T20:59:59.000Z');
    expect((await sell()).day).toBe('2026-03-01');
    goTo('2026-03-01T21:00:00.000Z');
    expect((await sell()).day).toBe('2026-03-02');
    expect(await close('2026-03-01')).toMatchObject({ account_date: '2026-03-01', carts_count: 1 });
    expect(await close()).toMatchObject({ account_date: '2026-03-02', carts_count: 1 });
    // In UTC it is the first of March.
    await shop.as(Role.MarketOwner).post('/daily-accounts/close-by-date?account_date=2026-03-03').expect(422);
  });

  it('have 25 hours when the clocks go back', async () => {
    // Half past one comes twice.
    await openShop({ SHOP_TIME_ZONE: 'America/New_York' }, '2026-11-01T05:30:00.000Z');
    for (const time of ['2026-11-01T06:30:00.000Z', '2026-11-02T04:59:59.000Z']) {
      expect((await sell()).day).toBe('2026-11-01');
      goTo(time);
    }
    expect((await sell()).day).toBe('2026-11-01');
    goTo('2026-11-02T05:00:00.000Z');
    expect((await sell()).day).toBe('2026-11-02');
    expect((await sell('2026-11-01T04:00:00Z')).day).toBe('2026-11-01');
    expect((await sell('2026-11-01T03:59:59Z')).day).toBe('2026-10-31');
    expect(await close('2026-11-01')).toMatchObject({ carts_count: 4 });
  });

  it('begin when the shop says, after midnight', async () => {
    const settings = { SHOP_TIME_ZONE: 'Europe/Istanbul', DAY_STARTS_AT: '04:00' };
    await openShop(settings, '2026-03-02T00:59:59.000Z');
    expect((await sell()).day).toBe('2026-03-01');
    expect(await close()).toMatchObject({ account_date: '2026-03-01', carts_count: 1 });
    goTo('2026-03-02T01:00:00.000Z');
    expect((await sell()).day).toBe('2026-03-02');
  });

  it('take a sale that is sent late, while they are open, and the next day when they are closed', async () => {
    await openShop({}, '2026-03-04T12:00:00.000Z');
    expect((await sell('2026-03-02T12:00:00Z')).day).toBe('2026-03-02');
    const { id } = await close('2026-03-02');
    expect((await sell('2026-03-02T13:00:00Z')).day).toBe('2026-03-03');
    await close('2026-03-03');
    expect((await sell('2026-03-02T13:00:00Z')).day).toBe('2026-03-04');
    await shop.as(Role.MarketOwner).post(`/daily-accounts/${id}/open`).expect(200);
    expect((await sell('2026-03-02T13:00:00Z')).day).toBe('2026-03-02');
    expect(await close('2026-03-02')).toMatchObject({ id, carts_count: 2, total: 2 });
  });

  it('take a refund on the day on which it is made, or on the next one when that is closed', async () => {
    await openShop({}, '2026-03-04T20:00:00.000Z');
    const { cartId, lineId } = await sell();
    const refund = (quantity: number) =>
      shop
        .as(Role.Employee)
        .post(`/carts/${cartId}/refunds`, {
          lines: [{ cart_item_id: lineId, quantity, restock: true }],
          method: 'cash',
        })
        .expect(201);
    await refund(0.25);
    expect(await close()).toMatchObject({ total: 1, refund_total: 0.25 });
    await refund(0.5);
    goTo('2026-03-05T12:00:00.000Z');
    await refund(0.25);
    expect(await close()).toMatchObject({ account_date: '2026-03-05', total: 0, refund_total: 0.75 });
  });

  it('never refuse a sale because a day is closed', async () => {
    await openShop({}, '2026-03-04T20:00:00.000Z');
    await sell();
    await close();
    expect((await sell()).day).toBe('2026-03-05');
    goTo('2026-03-05T12:00:00.000Z');
    expect((await sell()).day).toBe('2026-03-05');
    expect(await close()).toMatchObject({ account_date: '2026-03-05', carts_count: 2 });
  });
});
