import type { Database } from '../database/database.js';
import { allOf, identifier, type SqlFragment, sql } from '../database/sql.js';
import type { RowStream } from '../database/row-stream.js';
import { arrayOf, ListStream } from '../streaming/list-stream.js';
import { readAll } from '../streaming/read-all.js';
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
export function placeOf(answer: unknown): Place | undefined {
  return places.get(answer as object);
}

/** The rows that were asked for: a page of a list, or all of it. */
export class Page<Row> {
  constructor(
    readonly rows: Row[] | RowStream<Row>,
    private readonly place?: Place,
  ) {}

  map<Other>(otherOf: (row: Row) => Other): Page<Other> {
    const { rows } = this;
    return new Page(Array.isArray(rows) ? rows.map(otherOf) : rows.map(otherOf), this.place);
  }

  /** The answer, which stays a bare array: what there is to say of the page, its headers say. */
  answer<Response>(responseOf: (row: Row) => Response): Response[] | ListStream {
    if (!Array.isArray(this.rows)) return ListStream.of(this.rows, arrayOf(responseOf));
    const answer = this.rows.map(responseOf);
    if (this.place) places.set(answer, this.place);
    return answer;
  }
}

/** Reads the rows of a table, or those that meet a condition, in the order and from it the page asked for. */
export async function readPage<Row extends object>(
  database: Database,
  table: string,
  condition: SqlFragment | undefined,
  request: PageRequest,
): Promise<Page<Row>> {
  const { sort, cursor, offset } = request;
  const isPaged = (request.limit ?? cursor ?? offset) !== undefined;
  const select = (where: SqlFragment | undefined): SqlFragment => sql`
    select * from ${identifier(table)} ${where ? sql`where ${where}` : sql``} order by ${sort.columns}`;
  if (!isPaged) return new Page(await readAll<Row>(database, select(condition)));

  const limit = request.limit ?? DEFAULT_LIMIT;
  const behind = cursor && sort.isAfter(cursor);
  const skipped = offset ? sql`offset ${offset}` : sql``;
  // One more than asked for, to see whether there is a next page.
  const rows = await database.read<Row>`
    ${select(allOf(condition, behind))} limit ${limit + 1} ${skipped}`;
  const place: Place = { total: await count(database, table, condition) };
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

/** The rows of a whole table are counted by its triggers: a page then costs the same, however many there are. */
async function count(database: Database, table: string, condition?: SqlFragment): Promise<number> {
  const [counted] = condition
    ? await database.read<{ total: number }>`
        select count(*) as total from ${identifier(table)} where ${condition}`
    : await database.read<{ total: number }>`
        select cast(sum(row_count) as bigint) as total from collection_versions where collection = ${table}`;
  return counted?.total ?? 0;
}
