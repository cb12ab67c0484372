import type { Database } from '../database/database.js';
import { identifier, type SqlFragment, sql } from '../database/sql.js';
import { encodeCursor } from './cursor.js';
import type { PageRequest } from './page-query.dto.js';

/** The size of a page whose client says where it begins, and not how long it is. */
const DEFAULT_LIMIT = 100;

/** Where a page stands in its list. */
export interface Place {
  /** How many rows the whole list has. */
  total: number;
  /** The query parameter that asks for the page behind this one, unless this is the last. */
  next?: { cursor: string } | { offset: number };
}

const places = new WeakMap<object, Place>();

/** Where the page stands that is answered; undefined for an answer that is a whole list, or none. */
export function placeOf(answer: object): Place | undefined {
  return places.get(answer);
}

/** The rows that were asked for: a page of a list, or all of it. */
export class Page<Row> {
  constructor(
    readonly rows: Row[],
    private readonly place?: Place,
  ) {}

  map<Other>(otherOf: (row: Row) => Other): Page<Other> {
    return new Page(this.rows.map(otherOf), this.place);
  }

  /** The answer, which stays a bare array: what there is to say of the page, its headers say. */
  answer<Response>(responseOf: (row: Row) => Response): Response[] {
    const answer = this.rows.map(responseOf);
    if (this.place) places.set(answer, this.place);
    return answer;
  }
}

/** Reads the rows of a table that meet a condition, in the order and from it the page asked for. */
export async function readPage<Row extends object>(
  database: Database,
  table: string,
  condition: SqlFragment,
  request: PageRequest,
): Promise<Page<Row>> {
  const { sort, cursor, offset } = request;
  const isPaged = (request.limit ?? cursor ?? offset) !== undefined;
  const where = sql`from ${identifier(table)} where ${condition}`;
  if (!isPaged) return new Page(await database.read<Row>`select * ${where} order by ${sort.columns}`);

  const limit = request.limit ?? DEFAULT_LIMIT;
  const behind = cursor ? sql`and ${sort.isAfter(cursor)}` : sql``;
  const skipped = offset ? sql`offset ${offset}` : sql``;
  // One more than asked for, to see whether there is a next page.
  const rows = await database.read<Row>`
    select * ${where} ${behind} order by ${sort.columns} limit ${limit + 1} ${skipped}`;
  const [counted] = await database.read<{ total: number }>`select count(*) as total ${where}`;
  const place: Place = { total: counted?.total ?? 0 };
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
