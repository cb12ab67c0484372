import type { Database, Reader } from '../database/database.js';
import { allOf, identifier, SqlFragment, sql } from '../database/sql.js';
import { RowStream } from '../database/row-stream.js';
import { arrayOf, ListStream } from './list-stream.js';
import { readAll } from './read-all.js';
import { encodeCursor } from './cursor.js';
import type { SortOrder } from './sort-order.js';
import type { PageRequest } from './page-query.dto.js';

/** The page size when a client gives none. */
export const DEFAULT_LIMIT = 100;

/** What the headers of a page say. */
export interface PageInfo {
  /** The number of rows in the whole list. */
  total: number;
  /** The query parameter for the next page; absent on the last page. */
  next?: { cursor: string } | { offset: number };
}

/** A page of a list. The response body is an array of its rows; the rest goes into headers. */
export class Page<Row> {
  constructor(
    readonly rows: Row[],
    readonly info: PageInfo,
  ) {}

  map<Other>(otherOf: (row: Row) => Other): Page<Other> {
    return new Page(this.rows.map(otherOf), this.info);
  }
}

/** Separates the body of a response from what its headers say, which only a page has. */
export function separatePage(response: unknown): { rows: unknown; info?: PageInfo } {
  return response instanceof Page ? response : { rows: response };
}

/** A page of a list, the whole list, or the whole list as a stream when it is long. */
export type List<Row> = Page<Row> | Row[] | RowStream<Row>;

/** The list that a handler returns. */
export type ListResponse<Body> = Page<Body> | Body[] | ListStream;

/** Maps each row of a list to what clients get. */
export function toListResponse<Row, Body>(list: List<Row>, bodyOf: (row: Row) => Body): ListResponse<Body> {
  return list instanceof RowStream ? ListStream.of(list, arrayOf(bodyOf)) : list.map(bodyOf);
}

/**
 * Where to read rows: the name of a table, or a select in parentheses followed by an alias. A select that only adds columns to a
 * table names that table, whose rows are then counted without reading them. Others give the number of their rows, or an expression
 * that counts them sooner. What takes long is read beside the requests of others.
 */
export type Source = string | SqlFragment | { rows: SqlFragment; table: string } | CountedSource;

interface CountedSource {
  rows: SqlFragment;
  total: SqlFragment | number;
  takesLong: boolean;
}

/** Reads the rows of a source that meet a condition: a page if the request asks for one, otherwise all of them. */
export async function readList<Row extends object>(
  database: Database,
  source: Source,
  condition: SqlFragment | undefined,
  request: PageRequest,
): Promise<List<Row>> {
  const { sort, limit, cursor, offset } = request;
  if ((limit ?? cursor ?? offset) !== undefined) return readPage(database, source, condition, request);
  return readWholeList<Row>(database, source, condition, sort);
}

/** Reads all rows of a source that meet a condition, as a stream when they are many. */
export function readWholeList<Row extends object>(
  database: Database,
  source: Source,
  condition: SqlFragment | undefined,
  sort: SortOrder,
): Promise<Row[] | RowStream<Row>> {
  const statement = select(source, condition, sort);
  if (takesLong(source)) return Promise.resolve(database.streamAside<Row>`${statement}`);
  return readAll<Row>(database, statement);
}

/** Reads a page, the first one by default. */
export function readPage<Row extends object>(
  database: Database,
  source: Source,
  condition: SqlFragment | undefined,
  request: PageRequest,
): Promise<Page<Row>> {
  const read = (reader: Reader) => pageOf<Row>(reader, source, condition, request);
  return takesLong(source) ? database.fromSnapshot(read) : read(database);
}

async function pageOf<Row extends object>(
  reader: Reader,
  source: Source,
  condition: SqlFragment | undefined,
  { sort, limit = DEFAULT_LIMIT, cursor, offset }: PageRequest,
): Promise<Page<Row>> {
  const behind = cursor && sort.isAfter(cursor);
  const skipped = offset ? sql`offset ${offset}` : sql``;
  // One more row shows whether there is a next page.
  const rows = await reader.read<Row>`
    ${select(source, allOf(condition, behind), sort)} limit ${limit + 1} ${skipped}`;
  const info: PageInfo = {
    total: await count(reader, source, condition),
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

async function count(reader: Reader, source: Source, condition: SqlFragment | undefined): Promise<number> {
  const total = totalOf(source, condition);
  if (typeof total === 'number') return total;
  const [counted] = await reader.read<{ total: number | null }>`select ${total} as total`;
  if (counted?.total == null) throw new Error('A table is listed whose rows are not counted');
  return counted.total;
}

/** Triggers count the rows of a whole table, so that a page costs the same however many rows there are. */
function totalOf(source: Source, condition: SqlFragment | undefined): SqlFragment | number {
  if (typeof source === 'object' && 'table' in source) return totalOf(source.table, condition);
  if (condition) return sql`(select count(*) from ${fragmentOf(source)} where ${condition})`;
  if (typeof source === 'string') {
    return sql`(select cast(sum(row_count) as bigint) from collection_versions where collection = ${source})`;
  }
  if (source instanceof SqlFragment) return sql`(select count(*) from ${source})`;
  return source.total;
}

function takesLong(source: Source): boolean {
  return typeof source === 'object' && 'takesLong' in source && source.takesLong;
}

function fragmentOf(source: Source): SqlFragment {
  if (typeof source === 'string') return identifier(source);
  return source instanceof SqlFragment ? source : source.rows;
}
