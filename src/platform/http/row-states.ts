import type { RowState } from '../database/row-version.js';

const states = new WeakMap<object, RowState>();

/** Notes beside an answer which state of which row it shows: clients read that in the `ETag`, not among the fields. */
export function showing<Response extends object>(row: RowState, answer: Response): Response {
  states.set(answer, { id: row.id, version: row.version });
  return answer;
}

export function stateShownBy(answer: unknown): RowState | undefined {
  return states.get(answer as object);
}
