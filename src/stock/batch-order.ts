import type { BatchedMovement } from './dto/movement-batch.dto.js';

interface Position {
  index: number;
  movement: BatchedMovement;
  /** When it happened, in milliseconds. What has no time happens now, after everything that has. */
  time: number;
  /** Whether it names a quantity, counted or expected, which is what it was sent for. */
  isFixed: boolean;
  /** How many of the item's movements before it are fixed, or are separated by one that is. */
  stretch: number;
}

/**
 * The order in which the movements of a batch are made, as their indexes.
 *
 * By item, so that two batches at once never wait for each other crosswise; of an item by when they happened, and in the
 * order they were sent in where they give no time. Between those that name a quantity they count together: what comes is
 * added before what goes is taken away, so that they fail only when there is not enough for all of them.
 */
export function batchOrder(movements: BatchedMovement[]): number[] {
  const positions = movements.map((movement, index): Position => {
    const { counted_quantity, expected_quantity, occurred_at } = movement;
    return {
      index,
      movement,
      time: occurred_at == null ? Infinity : Date.parse(occurred_at),
      isFixed: (counted_quantity ?? expected_quantity) != null,
      stretch: 0,
    };
  });
  positions.sort((a, b) => a.movement.item_id - b.movement.item_id || byTime(a, b) || a.index - b.index);
  countStretches(positions);
  positions.sort(
    (a, b) =>
      a.movement.item_id - b.movement.item_id ||
      a.stretch - b.stretch ||
      Number(isTaking(a)) - Number(isTaking(b)),
  );
  return positions.map(({ index }) => index);
}

/** At one and the same moment, a count comes last: it says what is left. */
function byTime(a: Position, b: Position): number {
  if (a.time !== b.time) return a.time - b.time;
  return a.time === Infinity ? 0 : Number(isCount(a)) - Number(isCount(b));
}

function countStretches(positions: Position[]): void {
  let [itemId, stretch] = [NaN, 0];
  for (const position of positions) {
    if (position.movement.item_id !== itemId) [itemId, stretch] = [position.movement.item_id, 0];
    position.stretch = position.isFixed ? ++stretch : stretch;
    if (position.isFixed) stretch++;
  }
}

function isCount({ movement }: Position): boolean {
  return movement.counted_quantity != null;
}

function isTaking({ movement }: Position): boolean {
  return (movement.delta ?? 0) < 0;
}
