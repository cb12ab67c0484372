import type { DailyAccountResponse } from '../src/daily-accounts/dto/daily-account-response.dto.js';
import type { LedgerVerificationResponse } from '../src/ledger/dto/ledger-verification-response.dto.js';
import { Role } from '../src/platform/authorization/role.js';
import { Database } from '../src/platform/database/database.js';
import { type Outcome, startCommand } from './support/command.js';
import { Shop } from './support/shop.js';
import { Till } from './support/till.js';

/** `ledger:verify` on a shop that sells in carts. */
describe('Sales that are verified by the command', () => {
  let shop: Shop;
  let till: Till;
  let database: Database;
  let account: DailyAccountResponse;
  let sold: Awaited<ReturnType<Till['sell']>>;

  beforeAll(async () => {
    shop = await Shop.open();
    till = new Till(shop.as(Role.Employee));
    database = shop.app.get(Database);
    const apples = await till.stock(10, { unit_price: 3.99 });
    await till.sell([apples.id, 2]);
    sold = await till.sell([apples.id, 2.5]);
    const refund = { cart_item_id: sold.lines[0]?.id, quantity: 1, restock: true };
    await till.client.post(`/carts/${sold.id}/refunds`, { lines: [refund], method: 'cash' }).expect(201);
    account = (await till.client.post('/daily-accounts/close').expect(200)).body;
    await till.sell([apples.id, 1]);
  });

  afterAll(() => shop.close());

  function run(): Promise<Outcome> {
    return startCommand('ledger:verify', [], { DATABASE_URL: shop.databaseUrl }).ended;
  }

  async function ledger(): Promise<LedgerVerificationResponse> {
    return (await shop.as(Role.MarketOwner).get('/stock/ledger/verify').expect(200)).body;
  }

  it('are valid, while the program serves', async () => {
    const { head_id, head_hash } = await ledger();
    expect(await run()).toEqual({
      code: 0,
      stderr: '',
      stdout:
        `5 movements of 1 items\nHead ${head_id} ${head_hash}\n` +
        '3 completed carts, 1 refunds, 1 closed days\n' +
        'Valid: every movement is unchanged, and the movements add up to the stock.\n',
    });
  });

  it('name the first that is wrong: the account, the cart and the line', async () => {
    const [line] = sold.lines;
    await database.write`update cart_items set unit_price = unit_price + 1 where cart_id = ${sold.id}`;
    const wrong = await run();
    await database.write`update cart_items set unit_price = unit_price - 1 where cart_id = ${sold.id}`;
    expect(wrong).toMatchObject({
      code: 1,
      stdout: expect.stringContaining(
        `Not valid: 2 problems, the first at the account of ${account.account_date}, cart ${sold.id}, ` +
          `line ${line?.id}: Its line_subtotal is not that of its price, quantity and rates.\n`,
      ),
    });
    expect((await run()).code).toBe(0);
  });

  it('name the account of which one byte was changed', async () => {
    await database.write`update daily_accounts set total = total + 1`;
    const wrong = await run();
    await database.write`update daily_accounts set total = total - 1`;
    expect(wrong).toMatchObject({
      code: 1,
      stdout: expect.stringContaining(
        `Not valid: 1 problem at the account of ${account.account_date}: Its total is not that of closing 1.\n`,
      ),
    });
  });
});
