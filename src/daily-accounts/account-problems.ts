import { fromHundredths, type Hundredths } from '../platform/validation/decimal.js';
import type { StoredAccount, StoredDay } from './account-verification.repository.js';
import {
  ACCOUNT_FIELDS,
  type ClosingContent,
  closingHash,
  readContent,
  valuesOfLine,
  valuesOfPayment,
} from './closing-seal.js';
import { type DailyAccountEvent, DailyAccountEventKind } from './daily-account-event.entity.js';
import type { DailyAccount } from './daily-account.entity.js';
import type { DaySales } from './day-sales.js';

const SUMS = [
  'subtotal',
  'discount_total',
  'tax_total',
  'total',
  'refund_total',
  'carts_count',
  'items_count',
] as const satisfies readonly (keyof DailyAccount)[];

const AMOUNTS: readonly string[] = ['subtotal', 'discount_total', 'tax_total', 'total', 'refund_total'];

/**
 * The first thing that is wrong with a day: its account is not what its last closing sealed, or not what its sales add up to. A
 * day that is open has sales that no closing covers yet. An account of the first version has no carts to add up.
 *
 * @param sales of the day, added up again
 */
export function problemOfDay({ is_closed, account }: StoredDay, sales: DaySales): string | undefined {
  if (!account) return is_closed ? 'The day is closed, and has no account' : undefined;
  const { row, events } = account;
  if (row.is_closed !== is_closed) {
    return `The account is ${stateOf(row.is_closed)}, and the day is ${stateOf(is_closed)}`;
  }
  const closing = events.findLast(({ kind }) => kind === DailyAccountEventKind.Closed);
  const content = readContent(closing?.content ?? '');
  if (!closing || !content) return 'The account has no closing that can be read';
  return (
    problemOfEvents(events) ??
    problemOfAccount(account, closing, content) ??
    (is_closed && row.adopted_at === null ? problemOfSums(content, sales) : undefined)
  );
}

/** Each closing is sealed as it stands there, and a reopening is sealed by the closing after it. */
function problemOfEvents(events: DailyAccountEvent[]): string | undefined {
  for (const [index, event] of events.entries()) {
    const isClosing = index % 2 === 0;
    if (event.kind !== (isClosing ? DailyAccountEventKind.Closed : DailyAccountEventKind.Opened)) {
      return 'Closings and reopenings do not follow each other by turns';
    }
    const problem = isClosing ? problemOfClosing(event, events[index - 1]) : problemOfReopening(event);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function problemOfReopening({
  sequence,
  content,
  hash,
  previous_hash,
}: DailyAccountEvent): string | undefined {
  const isPlain = [sequence, content, hash, previous_hash].every((value) => value === null);
  return isPlain ? undefined : 'A reopening has what only a closing has';
}

function problemOfClosing(
  { sequence, content, previous_hash, hash, account_id, reason, created_at, created_by }: DailyAccountEvent,
  reopening: DailyAccountEvent | undefined,
): string | undefined {
  const name = `Closing ${sequence}`;
  if (content === null || hash !== closingHash(content, previous_hash)) {
    return `${name} is not what its hash says: it was changed`;
  }
  const sealed = readContent(content);
  if (!sealed) return `${name} can't be read`;
  const { account } = sealed;
  const isOwn =
    account.id === account_id &&
    account.sequence === sequence &&
    account.closed_at === created_at &&
    account.closed_by === created_by &&
    reason === null;
  if (!isOwn) return `${name} is not what it says of itself: it was changed`;
  const opened = reopening && [reopening.created_at, reopening.created_by, reopening.reason];
  const sealedOpening = sealed.reopening && [
    sealed.reopening.created_at,
    sealed.reopening.created_by,
    sealed.reopening.reason,
  ];
  return isSame(opened ?? null, sealedOpening)
    ? undefined
    : `The reopening before closing ${sequence} is not what the closing says: it was changed`;
}

/** The account, its payments and its lines are those of its last closing. */
function problemOfAccount(
  { row, events, items, payments }: StoredAccount,
  { sequence, hash }: DailyAccountEvent,
  content: ClosingContent,
): string | undefined {
  const changed = ACCOUNT_FIELDS.find((field) => row[field] !== content.account[field]);
  if (changed) return `Its ${changed} is not that of closing ${sequence}`;
  if (row.hash !== hash) return `Its hash is not that of closing ${sequence}`;
  if (row.adopted_at === null) {
    if (!isAuthored(row, events)) return 'Who made and changed it, and when, is not what its events say';
    const late = items.find(({ created_at }) => created_at !== row.closed_at);
    if (late) return `Its line ${late.id} of item ${late.item_id} is not of closing ${sequence}`;
  }
  if (!isSame(payments.map(valuesOfPayment), content.payments)) {
    return `Its payments are not those of closing ${sequence}`;
  }
  const wrong = items.find((item, index) => !isSame(valuesOfLine(item), content.lines[index]));
  if (wrong) return `Its line ${wrong.id} of item ${wrong.item_id} is not that of closing ${sequence}`;
  return items.length === content.lines.length ? undefined : `Lines of closing ${sequence} are missing`;
}

/** The first closing makes an account, unless it was brought over from the first version, and the last event changes it. */
function isAuthored(row: DailyAccount, events: DailyAccountEvent[]): boolean {
  const [first, last] = [events[0] as DailyAccountEvent, events.at(-1) as DailyAccountEvent];
  const isMade = readContent(first.content ?? '')?.account.adopted_at === null;
  return (
    (!isMade || (row.created_at === first.created_at && row.created_by === first.created_by)) &&
    row.updated_at === last.created_at &&
    row.updated_by === last.created_by
  );
}

/** What a closing sealed is what the carts and refunds of the day add up to. */
function problemOfSums(content: ClosingContent, sales: DaySales): string | undefined {
  const wrong = SUMS.find((name) => content.account[name] !== sales.totals[name]);
  if (wrong) {
    const [stated, added] = [content.account[wrong], sales.totals[wrong]].map((sum) =>
      AMOUNTS.includes(wrong) ? fromHundredths(sum as Hundredths) : sum,
    );
    return `Its ${wrong} is ${stated}, and its carts and refunds add up to ${added}`;
  }
  if (!isSame(content.payments, sales.payments.map(valuesOfPayment))) {
    return 'Its payments are not those of its carts and refunds';
  }
  const { lines } = sales;
  const line = lines.find((one, index) => !isSame(valuesOfLine(one), content.lines[index]));
  if (line ?? lines.length !== content.lines.length) {
    return line
      ? `Its line of item ${line.item_id} is not that of its carts`
      : 'It has lines that no cart has';
  }
  if (!isSame(content.carts, sales.carts))
    return 'Its carts are not those that were there when it was closed';
  return isSame(content.refunds, sales.refunds)
    ? undefined
    : 'Its refunds are not those that were there when it was closed';
}

function stateOf(isClosed: boolean): string {
  return isClosed ? 'closed' : 'open';
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
