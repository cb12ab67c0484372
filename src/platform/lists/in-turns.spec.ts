import { setImmediate as nextTurn } from 'node:timers/promises';
import * as fc from 'fast-check';
import { mapInTurns, SLICE, sortInTurns } from './in-turns.js';

const byKey = (one: { key: number }, other: { key: number }) => one.key - other.key;

describe('Work on many rows, in turns', () => {
  it('sorts as toSorted does, equal ones as they came', async () => {
    const lengths = fc.constantFrom(0, 1, 2, SLICE - 1, SLICE, SLICE + 1, 2 * SLICE, 3_500, 5_000);
    await fc.assert(
      fc.asyncProperty(lengths, fc.integer({ min: 1, max: 10_000 }), async (length, keys) => {
        const rows = Array.from({ length }, (_, place) => ({ key: (place * 7_919) % keys, place }));
        expect(await sortInTurns(rows, byKey)).toEqual([...rows].sort(byKey));
      }),
    );
  });

  it('maps as map does', async () => {
    for (const length of [0, 1, SLICE, 2_500]) {
      const rows = Array.from({ length }, (_, place) => place);
      expect(await mapInTurns(rows, (row) => row + 1)).toEqual(rows.map((row) => row + 1));
    }
  });

  it('lets others run in between', async () => {
    const others = { turns: 0, isOver: false };
    const taking = (async () => {
      for (; !others.isOver; others.turns++) await nextTurn();
    })();
    const rows = Array.from({ length: 10_000 }, (_, place) => ({ key: -place }));
    await sortInTurns(await mapInTurns(rows, (row) => row), byKey);
    others.isOver = true;
    await taking;
    expect(others.turns).toBeGreaterThan(30);
  });
});
