import { LedgerVerification, type StoredMovement } from './ledger-verification.js';
import { movementHash } from './movement-hash.js';
import { MovementReason } from './movement-reason.js';
import type { StockMovement } from './stock-movement.entity.js';

type Values = Partial<StoredMovement>;

/** A ledger of one item, whose hashes fit: whoever wrote it had the program's own way to compute them. */
function verify(...rows: Values[]): LedgerVerification {
  const verification = new LedgerVerification([]);
  let previous: StockMovement | undefined;
  rows.forEach((values, index) => {
    const movement = { ...movementAfter(previous, index + 1), ...values };
    const row = { ...movement, hash: movementHash(movement, previous?.hash ?? null) };
    verification.addMovement(row);
    previous = row;
  });
  if (previous) verification.addBalance({ id: 1, item_id: 1, quantity: previous.quantity_after });
  verification.end();
  return verification;
}

function movementAfter(previous: StockMovement | undefined, id: number): Omit<StoredMovement, 'hash'> {
  const quantity_before = previous?.quantity_after ?? 0;
  return {
    id,
    item_id: 1,
    stock_entry_id: 1,
    item_name: 'Red Apples',
    sku: null,
    delta: 1000,
    quantity_before,
    quantity_after: quantity_before + 1000,
    reason: previous ? MovementReason.Delivery : MovementReason.Initial,
    note: null,
    reference: null,
    occurred_at: '2026-03-01T07:00:00.000Z',
    recorded_at: '2026-03-01T07:00:00.000Z',
    created_by: 1,
    reverses_id: null,
    reversed_item_id: null,
    reversed_delta: null,
  };
}

const REVERSAL = { delta: -1000, quantity_before: 2000, quantity_after: 1000, reverses_id: 2 };
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
      [{}, REMOVAL, {}],
      'The item was not in stock, and this did not put it there',
    ],
    [
      'a second initial one',
      2,
      [{}, { reason: MovementReason.Initial }],
      'It belongs to another stay in stock than the movement before it',
    ],
    [
      'another stay in between',
      2,
      [{}, { stock_entry_id: 2 }, {}],
      'It belongs to another stay in stock than the movement before it',
    ],
    [
      'a removal that leaves something',
      2,
      [{}, { ...REMOVAL, delta: -999, quantity_after: 1 }],
      'It takes the item out of stock, and leaves 0.001',
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
