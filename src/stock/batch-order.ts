import type { BatchedMovement } from './dto/movement-batch.dto.js';

interface Position {
  index: number;
  movement: BatchedMovement;
  /** When it happened, in milliseconds. A movement without a time happens now, after all that have one. */
  time: number;
  /** Whether it states a counted or expected quantity, so that its place in the order matters. */
  isFixed: boolean;
  /** Counts up at each fixed movement of the item: movements of one stretch may change places. */
  stretch: number;
}

/**
 * The order in which the movements of a batch are recorded, as their indexes.
 *
 * They are sorted by item, so that two concurrent batches can't deadlock, and then by time; movements without a time keep the
 * order of the batch. Between movements that state a quantity, additions come first: the batch fails only when there is
 * not enough for all of them.
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

/** Of movements at the same time, a count comes last: it states what is left. */
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
