import { commaSeparated, identifier, type SqlFragment, sql } from '../database/sql.js';

/** What a list can be sorted by. */
export interface SortKey {
  column: string;
  type: ColumnType;
  /** Null sorts as the empty text, so that both engines agree on its place. */
  nullable?: boolean;
  /** No two rows have the same. */
  unique?: boolean;
  /** What rows are sorted by that have the same value here, before their ids. */
  then?: SortKey[];
}

/** Where a row stands in a {@link SortOrder}: the values that it is sorted by. */
export type Position = (string | number)[];

type ColumnType = 'text' | keyof typeof LARGEST;

const LARGEST = { integer: 2 ** 31 - 1, bigint: Number.MAX_SAFE_INTEGER };

const ID: SortKey = { column: 'id', type: 'integer' };

/** A total order of rows: by a key, and by id where rows tie in it, so that no page repeats or skips one. */
export class SortOrder {
  private readonly keys: SortKey[];

  /** @param name what stands for the order in a cursor: the list and the sort */
  constructor(
    readonly name: string,
    private readonly key: SortKey,
    private readonly isDescending: boolean,
  ) {
    this.keys = key.unique ? [key] : [key, ...(key.then ?? []), ID];
  }

  /** What the rows are sorted by first. */
  get column(): string {
    return this.key.column;
  }

  /** For `order by`. */
  get columns(): SqlFragment {
    return commaSeparated(this.expressions.map((part) => (this.isDescending ? sql`${part} desc` : part)));
  }

  /** The rows behind a position, compared as a whole so that an index leads there. */
  isAfter(position: Position): SqlFragment {
    const row = commaSeparated(this.expressions);
    const values = commaSeparated(position.map((value) => sql`${value}`));
    return this.isDescending ? sql`(${row}) < (${values})` : sql`(${row}) > (${values})`;
  }

  positionOf(row: object): Position {
    const values = row as Record<string, string | number | null | undefined>;
    return this.keys.map(({ column }) => values[column] ?? '');
  }

  /** Whether this can be a position in this order, so that either engine compares it. */
  isPosition(values: unknown[]): values is Position {
    return (
      values.length === this.keys.length && this.keys.every(({ type }, index) => fits(type, values[index]))
    );
  }

  private get expressions(): SqlFragment[] {
    return this.keys.map(({ column, nullable }) =>
      nullable ? sql`coalesce(${identifier(column)}, '')` : identifier(column),
    );
  }
}

/** The orders that a list offers, by what a client calls them; the first is the one it has unless asked. */
export type SortOrders = ReadonlyMap<string, SortOrder>;

/**
 * Each key in both directions: `name`, and `-name` for descending.
 *
 * @param options descendingFirst: offers the descending one before the other
 */
export function offerSortOrders(
  list: string,
  keys: Record<string, SortKey>,
  options: { descendingFirst?: boolean } = {},
): SortOrders {
  const directions = options.descendingFirst ? [true, false] : [false, true];
  return new Map(
    Object.entries(keys).flatMap(([key, sortKey]) =>
      directions.map((isDescending) => {
        const name = isDescending ? `-${key}` : key;
        return [name, new SortOrder(`${list} ${name}`, sortKey, isDescending)];
      }),
    ),
  );
}

function fits(type: ColumnType, value: unknown): boolean {
  if (type === 'text') return typeof value === 'string' && value.isWellFormed() && !value.includes('\0');
  return Number.isSafeInteger(value) && Math.abs(value as number) <= LARGEST[type];
}
