import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { cartHash } from '../src/carts/sale-hash.js';
import { Client } from './support/client.js';
import { startCommand } from './support/command.js';
import { describeOnSqlite } from './support/engines.js';
import {
  adoptionLog,
  changeFile,
  placeFirstVersion,
  SECRET_KEY,
  timeOf,
  tokenOf,
} from './support/first-version.js';
import { nonEmpty } from './support/non-empty.js';
import { Program } from './support/program.js';
import { createTemporaryFolder } from './support/temporary-folder.js';

type Row = Record<string, string | number | null>;

const AUTHORSHIP = ['created_by', 'updated_by', 'created_at', 'updated_at'];

// Such a database is an SQLite file.
describeOnSqlite('The sales of a database of the first version', () => {
  let folder: string;
  let file: string;

  beforeEach(async () => {
    folder = await createTemporaryFolder();
    file = join(folder, 'stock_tracker.db');
    await placeFirstVersion(file, 'later_version.db');
  });

  afterEach(async () => {
    await Program.endAll();
  });

  /** Adopts the file, after the statements were carried out in it. */
  async function adopt(
    statements = '',
    environment: Record<string, string> = {},
  ): Promise<{ admin: Client; log: string[] }> {
    changeFile(file, statements);
    const program = new Program(folder, { SECRET_KEY, RATE_LIMIT_ENABLED: 'false', ...environment });
    const { origin } = await program.ready;
    const verified = await startCommand('ledger:verify', [], { DATABASE_URL: `sqlite:///${file}` }).ended;
    expect(verified).toMatchObject({ code: 0, stdout: expect.stringContaining('Valid') });
    return { admin: new Client(origin, tokenOf(1, 'admin', 'access')), log: adoptionLog(program) };
  }

  /** The log, but for what it says of every such file. */
  const adoptChanged = async (statements: string) =>
    (await adopt(statements)).log.filter(
      (line) => !/^(refresh_tokens|\w+: this|Imported|carts: )/.test(line),
    );

  const read = (sql: string): Row[] => {
    const database = new Sqlite(file, { readonly: true });
    const rows = database.prepare(sql).all() as Row[];
    database.close();
    return rows;
  };

  const withTimes = (row: Row, columns: string[]) =>
    Object.fromEntries(
      columns.map((column) => [column, column.endsWith('_at') ? timeOf(row[column]) : row[column]]),
    );

  describe('carts', () => {
    it('come over with ids, times and authors, and move nothing', async () => {
      const carts = read('select * from carts order by id');
      const lines = read('select * from cart_items order by id');
      const entries = read('select id, item_id from stock_entries');
      await adopt();
      expect(read('select * from carts order by id')).toEqual(
        carts.map((cart) =>
          expect.objectContaining({
            ...withTimes(cart, ['id', 'desk_number', 'status', ...AUTHORSHIP]),
            adopted_at: expect.any(String),
          }),
        ),
      );
      const drafts = new Set(carts.filter(({ status }) => status === 'draft').map(({ id }) => id));
      expect(read('select * from cart_items order by id')).toEqual(
        lines.map((line) =>
          expect.objectContaining({
            ...withTimes(line, ['id', 'cart_id', 'item_id', ...AUTHORSHIP]),
            quantity: Math.round(Number(line.quantity) * 1000),
            refunded_quantity: 0,
            stock_entry_id: drafts.has(line.cart_id ?? null)
              ? entries.find(({ item_id }) => item_id === line.item_id)?.id
              : null,
          }),
        ),
      );
      expect(read(`select distinct reason from stock_movements`)).toEqual([{ reason: 'initial' }]);
      expect(read(`select name, seq from sqlite_sequence where name like 'cart%' order by 1`)).toEqual([
        { name: 'cart_items', seq: 34 },
        { name: 'cart_payments', seq: 3 },
        { name: 'carts', seq: 37 },
      ]);
    });

    it('that are completed have the prices of now, and are sealed', async () => {
      const { log } = await adopt('', { SHOP_TIME_ZONE: 'Asia/Tokyo' });
      const adopted_at = expect.any(String);
      expect(read(`select * from carts where status = 'completed' order by id`)).toEqual([
        // 2 at 100.00, 5 % off, 10 % tax.
        expect.objectContaining({
          id: 4,
          completed_at: '2026-11-25T18:25:00.225Z',
          // In Tokyo it is the next day.
          account_date: '2026-11-26',
          prices_include_tax: 0,
          ...{ subtotal: 20_000, discount_total: 1000, tax_total: 1900, total: 20_900, adopted_at },
        }),
        expect.objectContaining({ id: 18, subtotal: 0, total: 0, adopted_at }),
        // 16 at 3.99.
        expect.objectContaining({ id: 35, subtotal: 6384, discount_total: 0, tax_total: 0, total: 6384 }),
      ]);
      expect(read('select cart_id, method, amount from cart_payments order by id')).toEqual([
        { cart_id: 4, method: 'unspecified', amount: 20_900 },
        { cart_id: 18, method: 'unspecified', amount: 0 },
        { cart_id: 35, method: 'unspecified', amount: 6384 },
      ]);
      expect(read('select * from cart_items where cart_id = 4')).toEqual([
        expect.objectContaining({
          ...{ id: 13, item_id: 33, name: 'Probe', sku: null, unit_price: 10_000, unit_cost: null },
          ...{ discount_rate: 500, tax_rate: 1000, quantity: 2000, stock_entry_id: null },
          ...{ line_subtotal: 20_000, line_discount: 1000, line_tax: 1900, line_total: 20_900 },
        }),
      ]);
      for (const cart of nonEmpty(read(`select * from carts where status = 'completed'`))) {
        const [lines, payments] = ['cart_items', 'cart_payments'].map((table) =>
          read(`select * from ${table} where cart_id = ${cart.id} order by id`),
        );
        expect(cart.hash).toBe(cartHash(cart as never, lines as never, payments as never));
      }
      expect(log).toContain(
        'carts: the first version kept no prices, so the 3 completed ones have those of now',
      );
    });

    it('that are completed contain their tax where prices do, and belong to the day of the shop', async () => {
      await adopt('', { PRICES_INCLUDE_TAX: 'true', DAY_STARTS_AT: '18:30' });
      expect(read(`select * from carts where status = 'completed' and id <> 18 order by id`)).toEqual([
        expect.objectContaining({
          ...{ id: 4, account_date: '2026-11-24', prices_include_tax: 1 },
          ...{ subtotal: 20_000, discount_total: 1000, tax_total: 1727, total: 19_000 },
        }),
        expect.objectContaining({ id: 35, account_date: '2026-11-25', total: 6384 }),
      ]);
      expect(read('select * from trading_days order by 1')).toContainEqual({
        account_date: '2026-11-24',
        is_closed: 0,
      });
    });

    it('that are deleted stay so, with their lines, and give nothing back', async () => {
      const [before] = read('select quantity from stock_entries where item_id = 33');
      await adopt();
      expect(before).toEqual({ quantity: 6 });
      expect(read('select quantity from stock_entries where item_id = 33')).toEqual([{ quantity: 6000 }]);
      expect(read('select id, status, total, hash from carts where id = 5')).toEqual([
        { id: 5, status: 'deleted', total: null, hash: null },
      ]);
      expect(read('select id, stock_entry_id, name from cart_items where cart_id = 5')).toEqual([
        { id: 14, stock_entry_id: null, name: 'Probe' },
      ]);
    });
  });

  it('go on where they were left: drafts are filled, completed and deleted, and the day is closed', async () => {
    const { admin } = await adopt('', { PRICES_INCLUDE_TAX: 'true' });
    const stockOf = async (item: number) => (await admin.get(`/stock/${item}`).expect(200)).body.quantity;
    // 3 Greek Yogurt of 43.95, 4 Espresso of 56.54, 5 Potatoes of 107.3, none of them taken from the shelf by a movement.
    const line = (itemId: number) => `/carts/1/items/${itemId}`;
    await admin.post('/carts/1/items', { item_id: 3, quantity: 1.39 }).expect(201);
    await admin.patch(line(9), { quantity: 5 }).expect(200);
    await admin.patch(line(16), { quantity: 1 }).expect(200);
    await admin.patch(line(6), { quantity: 0 }).expect(204);
    expect([await stockOf(3), await stockOf(9), await stockOf(16), await stockOf(6)]).toEqual([
      20, 41.95, 59.54, 112.3,
    ]);

    await admin.post('/carts/1/complete').expect(200);
    const { body: summary } = await admin.get('/carts/1').expect(200);
    // 5 at 3.29, 1 at 3.50 with 5 % off, 1.39 at 1.99.
    expect(summary.totals).toMatchObject({ total: 22.54 });
    const [refunded] = summary.items as { id: number; item_id: number }[];
    const lines = [{ cart_item_id: refunded?.id, quantity: 2, restock: true }];
    await admin.post('/carts/1/refunds', { lines, reason: 'Sour' }).expect(201);
    await admin.delete('/carts/3/items').expect(204);
    await admin.post('/carts/2/delete').expect(200);
    expect([await stockOf(5), await stockOf(19), await stockOf(18)]).toEqual([126.71, 119.14, 6.37]);

    const { body: account } = await admin.post('/daily-accounts/close').expect(200);
    expect(account).toMatchObject({ sequence: 6, carts_count: 1, total: 22.54, refund_total: 6.58 });
    const verified = await startCommand('ledger:verify', [], { DATABASE_URL: `sqlite:///${file}` }).ended;
    expect(verified).toMatchObject({ code: 0, stdout: expect.stringContaining('Valid') });
  });

  describe('carts with what its looser rules allowed', () => {
    it('keep their desk numbers where there is room, and one draft has each', async () => {
      const log = await adoptChanged(`
        update carts set desk_number = 'The table by the window' where id = 7;
        update carts set desk_number = '  ' where id = 8;
        update carts set desk_number = 'A01 ' where id = 9;
        update carts set desk_number = 'a01' where id = 10;
        update carts set desk_number = char(8203) || 'T7' where id = 11;`);
      expect(log).toEqual([
        'carts 7: desk_number is longer than 20 characters: the rest is only kept in the copy',
        'carts 8: desk_number was "  ", is now NULL',
        'carts 9: desk_number "A01 " is already used by carts 1: is now "A01-9"',
      ]);
      expect(read('select id, desk_number from carts where id between 7 and 11 order by id')).toEqual([
        { id: 7, desk_number: 'The table by the win' },
        { id: 8, desk_number: null },
        { id: 9, desk_number: 'A01-9' },
        // Another one than A01.
        { id: 10, desk_number: 'a01' },
        // The completed cart 4 has it, too.
        { id: 11, desk_number: 'T7' },
      ]);
    });

    it('are drafts where their status is unknown', async () => {
      const log = await adoptChanged(`
        update carts set status = 'paid' where id = 4;
        pragma writable_schema = on;
        update sqlite_master set sql = replace(sql, 'NOT NULL', '') where type = 'table' and name not like 'sqlite%';
        pragma writable_schema = reset;
        update carts set status = null where id = 5;`);
      expect(log).toEqual([
        'carts 4: status was "paid", is now "draft"',
        'carts 5: status was NULL, is now "draft"',
      ]);
      expect(
        read('select cart_id, stock_entry_id from cart_items where cart_id in (4, 5) order by 1'),
      ).toEqual([
        { cart_id: 4, stock_entry_id: 33 },
        { cart_id: 5, stock_entry_id: 33 },
      ]);
    });

    it('leave out lines without a quantity, and round and limit the others', async () => {
      const log = await adoptChanged(`
        update cart_items set quantity = 0 where id = 1;
        update cart_items set quantity = -2 where id = 2;
        update cart_items set quantity = 'NaN' where id = 3;
        update cart_items set quantity = 0.0004 where id = 4;
        update cart_items set quantity = 1.23456 where id = 5;
        update cart_items set quantity = 1e12 where id = 6;
        update cart_items set quantity = 0 where id = 13;
        update cart_items set quantity = 0.1 + 0.2 where id = 14;`);
      expect(log).toEqual([
        'cart_items 1: quantity was 0: it is only kept in the copy',
        'cart_items 2: quantity was -2: it is only kept in the copy',
        'cart_items 3: quantity was "NaN": it is only kept in the copy',
        'cart_items 4: quantity was 0.0004: it is only kept in the copy',
        'cart_items 5: quantity was 1.23456, is now 1.235',
        'cart_items 6: quantity was 1000000000000, is now 1000000000',
        'cart_items 13: quantity was 0: it is only kept in the copy',
      ]);
      expect(read('select id, quantity from cart_items where cart_id in (1, 2, 4, 5) order by id')).toEqual([
        { id: 5, quantity: 1235 },
        { id: 6, quantity: 1_000_000_000_000 },
        { id: 14, quantity: 300 },
      ]);
      expect(read('select total from carts where id = 4')).toEqual([{ total: 0 }]);
    });

    it('have a price of 0 where a sale comes to more than there is room for', async () => {
      const log = await adoptChanged(`
        update cart_items set quantity = 1e9 where id = 13;
        update items set unit_price = 1e9 where id = 33;`);
      expect(log).toEqual(['cart_items 13: comes to more than 1000000000000: its price is now 0']);
      expect(read('select total from carts where id = 4')).toEqual([{ total: 0 }]);
    });

    it('get what their rows name and is not there any more', async () => {
      const log = await adoptChanged(`
        update carts set created_by = 500 where id = 1;
        update cart_items set updated_by = 0, created_at = 'yesterday' where id = 1;
        update cart_items set item_id = 77 where id = 2;
        update cart_items set item_id = 0 where id = 13;
        update cart_items set cart_id = 70 where id = 5;
        update cart_items set cart_id = 0 where id = 6;
        delete from stock_entries where item_id = 18;`);
      const updated = timeOf('2026-11-25T18:24:53.919170+00:00');
      expect(log).toEqual([
        'users 500: was missing but is the author of other rows: added as a deleted user',
        'users 501: was missing but is the author of other rows: added as a deleted user',
        'categories 9: was missing but items refer to it: added as "Missing category 9"',
        'items 77: was missing but is in a cart: added as "Missing item 77"',
        'items 77: was not in stock but cart_items 2 holds it: is in stock with 0',
        'items 18: was not in stock but cart_items 7 holds it: is in stock with 0',
        'items 78: was missing but is in a cart: added as "Missing item 78"',
        'cart_items 1: updated_by was 0, is now 501',
        `cart_items 1: created_at was "yesterday", is now "${updated}"`,
        'carts 70: was missing but lines refer to 70: added as a deleted cart',
        'carts 71: was missing but lines refer to 0: added as a deleted cart',
      ]);
      expect(
        read(`select line.id, cart_id, line.item_id, stock_entry_id, entry.quantity from cart_items line
              left join stock_entries entry on entry.id = stock_entry_id
              where line.id in (2, 5, 6, 7, 13) order by 1`),
      ).toEqual([
        { id: 2, cart_id: 1, item_id: 77, stock_entry_id: 41, quantity: 0 },
        { id: 5, cart_id: 70, item_id: 16, stock_entry_id: null, quantity: null },
        { id: 6, cart_id: 71, item_id: 19, stock_entry_id: null, quantity: null },
        { id: 7, cart_id: 3, item_id: 18, stock_entry_id: 42, quantity: 0 },
        { id: 13, cart_id: 4, item_id: 78, stock_entry_id: null, quantity: null },
      ]);
      expect(read('select id, status from carts where id > 37 order by 1')).toEqual([
        { id: 70, status: 'deleted' },
        { id: 71, status: 'deleted' },
      ]);
      expect(read(`select seq from sqlite_sequence where name = 'carts'`)).toEqual([{ seq: 71 }]);
    });

    it('say which columns stay in the copy', async () => {
      const log = (
        await adopt(`
          alter table carts add column customer text;
          alter table cart_items add column note text;
          alter table daily_accounts add column weather text;`)
      ).log.filter((line) => line.includes('no column'));
      expect(log).toEqual([
        'carts: this version has no column customer; it is only kept in the copy',
        'cart_items: this version has no column note; it is only kept in the copy',
        'daily_accounts: this version has no column weather; it is only kept in the copy',
      ]);
    });

    it('stay in the copy where a column is missing', async () => {
      const { log } = await adopt('alter table cart_items drop column quantity');
      expect(log).toContain('carts: this version has no such table; its 37 rows are only kept in the copy');
      expect(read('select * from carts')).toEqual([]);
      expect(read('select * from daily_accounts')).toHaveLength(5);
    });
  });

  describe('daily accounts', () => {
    it('come over as they were closed, in the order in which they were', async () => {
      const accounts = read('select * from daily_accounts order by closed_at');
      const items = read('select * from daily_account_items order by id');
      await adopt();
      const hundredths = (row: Row, columns: string[]) =>
        Object.fromEntries(columns.map((column) => [column, Math.round(Number(row[column]) * 100)]));
      expect(read('select * from daily_accounts order by sequence')).toEqual(
        accounts.map((account, index) =>
          expect.objectContaining({
            ...withTimes(account, ['id', 'account_date', 'carts_count', 'items_count', 'is_closed']),
            ...withTimes(account, ['closed_at', 'closed_by', ...AUTHORSHIP]),
            ...hundredths(account, ['subtotal', 'discount_total', 'tax_total', 'total']),
            ...{ sequence: index + 1, refund_total: 0, open_carts: 0 },
            ...{ opening_float: null, counted_cash: null, cash_difference: null },
            ...{ ledger_head: null, ledger_head_id: null, adopted_at: expect.any(String) },
          }),
        ),
      );
      expect(read('select * from daily_account_items order by id')).toEqual(
        items.map((item) => ({
          ...withTimes(item, ['id', 'account_id', 'item_id', 'item_name', 'sku', 'created_at']),
          ...hundredths(item, ['unit_price', 'discount_rate', 'tax_rate', 'line_subtotal']),
          ...hundredths(item, ['line_discount', 'line_tax', 'line_total']),
          quantity: Math.round(Number(item.quantity) * 1000),
        })),
      );
      expect(read('select * from trading_days order by 1')).toEqual(
        ['2026-02-02', '2026-02-03', '2026-02-12', '2026-02-13', '2026-11-25'].map((account_date) => ({
          account_date,
          is_closed: 1,
        })),
      );
      expect(
        read('select account_id, method, amount, refunded from daily_account_payments order by 1 limit 2'),
      ).toEqual([
        { account_id: 1, method: 'unspecified', amount: 56_737, refunded: 0 },
        { account_id: 2, method: 'unspecified', amount: 115, refunded: 0 },
      ]);
    });

    it('that were opened again are open, and both is among their events', async () => {
      const { log } = await adopt(
        `update daily_accounts set is_closed = 0, closed_at = null, closed_by = null where id = 3`,
      );
      expect(log).toContain('daily_accounts 3: was opened again after it was closed: is open');
      expect(
        read(`select kind, sequence, reason, created_by, created_at from daily_account_events
              where account_id = 3 order by id`),
      ).toEqual([
        {
          ...{ kind: 'closed', sequence: 3, reason: null, created_by: 2 },
          created_at: '2026-11-25T18:25:50.428Z',
        },
        {
          ...{ kind: 'opened', sequence: null, reason: 'Opened in the first version', created_by: 2 },
          created_at: '2026-11-25T18:25:50.428Z',
        },
      ]);
      expect(read(`select is_closed from trading_days where account_date = '2026-02-03'`)).toEqual([
        { is_closed: 0 },
      ]);
    });

    it('stay in the copy where their date is none, or another one has it', async () => {
      const log = await adoptChanged(`
        update daily_accounts set account_date = 'Christmas' where id = 2;
        update daily_accounts set account_date = '2026-2-3 ' where id = 3;
        update daily_accounts set account_date = '2026-02-13T00:00:00' where id = 4;
        update daily_account_items set account_id = 77 where id in (16, 17);`);
      expect(log).toEqual([
        'daily_accounts 2: account_date "Christmas" is no date: it and its lines (1) are only kept in the copy',
        'daily_accounts 3: account_date was "2026-2-3 ", is now "2026-02-03"',
        'daily_accounts 4: account_date was "2026-02-13T00:00:00", is now "2026-02-13"',
        'daily_accounts 5: account_date "2026-02-13" has another account: it and its lines (1) are only kept in the copy',
        'daily_account_items: 2 of account 77, which is missing, are only kept in the copy',
      ]);
      expect(read('select id, sequence, account_date from daily_accounts order by sequence')).toEqual([
        { id: 1, sequence: 1, account_date: '2026-11-25' },
        { id: 3, sequence: 2, account_date: '2026-02-03' },
        { id: 4, sequence: 3, account_date: '2026-02-13' },
      ]);
      expect(read(`select seq from sqlite_sequence where name = 'daily_accounts'`)).toEqual([{ seq: 5 }]);
    });

    it('have numbers of a range, authors, names and times', async () => {
      const log = await adoptChanged(`
        update daily_accounts set total = 1.155, tax_total = -1, items_count = 1.5, closed_by = 77,
          closed_at = 'in the evening' where id = 5;
        update daily_account_items set item_id = 'x', item_name = '', sku = ' ', quantity = 'x', tax_rate = 101,
          created_at = '' where id = 22;`);
      expect(log).toEqual([
        'users 77: was missing but is the author of other rows: added as a deleted user',
        'daily_accounts 5: closed_at was "in the evening", is now "2026-11-25T18:26:09.231Z"',
        'daily_accounts 5: tax_total was -1, is now 0',
        'daily_accounts 5: total was 1.155, is now 1.16',
        'daily_accounts 5: items_count was 1.5, is now 1',
        'daily_account_items 22: item_id was "x", is now 0',
        'daily_account_items 22: item_name was "", is now "Item 22"',
        'daily_account_items 22: quantity was "x", is now 0',
        'daily_account_items 22: tax_rate was 101, is now 100',
        'daily_account_items 22: created_at was "", is now "2026-11-25T18:26:09.231Z"',
      ]);
    });
  });
});
