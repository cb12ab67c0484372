import { SalesVerificationRepository } from '../src/carts/sales-verification.repository.js';
import { AccountVerificationRepository } from '../src/daily-accounts/account-verification.repository.js';
import type { DailyAccountResponse } from '../src/daily-accounts/dto/daily-account-response.dto.js';
import { verifySales } from '../src/daily-accounts/verify-sales.js';
import { LedgerVerificationRepository } from '../src/ledger/ledger-verification.repository.js';
import { verifyLedger } from '../src/ledger/verify-ledger.js';
import { Role } from '../src/platform/authorization/role.js';
import { Database } from '../src/platform/database/database.js';
import type { Client } from './support/client.js';
import { race } from './support/race.js';
import { Shop } from './support/shop.js';
import { Till } from './support/till.js';

const SALES = 40;

describe('A day that is closed while it is sold on', () => {
  let shop: Shop;
  let owner: Client;
  let till: Till;
  let database: Database;
  let itemIds: number[];

  beforeAll(async () => {
    shop = await Shop.open();
    owner = shop.as(Role.MarketOwner);
    till = new Till(shop.as(Role.Employee));
    database = shop.app.get(Database);
    itemIds = [];
    for (const unit_price of [1, 2.5, 3.99]) {
      itemIds.push((await till.stock(100_000, { unit_price, tax_rate: 10, discount_rate: 5 })).id);
    }
  });

  afterAll(() => shop.close());

  it.each([1, 2, 3])('has every sale and every refund on just one day, time %i', async () => {
    const lines = itemIds.map((item_id) => ({ item_id, quantity: 1.5 }));
    const drafts: number[] = [];
    for (let count = 0; count < SALES / 2; count++) {
      drafts.push((await till.fill([itemIds[0] as number, 1], [itemIds[1] as number, 2])).id);
    }
    const sold = await till.sell([itemIds[2] as number, 10]);
    const line = { cart_item_id: sold.lines[0]?.id, quantity: 0.5, restock: true };
    const answers = await race(shop.app, [
      ...drafts.slice(0, SALES / 4).map((id) => till.client.post(`/carts/${id}/complete`)),
      owner.post('/daily-accounts/close'),
      ...drafts.slice(SALES / 4).map((id) => till.client.post(`/carts/${id}/complete`)),
      ...Array.from({ length: SALES / 2 }, () =>
        till.client.post('/carts', { items: lines, complete: true }),
      ),
      owner.post('/daily-accounts/close'),
      ...Array.from({ length: 5 }, () =>
        till.client.post(`/carts/${sold.id}/refunds`, { lines: [line], method: 'cash' }),
      ),
    ]);
    const closings = answers.filter(({ request }) => request.url.endsWith('/close'));
    expect(closings.map(({ status }) => status).sort()).toEqual([200, 409]);
    const others = answers.filter((answer) => !closings.includes(answer));
    expect(others.filter(({ status }) => status >= 300)).toEqual([]);

    const account: DailyAccountResponse = closings.find(({ status }) => status === 200)?.body;
    const [stored] = await database.read<Record<string, number>>`
      select count(*) as carts, cast(sum(total) as bigint) as total,
        (select cast(coalesce(sum(amount), 0) as bigint) from cart_refunds
          where account_date = ${account.account_date}) as refunded
      from carts where account_date = ${account.account_date}`;
    expect({
      carts: account.carts_count,
      total: Math.round(account.total * 100),
      refunded: Math.round(account.refund_total * 100),
    }).toEqual(stored);
    await expectSound();
    await owner.post('/daily-accounts/open-by-date?account_date=today').expect(200);
  });

  it('is closed however busy it is', async () => {
    const lines = itemIds.map((item_id) => ({ item_id, quantity: 1 }));
    let isClosed = false;
    let sold = 0;
    const sellOn = async () => {
      while (!isClosed) {
        await till.client.post('/carts', { items: lines, complete: true }).expect(201);
        sold++;
      }
    };
    const tills = Array.from({ length: 30 }, sellOn);
    await owner.post('/daily-accounts/close').expect(200);
    isClosed = true;
    const soldBefore = sold;
    await Promise.all(tills);
    // It waits for the sales that are under way, and not for those that come after it.
    expect(soldBefore).toBeLessThan(500);
    await expectSound();
  });

  async function expectSound(): Promise<void> {
    const accounts = new AccountVerificationRepository(database);
    const headIds = await accounts.findLedgerHeadIds();
    const { verification, headAt } = await verifyLedger(new LedgerVerificationRepository(database), headIds);
    expect(verification.firstProblem).toBeNull();
    const heads = new Map(headIds.map((id) => [id, headAt(id).hash]));
    const verified = await verifySales(new SalesVerificationRepository(database), accounts, heads);
    expect(verified.firstProblem).toBeNull();
  }
});
