import { DataSource, type EntityTarget, type ObjectLiteral } from 'typeorm';
import { CartItem } from '../src/carts/cart-item.entity.js';
import { CartPayment } from '../src/carts/cart-payment.entity.js';
import { CartRefundLine } from '../src/carts/cart-refund-line.entity.js';
import { CartRefund } from '../src/carts/cart-refund.entity.js';
import { Cart } from '../src/carts/cart.entity.js';
import type { CartResponse } from '../src/carts/dto/cart-response.dto.js';
import type { CartSummaryResponse } from '../src/carts/dto/cart-summary-response.dto.js';
import { cartHash } from '../src/carts/sale-hash.js';
import { SalesVerificationRepository } from '../src/carts/sales-verification.repository.js';
import { AccountVerificationRepository } from '../src/daily-accounts/account-verification.repository.js';
import { closingHash, contentOf } from '../src/daily-accounts/closing-seal.js';
import {
  DailyAccountEvent,
  DailyAccountEventKind,
} from '../src/daily-accounts/daily-account-event.entity.js';
import { DailyAccountItem } from '../src/daily-accounts/daily-account-item.entity.js';
import { DailyAccountPayment } from '../src/daily-accounts/daily-account-payment.entity.js';
import { DailyAccount } from '../src/daily-accounts/daily-account.entity.js';
import { DaySales } from '../src/daily-accounts/day-sales.js';
import type { DailyAccountResponse } from '../src/daily-accounts/dto/daily-account-response.dto.js';
import { type SalesProblem, type VerifiedSales, verifySales } from '../src/daily-accounts/verify-sales.js';
import { LedgerVerificationRepository } from '../src/ledger/ledger-verification.repository.js';
import { verifyLedger } from '../src/ledger/verify-ledger.js';
import { Role } from '../src/platform/authorization/role.js';
import { Database } from '../src/platform/database/database.js';
import { identifier, sql, type SqlFragment } from '../src/platform/database/sql.js';
import { hundredths } from '../src/platform/validation/decimal.js';
import { createItem, createStock } from './support/catalogue.js';
import type { Client } from './support/client.js';
import { writeCompletedCart } from './support/sales.js';
import { Shop } from './support/shop.js';

const SOUND = { problems: 0, firstProblem: null };

/** Tables that are changed by hand, and put back after each test; the first ones refer to the later ones. */
const TABLES: EntityTarget<ObjectLiteral>[] = [
  DailyAccountEvent,
  DailyAccountItem,
  DailyAccountPayment,
  DailyAccount,
  CartRefundLine,
  CartRefund,
  CartPayment,
  CartItem,
  Cart,
];

describe('Verification of sales', () => {
  let shop: Shop;
  let owner: Client;
  let employee: Client;
  let database: Database;
  let today: string;

  beforeAll(async () => {
    shop = await Shop.open();
    owner = shop.as(Role.MarketOwner);
    employee = shop.as(Role.Employee);
    database = shop.app.get(Database);
    today = new Date(database.clock.now()).toISOString().slice(0, 10);
  });

  afterAll(() => shop.close());

  async function verify(of = database): Promise<VerifiedSales> {
    const accounts = new AccountVerificationRepository(of);
    const headIds = await accounts.findLedgerHeadIds();
    const { verification, headAt } = await verifyLedger(new LedgerVerificationRepository(of), headIds);
    expect(verification.firstProblem).toBeNull();
    const heads = new Map(headIds.map((id) => [id, headAt(id).hash]));
    return verifySales(new SalesVerificationRepository(of), accounts, heads);
  }

  async function sell(
    items: { item_id: number; quantity: number }[],
    payments?: object[],
  ): Promise<CartSummaryResponse> {
    const { body } = await employee.post('/carts', { items, payments, complete: true }).expect(201);
    return summaryOf((body as CartResponse).id);
  }

  async function summaryOf(id: number): Promise<CartSummaryResponse> {
    return (await employee.get(`/carts/${id}`).expect(200)).body;
  }

  it('finds nothing wrong where nothing was sold', async () => {
    expect(await verify()).toEqual({ carts: 0, refunds: 0, closedDays: 0, ...SOUND });
  });

  it('takes an account of the first version, which has no carts, and compares it with what was sealed', async () => {
    const other = await Shop.open();
    const rows = other.app.get(Database);
    const closed_at = '2026-02-02T18:00:00.000Z';
    const account = {
      id: 1,
      account_date: '2026-02-02',
      sequence: 1,
      subtotal: hundredths(1000),
      discount_total: hundredths(0),
      tax_total: hundredths(0),
      total: hundredths(1000),
      refund_total: hundredths(0),
      carts_count: 3,
      items_count: 4,
      open_carts: 0,
      opening_float: null,
      counted_cash: null,
      cash_difference: null,
      closed_at,
      closed_by: 1,
      ledger_head_id: null,
      ledger_head: null,
      adopted_at: '2026-03-01T08:00:00.000Z',
    };
    const none = new DaySales();
    const content = contentOf({
      account,
      payments: [],
      lines: [],
      carts: none.carts,
      refunds: none.refunds,
      reopening: null,
    });
    const hash = closingHash(content, null);
    const made = { created_by: 2, created_at: '2026-02-02T17:00:00.000Z' };
    const changed = { updated_by: 3, updated_at: '2026-02-03T09:00:00.000Z' };
    await rows.insert(DailyAccount, { ...account, is_closed: true, hash, ...made, ...changed });
    const event = { account_id: 1, kind: DailyAccountEventKind.Closed, sequence: 1, content, hash };
    await rows.insert(DailyAccountEvent, { ...event, created_by: 1, created_at: closed_at });
    await rows.write`
      insert into trading_days (account_date, is_closed) values ('2026-02-02', ${true})`;
    expect(await verify(rows)).toEqual({ carts: 0, refunds: 0, closedDays: 1, ...SOUND });
    await rows.write`update daily_accounts set total = total + 1`;
    expect((await verify(rows)).firstProblem).toEqual({
      account_date: '2026-02-02',
      problem: 'Its total is not that of closing 1',
    });
    await rows.write`update daily_accounts set total = total - 1`;

    // Opened and closed again, it is an account like any other.
    await other.as(Role.MarketOwner).post('/daily-accounts/1/open').expect(200);
    expect(await verify(rows)).toMatchObject(SOUND);
    await writeCompletedCart(rows, { account_date: '2026-02-02' });
    await rows.write`update carts set adopted_at = completed_at`;
    const [cart] = await rows.read<Cart>`select * from carts`;
    const [lines, payments] = [
      await rows.read<CartItem>`select * from cart_items`,
      await rows.read<CartPayment>`select * from cart_payments`,
    ];
    await rows.write`update carts set hash = ${cartHash(cart as Cart, lines, payments)}`;
    await other
      .as(Role.MarketOwner)
      .post('/daily-accounts/close-by-date?account_date=2026-02-02')
      .expect(200);
    expect(await verify(rows)).toEqual({ carts: 1, refunds: 0, closedDays: 1, ...SOUND });
    await rows.write`update cart_payments set amount = amount + 1`;
    expect((await verify(rows)).firstProblem).toMatchObject({ cart_id: cart?.id });
    await rows.write`update cart_payments set amount = amount - 1`;
    await other.close();
  });

  describe('of a day that was closed, opened again and closed', () => {
    let sold: CartSummaryResponse;
    let account: DailyAccountResponse;
    let apples: number;
    let pears: number;
    const kept = new Map<EntityTarget<ObjectLiteral>, ObjectLiteral[]>();

    beforeAll(async () => {
      apples = (await createItem(owner, { name: 'Apples', unit_price: 3.99, tax_rate: 10 })).id;
      pears = (await createItem(owner, { name: 'Pears', unit_price: 2.49, discount_rate: 5 })).id;
      for (const item_id of [apples, pears]) await createStock(owner, { item_id, quantity: 100 });
      await sell([{ item_id: pears, quantity: 2 }]);
      await owner.post('/daily-accounts/close', { opening_float: 50, counted_cash: 60 }).expect(200);
      await owner.post('/daily-accounts/open-by-date?account_date=today', { reason: 'Late' }).expect(200);
      sold = await sell([
        { item_id: apples, quantity: 2.5 },
        { item_id: pears, quantity: 1 },
      ]);
      const [line] = sold.items;
      const refund = { cart_item_id: line?.id, quantity: 1, restock: true };
      await employee
        .post(`/carts/${sold.cart.id}/refunds`, { lines: [refund], reason: 'Bruised', method: 'cash' })
        .expect(201);
      account = (await owner.post('/daily-accounts/close', { opening_float: 50 }).expect(200)).body;
      // What is sold now belongs to the next day, which is open.
      await sell([{ item_id: apples, quantity: 1 }]);
      await employee.post('/carts', { items: [{ item_id: apples, quantity: 3 }] }).expect(201);
      for (const table of TABLES) kept.set(table, await rowsOf(table));
      await disarm();
    });

    afterEach(async () => {
      await putBack();
      expect(await verify()).toMatchObject(SOUND);
    });

    async function putBack(): Promise<void> {
      for (const table of TABLES) await database.write`delete from ${nameOf(table)}`;
      for (const table of [...TABLES].reverse()) {
        for (const row of kept.get(table) ?? []) await database.insert(table, row);
      }
    }

    function metadataOf(table: EntityTarget<ObjectLiteral>) {
      return shop.app.get(DataSource).getMetadata(table);
    }

    function nameOf(table: EntityTarget<ObjectLiteral>): SqlFragment {
      return identifier(metadataOf(table).tableName);
    }

    async function rowsOf(table: EntityTarget<ObjectLiteral>): Promise<ObjectLiteral[]> {
      const rows = await database.read<ObjectLiteral>`select * from ${nameOf(table)} order by id`;
      return rows.map((row) => ({ ...row }));
    }

    /** Takes away what keeps the rows as they are, as somebody can who has the database. */
    async function disarm(): Promise<void> {
      const dataSource = shop.app.get(DataSource);
      if (dataSource.options.type === 'postgres') {
        const names = TABLES.map((table) => metadataOf(table).tableName);
        for (const name of names) await dataSource.query(`alter table ${name} disable trigger user`);
        const constraints = await dataSource.query<{ name: string; table_name: string }[]>(`
          select conname as name, conrelid::regclass::text as table_name from pg_constraint
          where contype in ('c', 'f') and conrelid::regclass::text in (${names.map((name) => `'${name}'`).join()})`);
        for (const { name, table_name } of constraints) {
          await dataSource.query(`alter table ${table_name} drop constraint "${name}"`);
        }
        return;
      }
      for (const change of ['update', 'delete']) {
        await dataSource.query(`drop trigger tr_daily_account_events_refuse_${change}`);
      }
      await dataSource.query('pragma ignore_check_constraints = on');
      await dataSource.query('pragma foreign_keys = off');
    }

    /** Changes one column of one row. */
    async function change(
      table: EntityTarget<ObjectLiteral>,
      column: string,
      where: SqlFragment,
    ): Promise<void> {
      const [row] = (await database.read<Record<string, unknown>>`
        select * from ${nameOf(table)} where ${where} order by id limit 1`) as [Record<string, unknown>];
      const other = otherThan(row[column], metadataOf(table).findColumnWithPropertyName(column)?.type);
      await database.write`
        update ${nameOf(table)} set ${identifier(column)} = ${other} where id = ${row.id as number}`;
    }

    async function firstProblem(): Promise<SalesProblem> {
      const { problems, firstProblem: first } = await verify();
      expect(problems).toBeGreaterThan(0);
      return first as SalesProblem;
    }

    function columnsOf(table: EntityTarget<ObjectLiteral>, ...without: string[]): string[] {
      return metadataOf(table)
        .columns.map(({ propertyName }) => propertyName)
        .filter((name) => !without.includes(name));
    }

    /** Every column of a table, one after the other. */
    async function expectFound(
      table: EntityTarget<ObjectLiteral>,
      columns: string[],
      where: SqlFragment,
      expected: object,
    ): Promise<void> {
      for (const column of columns) {
        await change(table, column, where);
        expect({ column, ...(await firstProblem()) }).toMatchObject({ column, ...expected });
        await putBack();
      }
    }

    it('finds nothing wrong', async () => {
      expect(await verify()).toEqual({ carts: 3, refunds: 1, closedDays: 1, ...SOUND });
    });

    it('finds every column of a completed cart that was changed', async () => {
      const where = sql`id = ${sold.cart.id}`;
      const date = { account_date: today };
      await expectFound(Cart, columnsOf(Cart, 'id', 'status', 'account_date'), where, {
        ...date,
        cart_id: sold.cart.id,
      });
      // A cart that is missing, or on another day: the day says so.
      await expectFound(Cart, ['status'], where, date);
      await expectFound(Cart, ['account_date', 'id'], where, {});
    });

    it('finds every column of a line that was changed, and names the line where it can', async () => {
      const [line] = sold.items;
      const where = sql`id = ${line?.id as number}`;
      const cart = { account_date: today, cart_id: sold.cart.id };
      const summed = ['quantity', 'unit_price', 'discount_rate', 'tax_rate', 'item_id', 'refunded_quantity'];
      const sums = ['line_subtotal', 'line_discount', 'line_tax', 'line_total'];
      await expectFound(CartItem, [...summed, ...sums], where, { ...cart, cart_item_id: line?.id });
      const others = columnsOf(CartItem, ...summed, ...sums, 'id', 'cart_id', 'stock_entry_id');
      await expectFound(CartItem, others, where, cart);
      await expectFound(CartItem, ['id', 'cart_id'], where, {});
    });

    it('finds every column of a payment that was changed', async () => {
      const where = sql`cart_id = ${sold.cart.id}`;
      const cart = { account_date: today, cart_id: sold.cart.id };
      await expectFound(CartPayment, ['method', 'amount'], where, cart);
      await expectFound(CartPayment, ['cart_id'], where, {});
    });

    it('finds every column of a refund and its lines that was changed', async () => {
      const [refund] = (await summaryOf(sold.cart.id)).refunds;
      const where = sql`id = ${refund?.id as number}`;
      const others = columnsOf(CartRefund, 'id', 'cart_id', 'account_date');
      await expectFound(CartRefund, others, where, { account_date: today, refund_id: refund?.id });
      await expectFound(CartRefund, ['id', 'cart_id', 'account_date'], where, {});
      const lines = columnsOf(CartRefundLine, 'id');
      await expectFound(CartRefundLine, lines, sql`refund_id = ${refund?.id as number}`, {});
    });

    it('finds every column of an account that was changed', async () => {
      const where = sql`id = ${account.id}`;
      await expectFound(DailyAccount, columnsOf(DailyAccount, 'id', 'account_date'), where, {
        account_date: today,
      });
      await expectFound(DailyAccount, ['id', 'account_date'], where, {});
    });

    it('finds every column of a line and a payment of an account that was changed', async () => {
      const where = sql`account_id = ${account.id}`;
      const date = { account_date: today };
      await expectFound(DailyAccountItem, columnsOf(DailyAccountItem, 'id'), where, date);
      await expectFound(DailyAccountPayment, columnsOf(DailyAccountPayment, 'id'), where, date);
    });

    it('finds every column of a closing and of a reopening that was changed', async () => {
      const first = sql`account_id = ${account.id} and sequence = ${account.sequence - 1}`;
      const last = sql`account_id = ${account.id} and sequence = ${account.sequence}`;
      const opened = sql`account_id = ${account.id} and kind = 'opened'`;
      const columns = columnsOf(DailyAccountEvent, 'id', 'account_id');
      for (const where of [first, last]) {
        await expectFound(DailyAccountEvent, columns, where, { account_date: today });
        await expectFound(DailyAccountEvent, ['account_id'], where, {});
      }
      await expectFound(DailyAccountEvent, columns, opened, { account_date: today });
    });

    it.each<[string, () => Promise<unknown>, string]>([
      [
        'a completed cart that is missing',
        async () => {
          for (const table of ['cart_items', 'cart_payments']) {
            await database.write`delete from ${identifier(table)} where cart_id <> ${sold.cart.id}`;
          }
          await database.write`delete from carts where id = (select min(id) from carts)`;
        },
        'Its subtotal is 17.45, and its carts and refunds add up to 12.47',
      ],
      [
        'a refund that is missing',
        async () => {
          await database.write`delete from cart_refund_lines`;
          await database.write`delete from cart_refunds`;
        },
        'It says that 1 was refunded, and its refunds add up to 0',
      ],
      [
        'a line of an account that is missing',
        () => database.write`
          delete from daily_account_items where id = (select max(id) from daily_account_items)`,
        'Lines of closing 2 are missing',
      ],
      [
        'a reopening that is missing',
        () => database.write`delete from daily_account_events where kind = 'opened'`,
        'Closings and reopenings do not follow each other by turns',
      ],
      [
        'a day that was opened by hand',
        () => database.write`update trading_days set is_closed = ${false} where is_closed`,
        'The account is closed, and the day is open',
      ],
      [
        'an account that is missing',
        async () => {
          for (const table of ['daily_account_events', 'daily_account_items', 'daily_account_payments']) {
            await database.write`delete from ${identifier(table)}`;
          }
          await database.write`delete from daily_accounts`;
        },
        'The day is closed, and has no account',
      ],
    ])('finds %s', async (_, tamper, problem) => {
      await tamper();
      const found = await firstProblem();
      await database.write`update trading_days set is_closed = ${true} where account_date = ${today}`;
      expect(found).toMatchObject({ account_date: today, problem });
    });

    it('finds what a line sells and the ledger does not say', async () => {
      const [line] = sold.items;
      await database.write`
        update cart_items set quantity = quantity + 1000 where id = ${line?.id as number}`;
      expect(await firstProblem()).toEqual({
        account_date: today,
        cart_id: sold.cart.id,
        cart_item_id: line?.id,
        refund_id: null,
        problem: 'It sells 3.5, and the ledger says that 2.5 left the shelf',
      });
    });

    it('finds what a draft holds and the ledger does not say', async () => {
      const [draft] = await database.read<Cart>`select * from carts where status = 'draft'`;
      await database.write`update cart_items set quantity = 4000 where cart_id = ${draft?.id as number}`;
      expect(await firstProblem()).toMatchObject({
        account_date: null,
        cart_id: draft?.id,
        problem: 'It sells 4, and the ledger says that 3 left the shelf',
      });
      await database.write`update carts set status = 'deleted' where id = ${draft?.id as number}`;
      expect((await firstProblem()).problem).toBe('It sells 0, and the ledger says that 3 left the shelf');
      await database.write`delete from cart_items where cart_id = ${draft?.id as number}`;
      expect((await firstProblem()).problem).toContain('which is not in the cart');
      await database.write`delete from carts where id = ${draft?.id as number}`;
      expect(await firstProblem()).toEqual({
        account_date: null,
        cart_id: draft?.id,
        problem: 'The ledger has movements of it, and it is not there',
      });
    });

    it('finds a change in a cart of a day that is not closed yet', async () => {
      const [cart] = await database.read<Cart>`select * from carts where account_date > ${today}`;
      await database.write`update cart_items set name = 'Gold' where cart_id = ${cart?.id as number}`;
      expect(await firstProblem()).toMatchObject({
        account_date: cart?.account_date,
        cart_id: cart?.id,
        problem: 'Its hash is not that of its content: the cart, a line or a payment was changed',
      });
    });
  });
});

/** Another value of the same type: of a text, one character is another. */
function otherThan(value: unknown, type: unknown): string | number | boolean {
  if (type === 'boolean') return !value;
  if (typeof value === 'number') return value + 1000;
  if (typeof value === 'string') return value.replace(/[a-z0-9]/i, (first) => (first === '1' ? '2' : '1'));
  return type === 'varchar' || type === 'text' ? '1' : 9000;
}
