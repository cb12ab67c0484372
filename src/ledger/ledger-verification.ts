import { fromThousandths, plus, thousandths, type Thousandths } from '../platform/validation/decimal.js';
import { EMPTY_HEAD, headAfter, type HeadHash } from './head-hash.js';
import { movementHash } from './movement-hash.js';
import { MovementReason } from './movement-reason.js';
import type { StockMovement } from './stock-movement.entity.js';

/**
 * A stored movement with the one that it reverses and the one that it compensates; null when it names none, or one that
 * does not exist.
 */
export interface StoredMovement extends StockMovement {
  reversed_item_id: number | null;
  reversed_delta: Thousandths | null;
  compensated_item_id: number | null;
  compensated_entry_id: number | null;
  compensated_delta: Thousandths | null;
}

/** What a stock entry says is there of an item. */
export interface Balance {
  /** The stock entry's. */
  id: number;
  item_id: number;
  quantity: Thousandths;
}

/** What is not as it has to be. */
export interface LedgerProblem {
  /** The movement that is wrong; null where it is the quantity in stock that is. */
  movement_id: number | null;
  item_id: number;
  problem: string;
}

/** What is known of an item from its movements so far. */
interface Chain {
  hash: string | null;
  quantity: Thousandths;
  /** The stock entry that the item has; null while it is out of stock. */
  entryId: number | null;
  /** The stock entries that it had before. */
  endedEntryIds: ReadonlySet<number>;
  /** What late movements of those come to: nothing, once all of them are read. */
  endedQuantity: Thousandths;
  balance?: Balance;
}

const NOTHING = thousandths(0);

/** Of most items. */
const NONE: ReadonlySet<number> = new Set();

/**
 * Finds what is wrong in one snapshot of the ledger. Add all balances, then all movements by id, then call `end`. Memory grows
 * with the number of items, not of movements.
 */
export class LedgerVerification {
  movements = 0;
  /** Those that have movements. */
  items = 0;
  problems = 0;
  firstProblem: LedgerProblem | null = null;
  private readonly chains = new Map<number, Chain>();
  private readonly heads = new Map<number, HeadHash>();
  private readonly untilIds: number[];
  private head = EMPTY_HEAD;

  /** @param untilIds of the movements, there or not, as of which the head is to be known */
  constructor(untilIds: Iterable<number>) {
    this.untilIds = [...new Set(untilIds)].sort((one, other) => one - other);
  }

  addBalance(balance: Balance): void {
    this.chainOf(balance.item_id).balance = balance;
  }

  addMovement(movement: StoredMovement): void {
    const chain = this.chainOf(movement.item_id);
    if (chain.hash === null) this.items++;
    this.note(problemOf(movement, chain), movement.item_id, movement.id);
    // The next movement is compared with what is stored here, so that one wrong row is one problem.
    chain.hash = movement.hash;
    chain.quantity = movement.quantity_after;
    if (chain.endedEntryIds.has(movement.stock_entry_id)) {
      chain.endedQuantity = plus(chain.endedQuantity, movement.delta);
    } else if (movement.reason !== MovementReason.Removal) chain.entryId = movement.stock_entry_id;
    else {
      chain.entryId = null;
      chain.endedEntryIds = new Set([...chain.endedEntryIds, movement.stock_entry_id]);
    }
    this.movements++;
    this.closeHeads(movement.id);
    this.head = headAfter(this.head, movement);
  }

  end(): void {
    for (const [itemId, chain] of this.chains) this.note(problemOfBalance(chain), itemId, null);
  }

  /** After the end: the hash over all movements up to one of those that were asked for, itself included. */
  headAt(untilId: number): HeadHash {
    return this.heads.get(untilId) ?? this.head;
  }

  private chainOf(itemId: number): Chain {
    let chain = this.chains.get(itemId);
    if (!chain) {
      chain = { hash: null, quantity: NOTHING, entryId: null, endedEntryIds: NONE, endedQuantity: NOTHING };
      this.chains.set(itemId, chain);
    }
    return chain;
  }

  private note(problem: string | undefined, item_id: number, movement_id: number | null): void {
    if (problem === undefined) return;
    this.problems++;
    this.firstProblem ??= { movement_id, item_id, problem };
  }

  /** Those that the next movement does not belong to any more. */
  private closeHeads(nextId: number): void {
    for (let untilId; (untilId = this.untilIds[0]) !== undefined && untilId < nextId; this.untilIds.shift()) {
      this.heads.set(untilId, this.head);
    }
  }
}

function problemOf(movement: StoredMovement, chain: Chain): string | undefined {
  const { quantity_before, delta, quantity_after, reason } = movement;
  if (movement.hash !== movementHash(movement, chain.hash)) {
    return 'Its hash is not that of its content and of the movement before it: it was changed, or the one before it is missing';
  }
  if (quantity_before !== chain.quantity) {
    return `It starts from ${inUnits(quantity_before)}, and the movement before it led to ${inUnits(chain.quantity)}`;
  }
  if (quantity_before + delta !== quantity_after || quantity_before < 0 || quantity_after < 0) {
    return `There is no way from ${inUnits(quantity_before)} by ${inUnits(delta)} to ${inUnits(quantity_after)}`;
  }
  if (reason === MovementReason.Removal && quantity_after !== 0) {
    return `It takes the item out of stock, and leaves ${inUnits(quantity_after)}`;
  }
  if (!isSoundReversal(movement)) return 'It is not the opposite of an earlier movement of the item';
  if (!isSoundCompensation(movement)) return 'It is not the opposite of a movement of the same stock entry';
  return problemOfEntry(movement, chain);
}

/** What happened to an earlier stock entry may be recorded late, whether the item is in stock again or not. */
function problemOfEntry(movement: StoredMovement, chain: Chain): string | undefined {
  const { stock_entry_id, reason, reverses_id } = movement;
  const isBeginning = reason === MovementReason.Initial && reverses_id === null;
  const isLate = chain.endedEntryIds.has(stock_entry_id) && reason !== MovementReason.Removal && !isBeginning;
  if (isLate) return undefined;
  if (chain.entryId === null) {
    return isBeginning ? undefined : 'The item was not in stock, and this did not put it there';
  }
  return isBeginning || stock_entry_id !== chain.entryId
    ? 'It belongs to another stock entry than the movement before it'
    : undefined;
}

function isSoundReversal({
  id,
  item_id,
  delta,
  reverses_id,
  reversed_item_id,
  reversed_delta,
}: StoredMovement): boolean {
  if (reverses_id === null) return true;
  return reverses_id < id && reversed_item_id === item_id && delta + (reversed_delta ?? NaN) === 0;
}

function isSoundCompensation(movement: StoredMovement): boolean {
  if (movement.compensates_id === null) return true;
  return (
    movement.compensated_item_id === movement.item_id &&
    movement.compensated_entry_id === movement.stock_entry_id &&
    movement.delta + (movement.compensated_delta ?? NaN) === 0
  );
}

function problemOfBalance({
  hash: lastHash,
  quantity,
  entryId,
  endedQuantity,
  balance,
}: Chain): string | undefined {
  if (endedQuantity !== 0) {
    return `What was recorded late of its earlier stock entries comes to ${inUnits(endedQuantity)}, not to nothing`;
  }
  if (!balance) {
    return entryId === null ? undefined : `It is not in stock, and its movements leave ${inUnits(quantity)}`;
  }
  const there = `There is ${inUnits(balance.quantity)} in stock`;
  if (lastHash === null) return `${there}, and no movement says so`;
  if (entryId === null) return `${there}, and its last movement took it out`;
  if (balance.quantity !== quantity) return `${there}, and its movements add up to ${inUnits(quantity)}`;
  return balance.id === entryId ? undefined : 'Its stock entry is not the one that its movements belong to';
}

function inUnits(quantity: Thousandths): string {
  return String(fromThousandths(quantity));
}
