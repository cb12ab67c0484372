import { commaSeparated, identifier, type SqlFragment, sql } from '../database/sql.js';

/** A column that a list can be sorted by. */
export interface SortKey {
  column: string;
  type: ColumnType;
  /** NULL sorts as an empty text, so that both engines agree. */
  nullable?: boolean;
  /** No two rows have the same value. */
  unique?: boolean;
  /** Sorts rows with equal values, before their ids do. */
  then?: SortKey[];
}

/** The position of a row in a {@link SortOrder}: the values that it is sorted by. */
export type Position = (string | number)[];

type ColumnType = 'text' | keyof typeof MAX_VALUES;

const MAX_VALUES = { integer: 2 ** 31 - 1, bigint: Number.MAX_SAFE_INTEGER };

const ID: SortKey = { column: 'id', type: 'integer' };

/** A total order of rows: by a key, and then by id, so that no page repeats or skips a row. */
export class SortOrder {
  private readonly keys: SortKey[];

  /** @param name identifies the order in cursors: the list and the sort */
  constructor(
    readonly name: string,
    private readonly key: SortKey,
    private readonly isDescending: boolean,
  ) {
    this.keys = key.unique ? [key] : [key, ...(key.then ?? []), ID];
  }

  /** The first column to sort by. */
  get column(): string {
    return this.key.column;
  }

  /** The expressions for `order by`. */
  get columns(): SqlFragment {
    return commaSeparated(this.expressions.map((part) => (this.isDescending ? sql`${part} desc` : part)));
  }

  /** Matches the rows after a position. It compares whole rows, so that an index can be used. */
  isAfter(position: Position): SqlFragment {
    const row = commaSeparated(this.expressions);
    const values = commaSeparated(position.map((value) => sql`${value}`));
    return this.isDescending ? sql`(${row}) < (${values})` : sql`(${row}) > (${values})`;
  }

  positionOf(row: object): Position {
    const values = row as Record<string, string | number | null | undefined>;
    return this.keys.map(({ column }) => values[column] ?? '');
  }

  /** Whether the values can be a position in this order, on either engine. */
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

/** The sort orders that a list offers, by their names in queries. The first is the default. */
export type SortOrders = ReadonlyMap<string, SortOrder>;

/**
 * Offers each key in both directions: `name`, and `-name` for descending.
 *
 * @param options descendingFirst: lists the descending one first, so that it can be the default
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
  return Number.isSafeInteger(value) && Math.abs(value as number) <= MAX_VALUES[type];
}
