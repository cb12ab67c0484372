import type { Database } from '../database/database.js';
import { allOf, identifier, type SqlFragment, sql } from '../database/sql.js';
import { RowStream } from '../database/row-stream.js';
import { arrayOf, ListStream } from './list-stream.js';
import { readAll } from './read-all.js';
import { encodeCursor } from './cursor.js';
import type { SortOrder } from './sort-order.js';
import type { PageRequest } from './page-query.dto.js';

/** The size of a page whose client says where it begins, and not how long it is. */
export const DEFAULT_LIMIT = 100;

/** What a client learns about a page from its headers. */
export interface PageInfo {
  /** How many rows the whole list has. */
  total: number;
  /** The query parameter that asks for the page behind this one, unless this is the last. */
  next?: { cursor: string } | { offset: number };
}

/** A page of a list. Clients get its rows as a bare array, and the rest in headers. */
export class Page<Row> {
  constructor(
    readonly rows: Row[],
    readonly info: PageInfo,
  ) {}

  map<Other>(otherOf: (row: Row) => Other): Page<Other> {
    return new Page(this.rows.map(otherOf), this.info);
  }
}

/** The rows of a list that were asked for: a page of them, all of them, or all of them as a stream where they are many. */
export type List<Row> = Page<Row> | Row[] | RowStream<Row>;

/** A list as a handler returns it. */
export type ListResponse<Body> = Page<Body> | Body[] | ListStream;

/** Turns each row of a list into what clients get of it. */
export function toListResponse<Row, Body>(list: List<Row>, bodyOf: (row: Row) => Body): ListResponse<Body> {
  return list instanceof RowStream ? ListStream.of(list, arrayOf(bodyOf)) : list.map(bodyOf);
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
  return readAll<Row>(database, select(source, condition, sort));
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
  const info: PageInfo = {
    total: await count(database, isWidened(source) ? source.table : source, condition),
  };
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  if (last && rows.length > limit) {
    info.next =
      offset === undefined
        ? { cursor: encodeCursor(sort, sort.positionOf(last)) }
        : { offset: offset + limit };
  }
  return new Page(page, info);
}

function select(source: Source, condition: SqlFragment | undefined, sort: SortOrder): SqlFragment {
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
      ? await database.read<{ total: number | null }>`
          select cast(sum(row_count) as bigint) as total from collection_versions where collection = ${source}`
      : await database.read<{ total: number }>`
          select count(*) as total from ${fragmentOf(source)} ${condition ? sql`where ${condition}` : sql``}`;
  if (counted?.total == null) throw new Error('A table is listed whose rows are not counted');
  return counted.total;
}

function fragmentOf(source: Source): SqlFragment {
  if (typeof source === 'string') return identifier(source);
  return isWidened(source) ? source.rows : source;
}

function isWidened(source: Source): source is { rows: SqlFragment; table: string } {
  return typeof source === 'object' && 'table' in source;
}
