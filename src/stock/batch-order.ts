import type { BatchedMovement } from './dto/movement-batch.dto.js';

/**
 * The order in which the movements of a batch are made, as their numbers.
 *
 * By item, so that two batches at once never wait for each other crosswise. The same item's movements count together:
 * what comes is added before what goes is taken away, so that they fail only when there is not enough for all of them.
 * Those that name a quantity, counted or expected, stay where they are, as that is what they were sent for.
 */
export function batchOrder(movements: BatchedMovement[]): number[] {
  const stretches = new Map<number, number>();
  const places = movements.map(({ item_id, delta, counted_quantity, expected_quantity }, index) => {
    let stretch = stretches.get(item_id) ?? 0;
    const isFixed = (counted_quantity ?? expected_quantity) != null;
    if (isFixed) stretch++;
    const place = { index, item_id, stretch, isTaking: Number((delta ?? 0) < 0) };
    stretches.set(item_id, isFixed ? stretch + 1 : stretch);
    return place;
  });
  places.sort(
    (a, b) => a.item_id - b.item_id || a.stretch - b.stretch || a.isTaking - b.isTaking || a.index - b.index,
  );
  return places.map(({ index }) => index);
}
