import { LedgerVerification, type StoredMovement } from './ledger-verification.js';
import { HASH_VERSION, type HashedMovement, movementHash } from './movement-hash.js';
import { MovementReason } from './movement-reason.js';
import type { StockMovement } from './stock-movement.entity.js';
import { hundredths, tenThousandths, thousandths, type Unscaled } from '../platform/validation/decimal.js';

type Values = Partial<Unscaled<StoredMovement>>;

/** A ledger of one item, whose hashes fit: whoever wrote it had the program's own way to compute them. */
function verify(...rows: Values[]): LedgerVerification {
  const verification = new LedgerVerification([]);
  let previous: StockMovement | undefined;
  rows.forEach((values, index) => {
    const movement = { ...movementAfter(previous, index + 1), ...(values as Partial<StoredMovement>) };
    const row = { ...movement, hash: String(movementHash(movement, previous?.hash ?? null)) };
    verification.addMovement(row);
    previous = row;
  });
  if (previous) verification.addBalance({ id: 1, item_id: 1, quantity: previous.quantity_after });
  verification.end();
  return verification;
}

function movementAfter(previous: StockMovement | undefined, id: number): Omit<StoredMovement, 'hash'> {
  const quantity_before = previous?.quantity_after ?? thousandths(0);
  return {
    id,
    item_id: 1,
    stock_entry_id: 1,
    item_name: 'Red Apples',
    sku: null,
    delta: thousandths(1000),
    quantity_before,
    quantity_after: thousandths(quantity_before + 1000),
    reason: previous ? MovementReason.Delivery : MovementReason.Initial,
    note: null,
    reference: null,
    occurred_at: '2026-03-01T07:00:00.000Z',
    recorded_at: '2026-03-01T07:00:00.000Z',
    created_by: 1,
    reverses_id: null,
    counted_quantity: null,
    compensates_id: null,
    unit_price: null,
    unit_cost: null,
    cart_id: null,
    hash_version: HASH_VERSION,
    reversed_item_id: null,
    reversed_delta: null,
    compensated_item_id: null,
    compensated_entry_id: null,
    compensated_delta: null,
  };
}

/** As it was written before counts were anchors. */
function movementOfBefore(): HashedMovement {
  return {
    id: 7,
    item_id: 1,
    stock_entry_id: 1,
    item_name: 'Red Apples',
    sku: null,
    delta: thousandths(1000),
    quantity_before: thousandths(0),
    quantity_after: thousandths(1000),
    reason: MovementReason.Initial,
    note: null,
    reference: null,
    occurred_at: '2026-03-01T07:00:00.000Z',
    recorded_at: '2026-03-01T07:00:00.000Z',
    created_by: 1,
    reverses_id: null,
    counted_quantity: null,
    compensates_id: null,
    unit_price: null,
    unit_cost: null,
    cart_id: null,
    hash_version: 1,
  };
}

const REVERSAL = { delta: -1000, quantity_before: 2000, quantity_after: 1000, reverses_id: 2 };
const LATE = { delta: -500, quantity_before: 500, quantity_after: 0 };
const COMPENSATION = {
  delta: 500,
  quantity_before: 0,
  quantity_after: 500,
  reason: MovementReason.Count,
  compensated_item_id: 1,
  compensated_entry_id: 1,
  compensated_delta: -500,
};
const REMOVAL = { delta: -1000, quantity_after: 0, reason: MovementReason.Removal };

describe('A ledger whose hashes fit', () => {
  it('is sound when each movement goes on from the one before', () => {
    const { movements, items, problems, firstProblem } = verify({}, {}, {}, { id: 17 });
    expect([movements, items, problems, firstProblem]).toEqual([4, 1, 0, null]);
  });

  it('is sound when a movement was undone, the first one included', () => {
    const { problems } = verify(
      {},
      {},
      { ...REVERSAL, reversed_item_id: 1, reversed_delta: 1000 },
      { delta: 0, quantity_after: 1000 },
      {
        delta: -1000,
        quantity_after: 0,
        reason: MovementReason.Initial,
        reverses_id: 1,
        reversed_item_id: 1,
        reversed_delta: 1000,
      },
    );
    expect(problems).toBe(0);
  });

  it('is sound when the item was taken out of stock and put there again', () => {
    expect(
      verify({ stock_entry_id: 7 }, { stock_entry_id: 7, ...REMOVAL }, { reason: MovementReason.Initial })
        .problems,
    ).toBe(0);
  });

  it('is sound when something of an earlier stock entry was recorded late, with its compensation before it', () => {
    const entry = { stock_entry_id: 7 };
    const again = { quantity_before: 0, quantity_after: 1000, reason: MovementReason.Initial };
    const late = [
      { ...entry, ...COMPENSATION, compensates_id: 4, compensated_entry_id: 7 },
      { ...entry, ...LATE, reason: MovementReason.Sale },
    ];
    expect(verify(entry, { ...entry, ...REMOVAL }, ...late, again).problems).toBe(0);
    const shifted = { quantity_before: 1000, quantity_after: 1500, compensates_id: 5 };
    const [compensation, sale] = late;
    expect(
      verify(
        entry,
        { ...entry, ...REMOVAL },
        again,
        { ...compensation, ...shifted },
        { ...sale, quantity_before: 1500, quantity_after: 1000 },
      ).problems,
    ).toBe(0);
  });

  it('is not sound with a late movement of an earlier stock entry that has no compensation', () => {
    const entry = { stock_entry_id: 7 };
    const late = { ...entry, delta: 1000, quantity_after: 1000, reason: MovementReason.Delivery };
    const again = { delta: 0, quantity_after: 1000, reason: MovementReason.Initial };
    expect(verify(entry, { ...entry, ...REMOVAL }, late, again).firstProblem).toEqual({
      movement_id: null,
      item_id: 1,
      problem: 'What was recorded late of its earlier stock entries comes to 1, not to nothing',
    });
  });

  it('keeps the versions of the hash, each of which says nothing of what it does not cover', () => {
    const first = movementOfBefore();
    const second = { ...first, counted_quantity: thousandths(1000), hash_version: 2 };
    const prices = { unit_price: hundredths(399), unit_cost: tenThousandths(21_250), cart_id: 5 };
    const third = { ...second, ...prices, hash_version: 3 };
    expect([first, second, third].map((movement) => movementHash(movement, null))).toEqual([
      'c2e99412cd3a2f01df5fc20ba2540a6d82b610208290a5567b014f698627e91b',
      'f6137cfead6dd78b3901aa9d3b73156e99671d70bfc0beb99abf72e6417a0c8a',
      'c20c4ee0341cc489501e223c123b9a5a25b92f32c108e5f3a6a0cd49bff5c66d',
    ]);
    expect(movementHash({ ...first, counted_quantity: thousandths(0) }, null)).toBeUndefined();
    for (const [field, value] of Object.entries(prices)) {
      expect(movementHash({ ...second, [field]: value }, null)).toBeUndefined();
    }
    expect(movementHash({ ...first, hash_version: HASH_VERSION + 1 }, null)).toBeUndefined();
  });

  it.each<[string, number, Values[], string]>([
    [
      'a movement that starts from elsewhere',
      2,
      [{}, { quantity_before: 0, quantity_after: 1000 }],
      'It starts from 0, and the movement before it led to 1',
    ],
    [
      'a first one that does not start from nothing',
      1,
      [{ quantity_before: 5, quantity_after: 1005 }],
      'It starts from 0.005, and the movement before it led to 0',
    ],
    ['a delta that leads elsewhere', 2, [{}, { delta: 1 }], 'There is no way from 1 by 0.001 to 2'],
    [
      'less than nothing',
      2,
      [{}, { delta: -1001, quantity_after: -1 }],
      'There is no way from 1 by -1.001 to -0.001',
    ],
    [
      'a first one that is not initial',
      1,
      [{ reason: MovementReason.Delivery }],
      'The item was not in stock, and this did not put it there',
    ],
    [
      'what comes after a removal and is not initial',
      3,
      [{}, REMOVAL, { stock_entry_id: 2 }],
      'The item was not in stock, and this did not put it there',
    ],
    [
      'a second initial one',
      2,
      [{}, { reason: MovementReason.Initial }],
      'It belongs to another stock entry than the movement before it',
    ],
    [
      'another stay in between',
      2,
      [{}, { stock_entry_id: 2 }, {}],
      'It belongs to another stock entry than the movement before it',
    ],
    [
      'a removal that leaves something',
      2,
      [{}, { ...REMOVAL, delta: -999, quantity_after: 1 }],
      'It takes the item out of stock, and leaves 0.001',
    ],
    [
      'a compensation of nothing',
      3,
      [
        {},
        {},
        {
          ...COMPENSATION,
          quantity_before: 2000,
          quantity_after: 2500,
          compensates_id: 9,
          compensated_delta: null,
        },
      ],
      'It is not the opposite of a movement of the same stock entry',
    ],
    [
      'a compensation of more',
      3,
      [
        {},
        {},
        {
          ...COMPENSATION,
          quantity_before: 2000,
          quantity_after: 2500,
          compensates_id: 2,
          compensated_delta: -499,
        },
      ],
      'It is not the opposite of a movement of the same stock entry',
    ],
    [
      'a compensation of another stock entry’s',
      3,
      [
        {},
        {},
        {
          ...COMPENSATION,
          quantity_before: 2000,
          quantity_after: 2500,
          compensates_id: 2,
          compensated_entry_id: 7,
        },
      ],
      'It is not the opposite of a movement of the same stock entry',
    ],
    [
      'a reversal of nothing',
      3,
      [{}, {}, REVERSAL],
      'It is not the opposite of an earlier movement of the item',
    ],
    [
      'a reversal of another item’s',
      3,
      [{}, {}, { ...REVERSAL, reversed_item_id: 2, reversed_delta: 1000 }],
      'It is not the opposite of an earlier movement of the item',
    ],
    [
      'a reversal of more',
      3,
      [{}, {}, { ...REVERSAL, reversed_item_id: 1, reversed_delta: 1001 }],
      'It is not the opposite of an earlier movement of the item',
    ],
    [
      'a reversal of a later one',
      3,
      [{}, {}, { ...REVERSAL, reverses_id: 4, reversed_item_id: 1, reversed_delta: 1000 }],
      'It is not the opposite of an earlier movement of the item',
    ],
  ])('is not sound with %s', (_, movement_id, rows, problem) => {
    expect(verify(...rows).firstProblem).toEqual({ movement_id, item_id: 1, problem });
  });
});
