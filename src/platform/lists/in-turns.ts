import { setImmediate as nextTurn } from 'node:timers/promises';

/** So many rows are a millisecond or two of work. */
export const SLICE = 250;

/** The rows in slices, between which requests run. */
export async function* slicesInTurns<Row>(rows: readonly Row[], size = SLICE): AsyncGenerator<Row[]> {
  for (let start = 0; start < rows.length; start += size) {
    if (start > 0) await nextTurn();
    yield rows.slice(start, start + size);
  }
}

/** As `forEach`, with requests that run in between. */
export async function forEachInTurns<Row>(rows: readonly Row[], work: (row: Row) => void): Promise<void> {
  for await (const slice of slicesInTurns(rows)) slice.forEach(work);
}

/** As `map`, with requests that run in between. */
export async function mapInTurns<Row, Other>(
  rows: readonly Row[],
  otherOf: (row: Row) => Other,
): Promise<Other[]> {
  const others: Other[] = [];
  for await (const slice of slicesInTurns(rows)) others.push(...slice.map(otherOf));
  return others;
}

/** As `toSorted`, with requests that run in between: slices are sorted, and then merged, two by two. */
export async function sortInTurns<Row>(
  rows: readonly Row[],
  compare: (one: Row, other: Row) => number,
): Promise<Row[]> {
  let runs: Row[][] = [];
  for await (const slice of slicesInTurns(rows)) runs.push(slice.sort(compare));
  while (runs.length > 1) {
    const merged: Row[][] = [];
    for (let index = 0; index < runs.length; index += 2) {
      merged.push(await mergeInTurns(runs[index] ?? [], runs[index + 1] ?? [], compare));
    }
    runs = merged;
  }
  return runs[0] ?? [];
}

async function mergeInTurns<Row>(
  left: readonly Row[],
  right: readonly Row[],
  compare: (one: Row, other: Row) => number,
): Promise<Row[]> {
  const merged: Row[] = [];
  let [fromLeft, fromRight] = [0, 0];
  while (fromLeft < left.length && fromRight < right.length) {
    if (merged.length % SLICE === SLICE - 1) await nextTurn();
    const isLeft = compare(left[fromLeft] as Row, right[fromRight] as Row) <= 0;
    merged.push((isLeft ? left[fromLeft++] : right[fromRight++]) as Row);
  }
  return merged.concat(left.slice(fromLeft), right.slice(fromRight));
}
