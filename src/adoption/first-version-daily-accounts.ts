import { MAX_AMOUNT } from '../carts/cart-sums.js';
import { PaymentMethod } from '../carts/cart-payment.entity.js';
import { DailyAccountEventKind } from '../daily-accounts/daily-account-event.entity.js';
import { closingHash, contentOf, type SealedAccount } from '../daily-accounts/closing-seal.js';
import type { DailyAccountItem } from '../daily-accounts/daily-account-item.entity.js';
import { DaySales } from '../daily-accounts/day-sales.js';
import { MAX_PRICE } from '../items/dto/item-create.dto.js';
import { hundredths, thousandths } from '../platform/validation/decimal.js';
import { MAX_IN_STOCK } from '../stock/quantity.js';
import { DAILY_ACCOUNT_TABLES } from './file-content.js';
import { type FirstVersionRow, isId, MAX_ID } from './first-version-tables.js';
import { display, readDate, readTimestamp } from './first-version-values.js';
import type { Authorship, ImportedRows } from './imported-rows.js';

const MAX_RATE = 100;
const MAX_NAME = 200;
const MAX_SKU = 50;
const MAX_SUM = MAX_AMOUNT / 100;

/** Why a day is open that its first version had closed and opened again. */
const OPENED_BEFORE = 'Opened in the first version';

const NOTHING = hundredths(0);

/** What the first version did not keep. */
const NOT_KEPT = {
  refund_total: NOTHING,
  open_carts: 0,
  opening_float: null,
  counted_cash: null,
  cash_difference: null,
  ledger_head_id: null,
  ledger_head: null,
};

type Account = Authorship &
  Omit<SealedAccount, keyof typeof NOT_KEPT | 'sequence' | 'adopted_at'> & { is_closed: boolean };

/**
 * Imports the daily accounts of a later release of the first version. They stay as they were closed there, and are sealed as
 * closings here are. They have no carts to add up: the first version counted drafts, too.
 */
export class FirstVersionDailyAccounts {
  constructor(private readonly rows: ImportedRows) {}

  run(): void {
    const { old } = this.rows;
    if (!old.has(DAILY_ACCOUNT_TABLES)) return;
    old.index('daily_account_items', 'account_id');
    const accounts = this.accounts();
    accounts.sort(byClosing);
    let previous: string | null = null;
    for (const [index, account] of accounts.entries()) {
      previous = this.importAccount(account, index + 1, previous);
    }
    this.noteLinesWithoutAccount();
  }

  private accounts(): Account[] {
    const dates = new Set<string>();
    const accounts: Account[] = [];
    for (const row of this.rows.old.rows('daily_accounts')) {
      const account_date = this.dateOf(row, dates);
      if (account_date === undefined) continue;
      dates.add(account_date);
      accounts.push(this.accountOf(row, account_date));
    }
    return accounts;
  }

  private accountOf(row: FirstVersionRow, account_date: string): Account {
    const table = 'daily_accounts';
    const authorship = this.rows.authorshipOf(row, table);
    const isClosed = Boolean(row.is_closed);
    const [closedAt, closedBy] = [readTimestamp(row.closed_at), row.closed_by];
    const closed_at = closedAt ?? authorship.updated_at;
    const closed_by = this.rows.isKnown('users', closedBy) ? closedBy : authorship.updated_by;
    if (isClosed && closedAt === undefined) this.rows.changed(row, table, 'closed_at', closed_at);
    if (isClosed && closed_by !== closedBy) this.rows.changed(row, table, 'closed_by', closed_by);
    return {
      id: row.id,
      account_date,
      subtotal: hundredths(this.rows.decimal(row, table, 'subtotal', 2, MAX_SUM)),
      discount_total: hundredths(this.rows.decimal(row, table, 'discount_total', 2, MAX_SUM)),
      tax_total: hundredths(this.rows.decimal(row, table, 'tax_total', 2, MAX_SUM)),
      total: hundredths(this.rows.decimal(row, table, 'total', 2, MAX_SUM)),
      carts_count: this.rows.wholeNumber(row, table, 'carts_count', MAX_ID),
      items_count: this.rows.wholeNumber(row, table, 'items_count', MAX_ID),
      is_closed: isClosed,
      closed_at,
      closed_by,
      ...authorship,
    };
  }

  /** A date that another account has, or that is none, can't be told from anything else: then the account stays in the copy. */
  private dateOf(row: FirstVersionRow, taken: ReadonlySet<string>): string | undefined {
    const date = readDate(row.account_date);
    if (date === undefined || taken.has(date)) {
      const lines = this.rows.old.children('daily_account_items', 'account_id', row.id);
      const reason = date === undefined ? 'is no date' : 'has another account';
      this.rows.note(
        'daily_accounts',
        row.id,
        `account_date ${display(row.account_date)} ${reason}: it and its lines (${lines.length}) are only kept in the copy`,
      );
      return undefined;
    }
    if (date !== row.account_date) this.rows.changed(row, 'daily_accounts', 'account_date', date);
    return date;
  }

  /** @returns the hash of its closing */
  private importAccount(account: Account, sequence: number, previous: string | null): string {
    const lines = this.rows.old
      .children('daily_account_items', 'account_id', account.id)
      .map((row) => this.lineOf(row, account));
    const { is_closed, created_by, created_at, updated_by, updated_at, ...closed } = account;
    const adopted = { ...closed, sequence, ...NOT_KEPT, adopted_at: this.rows.now };
    const payments = [{ method: PaymentMethod.Unspecified, amount: account.total, refunded: NOTHING }];
    const { carts, refunds } = new DaySales();
    const content = contentOf({ account: adopted, payments, lines, carts, refunds, reopening: null });
    const closing = closingHash(content, previous);
    const authorship = { created_by, created_at, updated_by, updated_at };
    this.rows.insert('daily_accounts', { ...adopted, is_closed, ...authorship, hash: closing });
    for (const line of lines) this.rows.insert('daily_account_items', { ...line });
    for (const payment of payments) {
      const id = this.rows.nextId('daily_account_payments');
      this.rows.insert('daily_account_payments', { id, account_id: account.id, ...payment });
    }
    this.insertEvent({
      account_id: account.id,
      kind: DailyAccountEventKind.Closed,
      sequence,
      reason: null,
      content,
      previous_hash: previous,
      hash: closing,
      created_by: account.closed_by,
      created_at: account.closed_at,
    });
    if (!is_closed) this.reopen(account);
    this.rows.database
      .prepare(
        `insert into trading_days (account_date, is_closed) values (?, ?)
         on conflict (account_date) do update set is_closed = excluded.is_closed`,
      )
      .run(account.account_date, Number(is_closed));
    return closing;
  }

  private reopen(account: Account): void {
    this.insertEvent({
      account_id: account.id,
      kind: DailyAccountEventKind.Opened,
      sequence: null,
      reason: OPENED_BEFORE,
      content: null,
      previous_hash: null,
      hash: null,
      created_by: account.updated_by,
      created_at: account.updated_at,
    });
    this.rows.note('daily_accounts', account.id, 'was opened again after it was closed: is open');
  }

  private insertEvent(event: Record<string, string | number | null>): void {
    this.rows.insert('daily_account_events', { id: this.rows.nextId('daily_account_events'), ...event });
  }

  private lineOf(row: FirstVersionRow, account: Account): DailyAccountItem {
    const table = 'daily_account_items';
    const decimal = (column: string, places: number, max: number) =>
      this.rows.decimal(row, table, column, places, max);
    return {
      id: row.id,
      account_id: account.id,
      item_id: this.itemIdOf(row),
      item_name: this.itemNameOf(row),
      sku: this.rows.optionalText(row, table, 'sku', MAX_SKU),
      quantity: thousandths(decimal('quantity', 3, MAX_IN_STOCK)),
      unit_price: hundredths(decimal('unit_price', 2, MAX_PRICE)),
      discount_rate: hundredths(decimal('discount_rate', 2, MAX_RATE)),
      tax_rate: hundredths(decimal('tax_rate', 2, MAX_RATE)),
      line_subtotal: hundredths(decimal('line_subtotal', 2, MAX_SUM)),
      line_discount: hundredths(decimal('line_discount', 2, MAX_SUM)),
      line_tax: hundredths(decimal('line_tax', 2, MAX_SUM)),
      line_total: hundredths(decimal('line_total', 2, MAX_SUM)),
      created_at: this.createdAt(row, account),
    };
  }

  /** It may be the id of an item that was deleted. No item has the id 0. */
  private itemIdOf(row: FirstVersionRow): number {
    if (isId(row.item_id)) return row.item_id;
    this.rows.changed(row, 'daily_account_items', 'item_id', 0);
    return 0;
  }

  private itemNameOf(row: FirstVersionRow): string {
    const name = this.rows.optionalText(row, 'daily_account_items', 'item_name', MAX_NAME);
    if (name !== null) return name;
    const made = `Item ${row.id}`;
    this.rows.changed(row, 'daily_account_items', 'item_name', made);
    return made;
  }

  private createdAt(row: FirstVersionRow, { closed_at }: Account): string {
    const created = readTimestamp(row.created_at);
    if (created === undefined) this.rows.changed(row, 'daily_account_items', 'created_at', closed_at);
    return created ?? closed_at;
  }

  private noteLinesWithoutAccount(): void {
    for (const id of this.rows.old.danglingReferences(
      'daily_account_items',
      'account_id',
      'daily_accounts',
    )) {
      const count = this.rows.old.children('daily_account_items', 'account_id', id).length;
      this.rows.decisions.push(
        `daily_account_items: ${count} of account ${display(id)}, which is missing, are only kept in the copy`,
      );
    }
  }
}

function byClosing(one: Account, other: Account): number {
  if (one.closed_at === other.closed_at) return one.id - other.id;
  return one.closed_at < other.closed_at ? -1 : 1;
}
