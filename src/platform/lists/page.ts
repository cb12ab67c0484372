import type { Database } from '../database/database.js';
import { allOf, identifier, type SqlFragment, sql } from '../database/sql.js';
import type { RowStream } from '../database/row-stream.js';
import { arrayOf, ListStream } from './list-stream.js';
import { readAll } from './read-all.js';
import { encodeCursor } from './cursor.js';
import type { Order } from './order.js';
import type { PageRequest } from './page-query.dto.js';

/** The size of a page whose client says where it begins, and not how long it is. */
export const DEFAULT_LIMIT = 100;

/** Where a page stands in its list. */
export interface Place {
  /** How many rows the whole list has. */
  total: number;
  /** The query parameter that asks for the page behind this one, unless this is the last. */
  next?: { cursor: string } | { offset: number };
}

const places = new WeakMap<object, Place>();

/** Where the page stands that is answered; undefined for an answer that is a whole list, or none. */
export function placeOf(answer: unknown): Place | undefined {
  return places.get(answer as object);
}

/** The rows that were asked for: a page of a list, or all of it. */
export interface List<Row> {
  readonly rows: Row[] | RowStream<Row>;

  map<Other>(otherOf: (row: Row) => Other): List<Other>;

  /** The answer, which stays a bare array: what there is to say of a page, its headers say. */
  answer<Response>(responseOf: (row: Row) => Response): Response[] | ListStream;
}

export class Page<Row> implements List<Row> {
  constructor(
    readonly rows: Row[],
    private readonly place: Place,
  ) {}

  map<Other>(otherOf: (row: Row) => Other): Page<Other> {
    return new Page(this.rows.map(otherOf), this.place);
  }

  answer<Response>(responseOf: (row: Row) => Response): Response[] {
    const answer = this.rows.map(responseOf);
    places.set(answer, this.place);
    return answer;
  }
}

class WholeList<Row> implements List<Row> {
  constructor(readonly rows: Row[] | RowStream<Row>) {}

  map<Other>(otherOf: (row: Row) => Other): WholeList<Other> {
    const { rows } = this;
    return new WholeList(Array.isArray(rows) ? rows.map(otherOf) : rows.map(otherOf));
  }

  answer<Response>(responseOf: (row: Row) => Response): Response[] | ListStream {
    const { rows } = this;
    return Array.isArray(rows) ? rows.map(responseOf) : ListStream.of(rows, arrayOf(responseOf));
  }
}

/**
 * What rows to read from: a table's name, or a select in parentheses with a name behind it. A select that has the rows of a
 * table, and more columns, may name the table, so that the rows are counted there.
 */
type Source = string | SqlFragment | { rows: SqlFragment; table: string };

/** Reads the rows of a source, or those that meet a condition, in the order asked for: a page of them if one was. */
export async function readList<Row extends object>(
  database: Database,
  source: Source,
  condition: SqlFragment | undefined,
  request: PageRequest,
): Promise<List<Row>> {
  const { sort, limit, cursor, offset } = request;
  if ((limit ?? cursor ?? offset) !== undefined) return readPage(database, source, condition, request);
  return new WholeList(await readAll<Row>(database, select(source, condition, sort)));
}

/** Reads a page of them, whether one was asked for or not. */
export async function readPage<Row extends object>(
  database: Database,
  source: Source,
  condition: SqlFragment | undefined,
  { sort, limit = DEFAULT_LIMIT, cursor, offset }: PageRequest,
): Promise<Page<Row>> {
  const behind = cursor && sort.isAfter(cursor);
  const skipped = offset ? sql`offset ${offset}` : sql``;
  // One more than asked for, to see whether there is a next page.
  const rows = await database.read<Row>`
    ${select(source, allOf(condition, behind), sort)} limit ${limit + 1} ${skipped}`;
  const place: Place = { total: await count(database, isWidened(source) ? source.table : source, condition) };
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  if (last && rows.length > limit) {
    place.next =
      offset === undefined
        ? { cursor: encodeCursor(sort, sort.positionOf(last)) }
        : { offset: offset + limit };
  }
  return new Page(page, place);
}

function select(source: Source, condition: SqlFragment | undefined, sort: Order): SqlFragment {
  const where = condition ? sql`where ${condition}` : sql``;
  return sql`select * from ${fragmentOf(source)} ${where} order by ${sort.columns}`;
}

/** The rows of a whole table are counted by its triggers: a page then costs the same, however many there are. */
async function count(
  database: Database,
  source: string | SqlFragment,
  condition?: SqlFragment,
): Promise<number> {
  const [counted] =
    typeof source === 'string' && !condition
      ? await database.read<{ total: number }>`
          select cast(sum(row_count) as bigint) as total from collection_versions where collection = ${source}`
      : await database.read<{ total: number }>`
          select count(*) as total from ${fragmentOf(source)} ${condition ? sql`where ${condition}` : sql``}`;
  return counted?.total ?? 0;
}

function fragmentOf(source: Source): SqlFragment {
  if (typeof source === 'string') return identifier(source);
  return isWidened(source) ? source.rows : source;
}

function isWidened(source: Source): source is { rows: SqlFragment; table: string } {
  return typeof source === 'object' && 'table' in source;
}
